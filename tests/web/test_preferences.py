"""Preferences over HTTP: every wish, taps, pauses, the taste and the preview."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest

from newsletter.settings import RelaySettings
from newsletter.store.engine import Store
from subscribers import roster, taste
from subscribers.links import Purpose
from subscribers.model import Breadth, Format, Frequency, Preferences, State, Subscriber, Weekday
from tests.edges.handing import free_port
from tests.web.publishing import CATALOGUE, paper, publish
from tests.web.site import NOW, Answered, Site, served, site_settings

TYPED = {
    "keywords": "diffusion models\r\n\r\n pruning \r\npruning",
    "muted_keywords": "benchmark",
    "authors": "Lovelace, Ada\r\nAlan Turing",
    "frequency": "weekly",
    "weekday": "wed",
    "hour": "18",
    "timezone": "Europe/Berlin",
    "max_papers": "5",
    "format": "text",
    "breadth": "first",
}
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</textarea></option><svg onload=alert(1)>",
    "{{7*7}}{% raise %}",
    "a\0b",
    "a\r\nBcc: eve@example.org\r\n\r\n",
    "\u202egnp.exe",
    "９",
    "-1",
    "1e9",
    "x" * 20_000,
]


@pytest.fixture
def site(tmp_path: Path, embedded: Store) -> Iterator[Site]:
    """With a relay that is away."""
    relay = RelaySettings(host="127.0.0.1", port=free_port(), security="none")
    with served(embedded, site_settings(tmp_path, relay=relay)) as running:
        yield running


@pytest.fixture
def either(tmp_path: Path, store: Store) -> Iterator[Site]:
    """The same on both stores."""
    relay = RelaySettings(host="127.0.0.1", port=free_port(), security="none")
    with served(store, site_settings(tmp_path, relay=relay)) as running:
        yield running


def door(site: Site, number: int) -> str:
    return f"/preferences/{site.token(Purpose.PREFERENCES, number)}"


def send(site: Site, number: int, do: str, **fields: str) -> Answered:
    return site.post(door(site, number), urlencode({"do": do, **fields}))


def her(site: Site, number: int) -> Subscriber:
    reader = site.reader(number)
    assert reader is not None
    return reader


def test_every_wish_is_kept_as_it_was_typed_and_shown_again(either: Site) -> None:
    site = either
    number = site.enrol(topics=("nlp",))
    answer = send(site, number, "save", **TYPED)
    assert (answer.status, "Saved." in answer.text) == (200, True)
    assert her(site, number).preferences == Preferences(
        topics=("nlp",),
        keywords=("diffusion models", "pruning"),
        muted_keywords=("benchmark",),
        authors=("Lovelace, Ada", "Alan Turing"),
        frequency=Frequency.WEEKLY,
        weekday=Weekday.WED,
        hour=18,
        timezone="Europe/Berlin",
        max_papers=5,
        format=Format.TEXT,
        breadth=Breadth.FIRST,
    )
    page = site.get(door(site, number)).text
    assert "placeholder" not in page  # which looks like a value
    for shown in (">\ndiffusion models\npruning</textarea>", '"wed" selected', '"18" selected'):
        assert shown in page
    assert 'value="Europe/Berlin"' in page
    assert "every Wednesday at 6:00 PM (Europe/Berlin)" in page


def test_saving_what_the_page_shows_changes_nothing(site: Site) -> None:
    number = site.enrol(keywords=("pruning",))
    page = site.get(door(site, number)).text
    fields = {"muted_keywords": "", "authors": "", "max_papers": "", "keywords": "pruning"}
    for name, options in re.findall(
        r'<select id="\w+" name="(\w+)".*?>(.*?)</select>', page, re.DOTALL
    ):
        (fields[name],) = re.findall(r'value="(\w+)" selected', options)
    (fields["timezone"],) = re.findall(r'name="timezone"[^>]* value="([^"]+)"', page)
    assert fields.keys() == TYPED.keys()
    assert send(site, number, "save", **fields).status == 200
    assert her(site, number).preferences == Preferences(keywords=("pruning",))
    assert site.noted == []


def test_a_topic_is_followed_muted_and_left_by_one_tap(site: Site) -> None:
    number = site.enrol()
    for tap, followed, muted in (
        ("follow nlp", ("nlp",), ()),
        ("follow robotics", ("nlp", "robotics"), ()),
        ("mute nlp", ("robotics",), ("nlp",)),
        ("follow nlp", ("robotics", "nlp"), ()),
        ("neither robotics", ("nlp",), ()),
    ):
        page = site.get(door(site, number)).text
        assert f'value="{tap}"' in page
        assert send(site, number, tap).status == 200
        wishes = her(site, number).preferences
        assert (wishes.topics, wishes.muted_topics) == (followed, muted)


def test_what_she_follows_stands_on_top_and_the_group_she_tapped_in_stays_open(site: Site) -> None:
    number = site.enrol(topics=("nlp", "agents", "gone"), muted_topics=("music",))
    page = site.get(door(site, number)).text
    assert re.findall(r'aria-label="Stop (\w+): ([^"]+)"', page) == [
        ("following", "Natural language processing"),
        ("following", "Agents"),
        ("muting", "Music"),
    ]
    (group,) = re.findall(r'<summary>(.+) <span class="mark">(.+)</span>', page)
    assert group == ("Language and sound", "2 followed, 1 muted")
    assert "<details open" not in page.replace(' class="fold"', "")
    page = send(site, number, "follow robotics").text
    (opened,) = re.findall(r'<details class="fold" open>\s*<summary>([^<]+) <', page)
    assert opened == "Robots and decisions"


def test_jump_links_name_every_section_and_what_has_a_page_of_its_own(site: Site) -> None:
    number = site.enrol()
    page = site.get(door(site, number)).text
    jumps = re.findall(r'href="([^"]+)"', page.partition("On this page")[2].partition("</nav>")[0])
    sections = re.findall(r'<section aria-labelledby="(\w+)">', page)
    assert jumps[:-3] == [f"#{name}" for name in sections]
    own = door(site, number)
    leaving = f"/unsubscribe/{site.token(Purpose.UNSUBSCRIBE, number)}"
    assert jumps[-3:] == [f"{own}/address", f"{own}/own", leaving]


@pytest.mark.parametrize("do", ["", "follow", "follow nowhere", "mute <b>", "erase", "save\0"])
def test_what_no_button_says_is_refused_and_changes_nothing(site: Site, do: str) -> None:
    number = site.enrol(topics=("nlp",))
    assert send(site, number, do, **TYPED).status == 400
    assert her(site, number).preferences == Preferences(topics=("nlp",))


@pytest.mark.parametrize("field", TYPED)
def test_hostile_values_are_refused_or_kept_and_always_shown_escaped(
    site: Site, field: str
) -> None:
    number = site.enrol()
    for value in HOSTILE:
        before = her(site, number).preferences
        answer = send(site, number, "save", **{**TYPED, field: value})
        assert answer.status in {200, 422}
        assert "<script" not in answer.text
        assert "<img" not in answer.text
        assert "<svg" not in answer.text
        assert not set("\0\u202e") & set(answer.text)
        if "{{" in value and f'<select id="{field}"' not in answer.text:
            assert value in answer.text
        if answer.status == 422:
            assert f'id="{field}-fault"' in answer.text
            assert f'aria-describedby="{field}-fault"' in answer.text
            assert her(site, number).preferences == before


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("keywords", "a\0b"),
        ("keywords", "x" * 101),
        ("muted_keywords", "\n".join(map(str, range(101)))),
        ("authors", "\u202eAda"),
        ("frequency", "hourly"),
        ("weekday", ""),
        ("hour", "24"),
        ("timezone", "../../etc/passwd"),
        ("timezone", ""),
        ("max_papers", "0"),
        ("format", "pdf"),
        ("breadth", "all"),
    ],
)
def test_a_bad_value_saves_nothing_and_is_shown_again_beside_the_others(
    site: Site, field: str, value: str
) -> None:
    number = site.enrol()
    answer = send(site, number, "save", **{**TYPED, field: value})
    assert answer.status == 422
    assert re.findall(r'id="(\w+)-fault"', answer.text) == [field]
    assert her(site, number).preferences == Preferences()
    kept = "diffusion models" if field != "keywords" else "Alan Turing"
    assert kept in answer.text


def test_of_several_bad_values_the_first_is_shown_first(site: Site) -> None:
    bad = {**TYPED, "timezone": "Mars/Phobos", "max_papers": "0", "hour": "24"}
    page = send(site, site.enrol(), "save", **bad).text
    assert page.count("aria-invalid") == 3
    assert re.findall(r'id="(\w+)"[^>]* autofocus', page) == ["hour"]


def test_bodies_that_are_no_forms_are_refused_whole(site: Site) -> None:
    number = site.enrol()
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    surrogate = b"do=save&keywords=%ed%a0%80&" + urlencode(TYPED).encode()
    assert site.ask("POST", door(site, number), surrogate, form).status in {200, 422}
    assert send(site, number, "save", **{**TYPED, "keywords": "x" * 64 * 1024}).status == 413
    assert site.ask("POST", door(site, number), b"{}", {"Content-Type": "text/json"}).status == 415
    assert [told.fault for told in site.told_soon(3)] == [None] * 3


def test_she_pauses_for_a_week_or_until_a_day_and_ends_it(site: Site) -> None:
    number = site.enrol(timezone="Pacific/Kiritimati")  # where it is the 15th from 10:00 UTC before
    assert 'id="pause"' in site.get(door(site, number)).text
    assert "June 22, 2026" in send(site, number, "week").text
    assert her(site, number).paused_until == date(2026, 6, 22)
    assert "July 1, 2026" in send(site, number, "until", until="2026-07-01").text
    assert (her(site, number).state, her(site, number).paused_until) == (
        State.PAUSED,
        date(2026, 7, 1),
    )
    assert 'value="resume"' in site.get(door(site, number)).text
    assert send(site, number, "resume").status == 200
    assert her(site, number).state is State.ACTIVE
    assert 'value="resume"' not in site.get(door(site, number)).text


@pytest.mark.parametrize(
    "until",
    ["", "soon", "2026-06-15", "2020-01-01", "9999-12-31", "2026-13-01", "<b>", "2026-07-01\0"],
)
def test_a_pause_until_no_day_to_come_is_refused(site: Site, until: str) -> None:
    number = site.enrol()
    answer = send(site, number, "until", until=until)
    assert answer.status == 422
    assert 'id="until-fault"' in answer.text
    assert her(site, number).state is State.ACTIVE


def test_get_head_and_options_change_nothing(site: Site) -> None:
    number = site.enrol(topics=("nlp",))
    before = her(site, number)
    for do in ("resume", "week", "follow robotics", "reset"):
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            path = f"{door(site, number)}?{urlencode({'do': do, **TYPED})}"
            assert site.ask(method, path, urlencode({"do": do})).status in {200, 204, 405}
    assert her(site, number) == before
    assert site.noted == []


def test_every_other_token_opens_nothing(site: Site) -> None:
    number = site.enrol()
    token = site.token(Purpose.PREFERENCES, number)
    others = [site.token(each, number) for each in Purpose if each is not Purpose.PREFERENCES]
    for text in (*others, token[:-1], token + "A", token.swapcase(), "%00", "x" * 10_000):
        for method in ("GET", "POST"):
            answer = site.ask(method, f"/preferences/{text}")
            assert answer.status == 404
            assert "link does not work" in answer.text
    assert her(site, number).preferences == Preferences()


@pytest.mark.parametrize("way", ["left", "barred", "erased"])
def test_who_is_gone_is_told_so_kindly_and_not_brought_back(site: Site, way: str) -> None:
    number = site.enrol()
    with site.store.writing() as connection:
        if way == "left":
            roster.withdraw(connection, number, NOW)
        elif way == "barred":
            roster.suppress(connection, number, "bounced", NOW)
        else:
            roster.erase(connection, number, NOW)
    gone = site.reader(number)
    answers = [site.get(door(site, number))]
    answers += [send(site, number, do, **TYPED) for do in ("save", "week", "resume", "reset")]
    assert {answer.status for answer in answers} == {200}
    assert all("You get no further mail" in answer.text for answer in answers)
    assert 'href="/subscribe"' in answers[0].text
    assert site.reader(number) == gone


def test_the_address_is_never_shown_whole_and_nobody_else_is_shown(site: Site) -> None:
    site.enrol("eve@example.net", keywords=("secret",))
    number = site.enrol("ada.lovelace@example.org")
    send(site, number, "save", **TYPED)
    for topic in CATALOGUE.slugs[:20]:
        page = send(site, number, f"follow {topic}").text
    assert "a***@example.org" in page
    assert "lovelace@" not in page
    assert "secret" not in page
    assert "<script" not in page
    assert f'href="{door(site, number)}/address"' in page
    assert len(page.encode()) < 50_000


def test_she_hears_once_of_many_taps_and_not_of_what_is_light(site: Site) -> None:
    number = site.enrol(frequency=Frequency.WEEKLY, weekday=Weekday.WED, hour=18)
    light = {**TYPED, "keywords": "", "muted_keywords": "", "authors": "", "timezone": "UTC"}
    assert send(site, number, "save", **light).status == 200
    assert her(site, number).preferences.max_papers == 5
    for topic in ("nlp", "robotics", "agents"):
        send(site, number, f"follow {topic}")
    send(site, number, "week")
    site.now += timedelta(hours=1)
    send(site, number, "resume")
    assert site.noted_soon(2) == ["changed", "changed"]


def test_a_restart_forgets_nobody_who_was_told_and_another_page_tells_her_no_more(
    tmp_path: Path, store: Store
) -> None:
    settings = site_settings(
        tmp_path, relay=RelaySettings(host="127.0.0.1", port=free_port(), security="none")
    )
    with served(store, settings) as first:
        number = first.enrol()
        send(first, number, "follow nlp")
    assert [note.notice for note in first.noted] == ["changed"]
    with served(store, settings) as second:
        send(second, number, "follow robotics")
        second.post(f"/unsubscribe/{second.token(Purpose.UNSUBSCRIBE, number)}/weekly")
    assert second.noted == []
    assert her(second, number).preferences.frequency is Frequency.WEEKLY


def test_what_she_seems_to_like_is_told_and_forgotten(either: Site) -> None:
    site = either
    words = {"title": "Pruning $O(n)$ networks", "abstract": "Pruning makes networks sparse."}
    pruning = [paper(n, **words) for n in (1, 2, 3)]
    publish(site.store, [*pruning, *(paper(n) for n in range(4, 31))])
    number = site.enrol()
    assert "Nothing is known of it yet" in site.get(door(site, number)).text
    with site.store.writing() as connection:
        taste.ask(connection, number, "arxiv:2603.00001", True, NOW)
        taste.ask(connection, number, "arxiv:2603.00002", True, NOW)
        taste.ask(connection, number, "arxiv:2603.00009", False, NOW)
        taste.ask(connection, number, "doi:10.1000/<b>", True, NOW)
    page = site.get(door(site, number)).text
    assert "pruning" in page.partition("You seem to like: ")[2].partition("</p>")[0]
    assert "Pruning O(n) networks" in page
    assert "doi:10.1000/&lt;b&gt;" in page
    assert "Nothing is known of it yet" in send(site, number, "reset").text
    with site.store.reading() as connection:
        assert taste.of(connection, [number])[number].papers == ()
    assert site.noted_soon(1) == ["changed"]


def test_what_whoever_holds_a_forwarded_mail_made_forgotten_she_takes_back(either: Site) -> None:
    site, number = either, either.enrol()
    assert 'value="recall"' not in site.get(door(site, number)).text
    with site.store.writing() as connection:
        taste.ask(connection, number, "arxiv:2603.00001", True, NOW)
    send(site, number, "reset")
    leaving = f"/unsubscribe/{site.token(Purpose.UNSUBSCRIBE, number)}"
    site.post(leaving)
    site.post(f"{leaving}/undo")
    site.now += timedelta(hours=23)
    assert 'value="recall"' in site.get(door(site, number)).text
    page = send(site, number, "recall").text
    assert "counts again" in page
    assert "arxiv:2603.00001" in page
    assert 'value="recall"' not in page
    send(site, number, "reset")
    site.now += timedelta(days=1)
    assert 'value="recall"' not in site.get(door(site, number)).text
    assert "Nothing is known of it yet" in send(site, number, "recall").text


def test_the_preview_shows_what_the_wishes_bring_before_and_after_saving(site: Site) -> None:
    number = site.enrol()
    assert "The first edition is yet to come out" in site.get(door(site, number)).text
    publish(site.store, [paper(1, title="On pruning"), paper(2, title="On merging")])
    page = site.get(door(site, number)).text
    assert "On pruning" in page
    assert "On merging" in page
    wishes = {
        **TYPED,
        "keywords": "pruning",
        "authors": "",
        "muted_keywords": "",
        "breadth": "only",
    }
    looked = send(site, number, "look", **wishes)
    assert "Keyword: pruning" in looked.text
    assert "On merging" not in looked.text
    assert "not saved yet" in looked.text
    assert her(site, number).preferences == Preferences()
    assert send(site, number, "look", **{**wishes, "hour": "25"}).status == 422
    assert "On merging" not in send(site, number, "save", **wishes).text
    muted = {**wishes, "muted_keywords": "pruning"}
    assert "there would be no mail" in unescape(send(site, number, "save", **muted).text)
