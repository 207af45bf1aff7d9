"""Leaving by the page and by one click, however it is asked."""

import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from newsletter.delivery.replies import Concern, Deferred, Doubtful
from newsletter.demo.mailbox import Mailbox
from newsletter.settings import RelaySettings
from newsletter.store.engine import Store
from newsletter.web import serving
from subscribers import roster
from subscribers.addresses import Address
from subscribers.links import Purpose
from subscribers.model import Frequency, State
from tests.edges.handing import free_port
from tests.web.site import KEY, NOW, Answered, Site, served, site_settings

ONE_CLICK = "List-Unsubscribe=One-Click"
BUTTON = "by=page"
BOUNDARY = "x-boundary"
MULTIPART = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\n'
    f"One-Click\r\n--{BOUNDARY}--\r\n"
)
BASE64URL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@pytest.fixture
def site(tmp_path: Path, store: Store) -> Site:  # type: ignore[misc]  # a generator
    """On both stores, with a relay that is away."""
    relay = RelaySettings(host="127.0.0.1", port=free_port(), security="none")
    with served(store, site_settings(tmp_path, relay=relay)) as running:
        yield running


def door(site: Site, number: int) -> str:
    return f"/unsubscribe/{site.token(Purpose.UNSUBSCRIBE, number)}"


def state(site: Site, number: int) -> State | None:
    reader = site.reader(number)
    return reader.state if reader else None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK, "application/x-www-form-urlencoded"),
        (MULTIPART, f"multipart/form-data; boundary={BOUNDARY}"),
        (ONE_CLICK, None),
        ("", None),
    ],
)
def test_one_click_is_enough_in_whatever_form_it_comes(
    site: Site, body: str, kind: str | None
) -> None:
    number = site.enrol()
    answer = site.ask("POST", door(site, number), body, {"Content-Type": kind} if kind else {})
    assert answer.status == 200
    assert "location" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert state(site, number) is State.UNSUBSCRIBED


def test_get_head_and_options_change_nothing(site: Site) -> None:
    number = site.enrol()
    for path in (door(site, number), f"{door(site, number)}/pause", f"{door(site, number)}/weekly"):
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
            assert site.ask(method, path).status in {200, 204, 405}
    assert site.noted == []
    reader = site.reader(number)
    assert reader is not None
    assert (reader.state, reader.preferences.frequency) == (State.ACTIVE, None)


def test_every_form_of_the_page_works_without_a_script(site: Site) -> None:
    number = site.enrol()
    page = site.get(door(site, number))
    assert "<script" not in page.text
    assert "ada@" not in page.text
    paths = re.findall(r'<form[^>]* action="([^"]+)"', page.text)
    assert paths == [door(site, number) + end for end in ("", "/pause", "/weekly")]
    assert site.post(paths[2]).status == 200
    reader = site.reader(number)
    assert reader is not None
    assert reader.preferences.frequency is Frequency.WEEKLY
    assert "/weekly" not in site.get(door(site, number)).text
    assert "July 13, 2026" in site.post(paths[1]).text
    assert state(site, number) is State.PAUSED
    site.post(paths[0])
    assert state(site, number) is State.UNSUBSCRIBED


def test_who_chooses_once_a_week_in_a_pause_is_told_that_the_pause_goes_on(site: Site) -> None:
    number = site.enrol()
    site.post(door(site, number) + "/pause")
    page = site.post(door(site, number) + "/weekly").text
    assert "Your pause goes on until Monday, July 13, 2026." in page
    assert "From now on" not in page
    assert state(site, number) is State.PAUSED
    with site.store.writing() as connection:
        roster.pause(connection, number, None, NOW)
    assert "Once you end it" in site.post(door(site, number) + "/weekly").text
    with site.store.writing() as connection:
        roster.resume(connection, number, NOW)
    assert "From now on you get one mail" in site.post(door(site, number) + "/weekly").text


@pytest.mark.parametrize("way", ["/pause", "/weekly", "/undo"])
def test_every_page_leads_on_and_none_to_what_the_link_does_not_open(site: Site, way: str) -> None:
    number = site.enrol()
    if way == "/undo":
        left = site.post(door(site, number)).text
        assert left.index("Take it back") < left.index('href="/subscribe"')
        assert "Subscribe again" not in left
    page = site.post(door(site, number) + way).text
    content = page.partition("<main")[2].partition("</main>")[0]
    assert re.findall(r'href="([^"]+)"', content) == ["/"]
    assert "“Change topics” in any of your mails" in content


