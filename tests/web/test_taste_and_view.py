"""More and less like this, and a mail as a page: the links beside a paper and below a mail."""

import re
from pathlib import Path

import pytest

from newsletter.store import ledger
from newsletter.store.editions import latest_edition
from newsletter.store.engine import Store
from newsletter.store.ledger import Ending, Planned, Printed, State
from subscribers import roster, taste
from subscribers.links import Purpose
from tests.web.publishing import paper, publish
from tests.web.site import NOW, Site

PAPER = "arxiv:2603.00001"


@pytest.fixture
def reader(site: Site, embedded: Store) -> int:
    publish(embedded, [paper(1), paper(2, title="Cooking <script>soup</script> in $O(n)$")])
    return site.enrol()


def door(site: Site, number: int, wish: str, key: str = PAPER) -> str:
    return f"/taste/{site.token(Purpose.TASTE, number)}/{wish}/{key}"


def hers(site: Site, number: int) -> taste.Taste:
    with site.store.reading() as connection:
        return taste.of(connection, [number])[number]


@pytest.mark.parametrize("wish", ["more", "less"])
def test_a_link_shows_the_paper_and_a_button_records_what_she_wishes(
    site: Site, reader: int, wish: str
) -> None:
    path = door(site, reader, wish)
    for method in ("GET", "HEAD", "OPTIONS"):
        assert site.ask(method, path).status in {200, 204}
    assert hers(site, reader) == taste.Taste()
    page = site.get(path).text
    assert "Language models in O(n¹)" in re.sub("<sup>1</sup>", "¹", page)
    forms = re.findall(r'action="([^"]+)"', page)
    assert forms[0] == path, "the one she followed stands first"
    assert "Noted" in site.post(forms[0]).text
    assert getattr(hers(site, reader), wish) == (PAPER,)
    assert "Noted" in site.post(forms[1]).text
    other = "less" if wish == "more" else "more"
    assert getattr(hers(site, reader), other) == (PAPER,)
    assert getattr(hers(site, reader), wish) == ()


def test_what_she_wished_can_be_taken_back_again_and_again(site: Site, reader: int) -> None:
    page = site.post(door(site, reader, "more"))
    back = next(path for path in re.findall(r'action="([^"]+)"', page.text) if "neither" in path)
    for _ in range(2):
        assert "Taken back" in site.post(back).text
        assert hers(site, reader) == taste.Taste()


def test_a_hostile_title_is_only_text(site: Site, reader: int) -> None:
    page = site.get(door(site, reader, "less", "arxiv:2603.00002")).text
    assert "<script" not in page
    assert "&lt;script&gt;soup" in page


@pytest.mark.parametrize("wish", ["more/", "less", "perhaps", "more", "neither"])
@pytest.mark.parametrize("key", ["arxiv:2699.99999", "nobody", "", "%00", "x" * 5000, "../../etc"])
def test_a_paper_or_wish_that_is_none_is_missing(
    site: Site, reader: int, wish: str, key: str
) -> None:
    for method in ("GET", "POST"):
        assert site.ask(method, door(site, reader, wish, key)).status in {404, 405}
    assert hers(site, reader) == taste.Taste()


@pytest.mark.parametrize("purpose", [each for each in Purpose if each is not Purpose.TASTE])
def test_a_token_for_something_else_opens_no_taste(
    site: Site, reader: int, purpose: Purpose
) -> None:
    path = f"/taste/{site.token(purpose, reader)}/more/{PAPER}"
    assert site.get(path).status == site.post(path).status == 404
    assert hers(site, reader) == taste.Taste()


def test_who_left_or_was_erased_has_no_taste_any_more(site: Site, reader: int) -> None:
    path = door(site, reader, "more")
    with site.store.writing() as connection:
        roster.withdraw(connection, reader, NOW)
    assert "no further mail" in site.post(path).text
    with site.store.writing() as connection:
        roster.erase(connection, reader, NOW)
    assert "no further mail" in site.post(path).text
    assert hers(site, reader) == taste.Taste()


def mailed(site: Site, number: int, state: State = State.SENT) -> str:
    """The page of a mail in this state."""
    with site.store.writing() as connection:
        edition = latest_edition(connection)
        assert edition is not None
        printed = (Printed(paper(2).id, "Because of soup & <i>"),)
        skipped = "no_match" if state is State.SKIPPED else None
        row = Planned(number, NOW, NOW, printed, skipped, (paper(1).id,))
        ledger.plan(connection, edition.number, [row], NOW)
        if state is State.SENT:
            (claimed,) = ledger.claim(connection, "run", 1, NOW)
            ledger.record(connection, [Ending(claimed.number, state, "250")], NOW)
    return f"/view/{site.token(Purpose.VIEW, number)}/{edition.number}"


@pytest.mark.parametrize("format_", ["html", "text"])
def test_a_mail_is_shown_as_it_was_sent_without_her_address(
    site: Site, embedded: Store, format_: str
) -> None:
    publish(embedded, [paper(1), paper(2)])
    number = site.enrol(format=format_)
    path = mailed(site, number)
    page = site.get(path)
    assert page.status == 200
    assert "ada@" not in page.text
    assert "Because of soup &amp; &lt;i&gt;" in page.text
    assert site.token(Purpose.UNSUBSCRIBE, number) in page.text
    assert "no-store" in page.headers["cache-control"]
    policy = page.headers["content-security-policy"]
    assert "script" not in policy
    assert "default-src 'none'" in policy
    assert site.get(path).text == page.text


def test_a_mail_that_never_was_has_no_page(site: Site, embedded: Store, tmp_path: Path) -> None:
    publish(embedded, [paper(1), paper(2)])
    number, other = site.enrol(), site.enrol("ben@example.org")
    skipped = site.get(mailed(site, number, State.SKIPPED))
    token = site.token(Purpose.VIEW, other)
    for edition in ("1", "2", "0", "-1", "x", "9" * 400, "1e3", "%D9%A1", "1/2"):
        assert site.get(f"/view/{token}/{edition}").status == 404
    shown = mailed(site, other)
    with site.store.writing() as connection:
        roster.erase(connection, other, NOW)
    erased = site.get(shown)
    assert (erased.status, erased.text) == (404, skipped.text)
    assert "There is nothing to be shown here any more" in erased.text
    assert "mail program" not in erased.text
    assert "Perhaps the mail program cut it" in site.get(shown.replace("/view/", "/view/x")).text
