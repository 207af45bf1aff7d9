"""Her own rows: a copy of them, and erasing them, by a link freshly mailed to her."""

import json
from datetime import timedelta

import pytest

from subscribers import roster
from subscribers.addresses import Address
from subscribers.errors import HasLeft
from subscribers.links import Purpose
from subscribers.model import Consent, Preferences
from tests.web.inbox import Inbox, link_in
from tests.web.site import NOW, Site

ASKED = pytest.mark.parametrize("what", ["copy", "erase"])


def ask(site: Site, number: int, what: str) -> str:
    return f"/preferences/{site.token(Purpose.PREFERENCES, number)}/{what}"


def test_a_copy_has_all_that_is_kept_of_her_and_comes_once(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol(topics=("nlp",))
    page = site.get(ask(site, number, "own"))
    assert ask(site, number, "copy") in page.text
    assert "ada@" not in page.text
    assert "Look into your inbox" in site.post(ask(site, number, "copy")).text
    mail = inbox.newest(1)
    assert mail["To"] == "ada@example.org"
    link = link_in(mail, "copy")
    copy = inbox.posted(link)
    assert copy.headers["content-type"] == "application/json"
    assert copy.headers["cache-control"] == "no-store"
    assert copy.headers["content-disposition"].startswith("attachment;")
    held = json.loads(copy.text)
    assert (held["address"], held["preferences"]) == ("ada@example.org", {"topics": ["nlp"]})
    assert held["consents"][0]["ground"] == "she asked"
    assert (held["taste"], held["deliveries"], held["asked"]) == ([], [], [])
    assert (site.get(link).status, site.post(link).status) == (404, 404)


def test_erasing_leaves_nothing_that_says_who_she_was(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    site.post(ask(site, number, "erase"))
    link = link_in(inbox.newest(1), "erase")
    assert "You are forgotten" in inbox.posted(link).text
    assert site.reader(number) is None
    assert (site.get(link).status, site.post(link).status) == (404, 404)
    assert "You get no further mail" in site.get(ask(site, number, "own")).text
    assert "You get no further mail" in site.post(ask(site, number, "copy")).text
    ada, consent = Address.parse("ada@example.org"), Consent("a list", "a file", NOW)
    with site.store.writing() as connection, pytest.raises(HasLeft):
        roster.enrol(connection, ada, "", Preferences(), consent)
    assert len(inbox.mails(1)) == 1


def test_whom_no_more_links_go_to_today_is_told_so(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    for _ in range(3):
        assert "Look into your inbox" in site.post(ask(site, number, "copy")).text
    assert "No link was sent" in site.post(ask(site, number, "erase")).text
    assert len(inbox.mails(3)) == 3
    site.now = NOW + timedelta(days=1, minutes=1)
    assert "Look into your inbox" in site.post(ask(site, number, "erase")).text


@ASKED
def test_looking_at_a_link_neither_hands_out_nor_erases(inbox: Inbox, what: str) -> None:
    site, number = inbox.site, inbox.site.enrol()
    assert site.get(ask(site, number, what)).status == 405
    site.post(ask(site, number, what))
    link = link_in(inbox.newest(1), what)
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        answer = site.ask(method, link)
        assert answer.status in {200, 204, 405}
        assert "ada@" not in answer.text
    assert site.reader(number) is not None
    site.now = NOW + timedelta(hours=1)
    assert (site.get(link).status, site.post(link).status) == (404, 404)
    assert site.reader(number) is not None


@ASKED
def test_no_other_link_hands_out_or_erases(inbox: Inbox, what: str) -> None:
    site, number = inbox.site, inbox.site.enrol()
    site.post(ask(site, number, what))
    token = link_in(inbox.newest(1), what).rpartition("/")[2]
    other = {"copy": "erase", "erase": "copy"}[what]
    lasting = [site.token(purpose, number) for purpose in Purpose]
    for wrong in (token[:-1], token + "A", token + "=", token.swapcase(), "%00", *lasting):
        assert site.post(f"/{what}/{wrong}").status == 404
    for elsewhere in (other, "address", "unsubscribe"):
        assert site.post(f"/{elsewhere}/{token}").status == 404
    for purpose in Purpose:
        if purpose is not Purpose.PREFERENCES:
            stranger = site.token(purpose, number)
            assert site.post(f"/preferences/{stranger}/{what}").status == 404
    assert site.reader(number) is not None
    assert site.post(f"/{what}/{token}").status == 200


@ASKED
def test_who_has_left_may_still_ask_and_a_suppressed_address_is_not_written_to(
    inbox: Inbox, what: str
) -> None:
    site = inbox.site
    left, barred = site.enrol(), site.enrol("eve@example.org")
    with site.store.writing() as connection:
        roster.withdraw(connection, left, NOW)
        roster.suppress(connection, barred, "complained", NOW)
    answers = {site.post(ask(site, number, what)).status for number in (left, barred)}
    assert answers == {200}
    assert inbox.posted(link_in(inbox.newest(1), what)).status == 200


def test_links_to_her_own_are_mailed_three_times_a_day_at_most(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    for what in ("copy", "erase", "copy", "erase", "copy"):
        assert site.post(ask(site, number, what)).status == 200
    assert len(inbox.mails(3)) == 3