def test_leaving_may_be_repeated_for_ever_and_always_says_the_same(site: Site) -> None:
    number = site.enrol()
    first = site.post(door(site, number), BUTTON)
    again = site.post(door(site, number))
    with site.store.writing() as connection:
        roster.erase(connection, number, NOW)
    erased = site.post(door(site, number))
    assert (first.status, first.text) == (again.status, again.text) == (erased.status, erased.text)
    assert site.noted_soon(1) == ["goodbye"]  # the relay that is away cost nobody a change


@pytest.mark.parametrize("barred", [True, False])
def test_who_is_gone_is_not_brought_back_by_pausing(site: Site, barred: bool) -> None:
    number = site.enrol()
    with site.store.writing() as connection:
        if barred:
            roster.suppress(connection, number, "bounced", NOW)
        else:
            roster.withdraw(connection, number, NOW)
    gone = state(site, number)
    for end in ("", "/pause", "/weekly"):
        assert site.post(door(site, number) + end).status == 200
    assert state(site, number) is gone


def test_of_two_hundred_clicks_at_once_all_are_answered_also_once_she_is_erased(
    site: Site,
) -> None:
    number = site.enrol()
    path = door(site, number)
    at_once = Barrier(200)

    def click(_turn: int) -> int:
        at_once.wait(30)
        return site.post(path, BUTTON).status

    with ThreadPoolExecutor(200) as crowd:
        assert set(crowd.map(click, range(200))) == {200}
        assert state(site, number) is State.UNSUBSCRIBED
        with site.store.writing() as connection:
            roster.erase(connection, number, NOW)
        assert set(crowd.map(click, range(200))) == {200}
    assert state(site, number) is None
    assert site.noted_soon(1) == ["goodbye"]


def test_who_reads_does_not_wait_behind_clicks_that_wait_for_another_writer(site: Site) -> None:
    doors = [door(site, site.enrol(f"r{number}@example.org")) for number in range(60)]
    with ThreadPoolExecutor(60) as crowd:
        with site.store.writing():
            clicks = [crowd.submit(site.post, path, ONE_CLICK) for path in doors]
            wait(clicks, 0.3)
            assert site.get(doors[0]).status == 200
        assert {click.result().status for click in clicks} == {200}


def test_after_one_click_there_is_no_further_mail_not_even_a_goodbye(site: Site) -> None:
    number = site.enrol()
    assert site.post(door(site, number), ONE_CLICK).status == 200
    other = site.enrol("ben@example.org")
    site.post(door(site, other), BUTTON)
    assert site.noted_soon(1) == ["goodbye"]
    assert [note.subscriber for note in site.noted] == [other]


def test_every_other_token_is_one_and_the_same_kind_refusal(site: Site) -> None:
    number = site.enrol()
    token = site.token(Purpose.UNSUBSCRIBE, number)
    others = [
        site.token(purpose, number) for purpose in Purpose if purpose is not Purpose.UNSUBSCRIBE
    ]
    broken = [
        token[:-1],
        token + "A",
        token + "=",
        token.swapcase(),
        "x" * 10_000,
        "%00",
        "%ed%a0%80",
    ]
    answers = [site.post(f"/unsubscribe/{text}") for text in (*others, *broken)]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "link does not work" in answers[0].text
    assert state(site, number) is State.ACTIVE


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 34), character=st.sampled_from(BASE64URL))
def test_a_token_with_any_character_changed_opens_nothing(
    site: Site, at: int, character: str
) -> None:
    number = site.enrol()
    token = site.token(Purpose.UNSUBSCRIBE, number)
    changed = token[:at] + character + token[at + 1 :]
    if changed != token:
        assert site.post(f"/unsubscribe/{changed}").status == 404
    assert state(site, number) is State.ACTIVE


def test_the_link_of_an_old_mail_works_for_ever_under_a_key_that_signs_no_more(
    tmp_path: Path, embedded: Store
) -> None:
    newer = "another-key-for-tests-of-32-characters-or-more"
    with served(embedded, site_settings(tmp_path)) as site:
        number = site.enrol()
        old = door(site, number)
    with served(embedded, site_settings(tmp_path, secret_keys=f"{newer} {KEY}")) as site:
        site.now = NOW + timedelta(days=3650)
        assert door(site, number) != old
        assert site.post(old, ONE_CLICK).status == 200
    assert state(site, number) is State.UNSUBSCRIBED


