"""The mails in a real browser: narrow and wide, light and dark, without styles or pictures.

The numbers are what the best templates of others reach, or better.
"""

from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from tests.edges.browsing import (
    CHROMIUM,
    PHONE,
    WIDTHS,
    Gallery,
    Look,
    blocked,
    gallery,
    outlook,
    stripped,
)
from tests.edges.letters import WITH_HTML, html_of
from tests.inbox.mails import mails

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not here")
every_mail = pytest.mark.parametrize("name", WITH_HTML)

BODY, SMALLEST = 16, 13  # px: letters
THUMB = 44  # px: what a thumb hits
LINE = 640  # px: what an eye follows
DARK, LIGHT = 60, 180  # mean luminance, at most and at least
FURNITURE, PAPER = 160, 390  # px on a phone, at most
PIXEL = 16  # px: an image less wide or high is there to be fetched, not to be seen


@pytest.fixture(scope="module")
def browser() -> Iterator[Gallery]:
    mails()  # uses asyncio.run(), which fails while the gallery is open
    with gallery() as opened:
        yield opened


def looks(browser: Gallery, html: str) -> Iterator[tuple[str, Look]]:
    """How the mail looks to readers of every kind but those with Outlook for Windows."""
    for width in WIDTHS:
        yield f"light, {width} px", browser.look(html, width)
        yield f"dark, {width} px", browser.look(html, width, dark=True)
        yield f"without <style>, {width} px", browser.look(stripped(html), width)
        yield f"without images, {width} px", browser.look(blocked(html), width)


def sticking_out(browser: Gallery, html: str) -> Iterator[str]:
    for where, look in looks(browser, html):
        room = int(where.split()[-2])
        if look.needs > room or look.right > room + 0.5 or look.left < -0.5:
            yield f"{where}: from {look.left} to {max(look.needs, look.right)}"


def long_lines_in_outlook(browser: Gallery, html: str) -> Iterator[str]:
    look = browser.look(outlook(html), max(WIDTHS))
    if look.longest > LINE:
        yield f"{look.longest} px"


def small_letters(browser: Gallery, html: str) -> Iterator[str]:
    for where, look in looks(browser, html):
        if look.usual < BODY:
            yield f"{where}: most letters have {look.usual} px"
        if look.smallest[0] < SMALLEST:
            yield f"{where}: {look.smallest}"


def small_links(browser: Gallery, html: str) -> Iterator[str]:
    for where, look in looks(browser, html):
        for height, words in look.links:
            if height < THUMB:
                yield f"{where}: {words!r} is {height} px high"


def barriers(browser: Gallery, html: str) -> Iterator[str]:
    """What keeps a reader out who sees little or hears the mail."""
    yield from (f"light: {found}" for found in browser.violations(html))
    yield from (f"dark: {found}" for found in browser.violations(html, dark=True))
    yield from (f"without <style>: {found}" for found in browser.violations(stripped(html)))


def dull_or_dazzling(browser: Gallery, html: str) -> Iterator[str]:
    if (mean := browser.lightness(html)) < LIGHT:
        yield f"light: {mean}"
    if (mean := browser.lightness(html, dark=True)) > DARK:
        yield f"dark: {mean}"


def fetched_things(browser: Gallery, html: str) -> Iterator[str]:
    """Everything but one image that can be seen."""
    asked = browser.fetched(html)
    small = any(min(size) < PIXEL for size in browser.look(html, PHONE).images)
    if len(asked) > 1 or small:
        yield f"{asked}, {'some' if small else 'none'} too small to see"


def furniture(browser: Gallery, html: str) -> Iterator[str]:
    """What a phone shows instead of papers."""
    headings = browser.look(html, PHONE).headings
    if headings[0] >= FURNITURE:
        yield f"the first paper begins at {headings[0]} px"
    heights = [below - above for above, below in pairwise(headings)]
    if heights and (mean := sum(heights) / len(heights)) > PAPER:
        yield f"a paper takes {mean} px: {heights}"


@every_mail
def test_nothing_sticks_out_of_any_window(browser: Gallery, name: str) -> None:
    assert [*sticking_out(browser, html_of(name))] == []


@every_mail
def test_lines_stay_short_in_outlook(browser: Gallery, name: str) -> None:
    assert [*long_lines_in_outlook(browser, html_of(name))] == []