def test_she_hears_of_it_by_mail_after_the_answer(tmp_path: Path, embedded: Store) -> None:
    with Mailbox(tmp_path / "mail") as box:
        relay = RelaySettings(host="127.0.0.1", port=box.port, security="none")
        with served(embedded, site_settings(tmp_path, relay=relay)) as site:
            number = site.enrol()
            site.post(f"{door(site, number)}/weekly")
            assert site.noted_soon(1) == ["changed"]
            site.post(door(site, number), BUTTON)
        # The server has ended, and finished what it had begun.
        assert [note.notice for note in site.noted] == ["changed", "goodbye"]
        mails = [path.read_bytes() for path in (tmp_path / "mail/new").iterdir()]
    assert len(mails) == 2
    assert all(b"\r\nTo: ada@example.org\r\n" in octets for octets in mails)


def test_a_notice_that_the_end_of_the_server_cuts_off_is_told(
    tmp_path: Path,
    embedded: Store,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(serving, "GRACE_SECONDS", 1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        relay = RelaySettings(host="127.0.0.1", port=port, security="none")
        with served(embedded, site_settings(tmp_path, relay=relay)) as site:
            numbers = [site.enrol(f"reader{turn}@example.org") for turn in range(3)]
            assert {site.post(door(site, number), BUTTON).status for number in numbers} == {200}
        # Two are under way at a time.
        cut = Doubtful("the server ended before an answer came")
        waited = Deferred("the server ended before it was offered", Concern.SENDER)
        assert [note.outcome for note in site.noted].count(cut) == 2
        assert {note.outcome for note in site.noted} == {cut, waited}
    assert sorted(note.subscriber for note in site.noted) == numbers
    assert [told.fault for told in site.told] == [None] * 3
    assert capfd.readouterr().err == ""


def test_a_forged_host_stands_nowhere_in_the_answer(site: Site) -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "x"}
    answer: Answered = site.ask("GET", door(site, site.enrol()), headers=forged)
    assert "evil" not in answer.text + repr(answer.headers)


def test_who_was_erased_is_offered_nothing_to_take_back(site: Site) -> None:
    number = site.enrol()
    with site.store.writing() as connection:
        roster.erase(connection, number, NOW)
    page = site.get(door(site, number)).text
    assert "You get no further mail" in page
    assert "undo" not in page


def test_leaving_is_taken_back_for_a_day_and_no_longer(site: Site) -> None:
    number = site.enrol(topics=("nlp",))
    undo = door(site, number) + "/undo"
    site.post(door(site, number))
    assert undo in site.get(door(site, number)).text
    assert "Welcome back" in site.post(undo).text
    reader = site.reader(number)
    assert reader is not None
    assert (reader.state, reader.preferences.topics) == (State.ACTIVE, ("nlp",))
    site.post(door(site, number))
    site.now = NOW + timedelta(days=1, seconds=1)
    late = site.post(undo).text
    assert "any more" in late
    assert 'href="/subscribe"' in late
    assert state(site, number) is State.UNSUBSCRIBED


def test_leaving_is_taken_back_three_times_a_day_and_no_mailbox_fills(site: Site) -> None:
    number = site.enrol()
    for _ in range(3):
        site.post(door(site, number), BUTTON)
        assert "Welcome back" in site.post(door(site, number) + "/undo").text
    site.post(door(site, number), BUTTON)
    assert "any more" in site.post(door(site, number) + "/undo").text
    assert state(site, number) is State.UNSUBSCRIBED
    assert sorted(site.noted_soon(5)) == ["changed", *["goodbye"] * 4]


@pytest.mark.parametrize("gone", [roster.withdraw, roster.erase])
def test_only_a_departure_by_the_link_is_taken_back(
    site: Site, gone: Callable[[Connection, int, datetime], bool]
) -> None:
    number = site.enrol()
    with site.store.writing() as connection:
        gone(connection, number, NOW)
    before = state(site, number)
    assert site.post(door(site, number) + "/undo").status == 200
    assert state(site, number) is before
    assert site.noted == []


def test_who_never_confirmed_cannot_come_in_by_leaving_and_taking_it_back(site: Site) -> None:
    with site.store.writing() as connection:
        number = roster.expect(connection, Address.parse("bob@example.org"), NOW)
    assert number is not None
    site.post(door(site, number))
    site.post(door(site, number) + "/undo")
    assert state(site, number) is State.UNSUBSCRIBED


def test_who_left_by_the_operators_hand_later_stays_away(site: Site) -> None:
    number = site.enrol()
    site.post(door(site, number))
    site.post(door(site, number) + "/undo")
    with site.store.writing() as connection:
        roster.withdraw(connection, number, NOW)
    site.post(door(site, number))
    site.post(door(site, number) + "/undo")
    assert state(site, number) is State.UNSUBSCRIBED