@every_mail
def test_everything_is_large_enough_to_be_read(browser: Gallery, name: str) -> None:
    assert [*small_letters(browser, html_of(name))] == []


@every_mail
def test_a_thumb_hits_every_link_outside_of_sentences(browser: Gallery, name: str) -> None:
    assert [*small_links(browser, html_of(name))] == []


@every_mail
def test_axe_finds_no_barrier(browser: Gallery, name: str) -> None:
    assert [*barriers(browser, html_of(name))] == []


@every_mail
def test_the_mail_is_light_by_day_and_dark_by_night(browser: Gallery, name: str) -> None:
    assert [*dull_or_dazzling(browser, html_of(name))] == []


@every_mail
def test_opening_the_mail_tells_nobody(browser: Gallery, name: str) -> None:
    assert [*fetched_things(browser, html_of(name))] == []


def test_readers_cannot_be_told_apart_by_what_their_mails_fetch(browser: Gallery) -> None:
    assert len({url for name in WITH_HTML for url in browser.fetched(html_of(name))}) <= 1


@pytest.mark.parametrize("name", ["one", "ten", "weekly"])
def test_a_phone_shows_papers_not_furniture(browser: Gallery, name: str) -> None:
    assert [*furniture(browser, html_of(name))] == []


GOOD = """\
<!DOCTYPE html><html lang="en"><head><title>One</title><style>
@media (prefers-color-scheme: dark) {
  body { background: #111 !important; color: #ddd !important }
  a { color: #9cf !important }
}
</style></head><body style="margin: 0 8px; font-size: 16px; background-color: #fff; color: #222">
<!--[if mso]><table role="presentation" width="620"><tr><td><![endif]-->
<main style="max-width: 620px"><h1 style="font-size: 24px; margin: 0">Paper Round</h1>
<h2>A paper about seeing</h2><p>{words} <a href="https://example.org/">More</a></p>
<p><a href="https://example.org/pdf" style="display: inline-block; padding: 14px 0">PDF</a></p>
</main>
<!--[if mso]></td></tr></table><![endif]-->
</body></html>
""".replace("{words}", "This paper is about what the eye sees and the ear does not. " * 8)


@pytest.mark.parametrize(
    ("judge", "sound", "broken"),
    [
        (sticking_out, "<p>", '<p style="width: 320px">'),
        (sticking_out, "<p>", '<p style="margin-left: -20px">'),
        (sticking_out, "<p>", "<p>" + "long" * 40),
        (sticking_out, "<p>", '<p><img src="https://example.org/a" alt="A">'),
        (
            sticking_out,
            "<p>",
            '<style>p { width: auto !important }</style><p style="width: 999px">',
        ),
        (long_lines_in_outlook, ' width="620"', ""),
        (long_lines_in_outlook, "<!--[if mso]><table", "<!--[if !mso]><table"),
        (small_letters, "16px", "15px"),
        (small_letters, "</main>", '<p style="font-size: 12px">Leave</p></main>'),
        (small_links, "14px", "10px"),
        (barriers, ' lang="en"', ""),
        (barriers, "h1", "h3"),
        (barriers, "; color: #222", "; color: #888"),
        (barriers, "#9cf", "#236"),
        (barriers, "</style>", "p { background: #222; color: #fff } </style>"),
        (dull_or_dazzling, "#111", "#777"),
        (dull_or_dazzling, "#fff", "#888"),
        (fetched_things, "<p>", '<p><img src="https://example.org/a" width="1" height="1">'),
        (fetched_things, "<p>", '<p><img src="https://a.org/a"><img src="https://a.org/b">'),
        (fetched_things, "</main>", '<iframe src="https://a.org/"></iframe><img src="//a.org/b">'),
        (furniture, "<h2>", '<h2 style="padding-top: 150px; margin-top: 150px">'),
        (furniture, "</main>", '<h2 style="margin-top: 300px">Another</h2></main>'),
    ],
)
def test_each_judge_sees_what_it_is_for(
    browser: Gallery, judge: Callable[[Gallery, str], Iterator[str]], sound: str, broken: str
) -> None:
    assert [*judge(browser, GOOD)] == []
    assert [*judge(browser, GOOD.replace(sound, broken))] != []
