"""Moving to another address: asked of the new one, told to the old one."""

import re
from datetime import date, timedelta
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection

from subscribers import errands, roster
from subscribers.addresses import Address
from subscribers.errands import Invitation
from subscribers.links import Purpose
from tests.web.inbox import Inbox, link_in, text_of
from tests.web.site import NOW, Site

NEW = "address=bob%40example.org"


def page(site: Site, number: int) -> str:
    return f"/preferences/{site.token(Purpose.PREFERENCES, number)}/address"


def form(inbox: Inbox, number: int, mails: int = 0) -> str:
    """The page behind the link that is mailed to her, after so many mails."""
    inbox.site.post(page(inbox.site, number))
    return link_in(inbox.newest(mails + 1), "move")


def address(site: Site, number: int) -> str:
    reader = site.reader(number)
    return reader.address.text if reader else ""


def test_her_mails_move_once_the_new_address_says_yes_and_the_old_one_hears(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    assert "ada@" not in site.get(page(site, number)).text
    assert "Look into your inbox" in site.post(page(site, number)).text
    first = inbox.newest(1)
    assert (first["To"], first["List-Unsubscribe"]) == ("ada@example.org", None)
    behind = link_in(first, "move")
    assert "ada@" not in site.get(behind).text
    assert "Look into your inbox" in site.post(behind, NEW).text
    assert site.post(behind, "address=eve%40example.org").status == 404
    question = inbox.newest(2)
    assert question["To"] == "bob@example.org"
    assert "ada" not in question.as_string().lower()
    assert question["List-Unsubscribe"] is None
    assert address(site, number) == "ada@example.org"
    link = link_in(question, "address")
    answer = inbox.posted(link)
    assert "Your mails come here now" in answer.text
    assert f'href="{page(site, number).removesuffix("/address")}"' in answer.text
    assert address(site, number) == "bob@example.org"
    told = inbox.newest(3)
    assert told["To"] == "ada@example.org"
    assert "bob" not in told.as_string().lower()
    assert told["List-Unsubscribe"] is None
    assert "Leave Paper Round?" in site.get(link_in(told, "unsubscribe")).text
    assert (site.get(link).status, site.post(link).status) == (404, 404)


@pytest.mark.parametrize(
    ("until", "words"),
    [
        (date(2026, 7, 1), "Your pause goes on until Wednesday, July 1, 2026."),
        (None, "Your pause goes on. Once you end it, they arrive at your new address."),
    ],
)
def test_who_moves_in_a_pause_is_promised_no_hour(
    inbox: Inbox, until: date | None, words: str
) -> None:
    site, number = inbox.site, inbox.site.enrol(timezone="Asia/Tokyo")
    with site.store.writing() as connection:
        roster.pause(connection, number, until, NOW)
    site.post(form(inbox, number), NEW)
    # Her clock says until when a link works.
    texts = "".join(map(text_of, inbox.mails(2)))
    assert re.findall(r"works until ([^.]+)\.", texts) == [
        "Mon, Jun 15, 6:00 PM (Asia/Tokyo)",
        "Wed, Jun 17, 5:00 PM (Asia/Tokyo)",
    ]
    page = inbox.posted(link_in(inbox.newest(2), "address")).text
    assert words in page
    assert "the hour you are used to" not in page


def test_whoever_holds_a_forwarded_mail_moves_nobody(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    site.post(page(site, number), NEW)
    assert inbox.newest(1)["To"] == "ada@example.org"
    assert site.post(f"/move/{site.token(Purpose.PREFERENCES, number)}", NEW).status == 404
    assert address(site, number) == "ada@example.org"


def test_the_page_tells_nobody_who_else_reads(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    site.enrol("bob@example.org")
    barred = site.enrol("eve@example.org")
    with site.store.writing() as connection:
        roster.suppress(connection, barred, "complained", NOW)
    answers = []
    for turn, name in enumerate(("bob", "eve", "new")):
        site.now = NOW + turn * timedelta(days=1)
        answers.append(site.post(form(inbox, number, turn), f"address={name}%40example.org"))
    assert len({(answer.status, answer.text) for answer in answers}) == 1
    assert inbox.newest(4)["To"] == "new@example.org"


def test_the_answer_leaves_before_the_new_address_is_looked_up(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, ask = Event(), errands.ask_address

    def patient(connection: Connection, *asked: Any) -> Invitation | None:
        assert answered.wait(5)
        return ask(connection, *asked)

    monkeypatch.setattr(errands, "ask_address", patient)
    site, number = inbox.site, inbox.site.enrol()
    answer = site.post(form(inbox, number), NEW)
    answered.set()
    assert "Look into your inbox" in answer.text
    assert inbox.newest(2)["To"] == "bob@example.org"


def test_looking_at_the_question_changes_nothing(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    site.post(form(inbox, number), NEW)
    link = link_in(inbox.newest(2), "address")
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        assert site.ask(method, link).status in {200, 204, 405}
    assert address(site, number) == "ada@example.org"
    site.now = NOW + timedelta(days=2)
    assert "This link no longer works" in site.get(link).text
    assert site.post(link).status == 404
    assert address(site, number) == "ada@example.org"


def test_a_link_that_was_cut_or_changed_or_is_anothers_moves_nobody(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    site.post(form(inbox, number), NEW)
    link = link_in(inbox.newest(2), "address")
    token = link.rpartition("/")[2]
    others = [site.token(purpose, number) for purpose in Purpose]
    for wrong in (token[:-1], token + "A", token + "=", token.swapcase(), "%00", *others):
        assert site.post(f"/address/{wrong}").status == 404
    for elsewhere in ("copy", "erase", "unsubscribe"):
        assert site.post(f"/{elsewhere}/{token}").status == 404
    assert address(site, number) == "ada@example.org"
    assert "Your mails come here now" in site.post(link).text


@pytest.mark.parametrize(
    "text",
    [
        *("", "bob", "bob%40", "a%40example.org,b%40example.org", "Bob+%3Cbob%40example.org%3E"),
        *("bob%40example.org%0d%0aBcc:eve%40example.org", "b%00%40example.org", "%ed%a0%80"),
        *("%3Cscript%3Ealert(1)%3C/script%3E%40example.org", "%7B%7B7*7%7D%7D", "x" * 60_000),
    ],
)
def test_what_is_no_address_is_asked_for_again_and_not_repeated(inbox: Inbox, text: str) -> None:
    site, number = inbox.site, inbox.site.enrol()
    behind = form(inbox, number)
    answer = site.post(behind, f"address={text}")
    assert answer.status == 400
    assert 'aria-invalid="true"' in answer.text
    for hostile in ("<script", "49", "{{", "Bcc", "\0"):
        assert hostile not in answer.text
    assert "Look into your inbox" in site.post(behind, NEW).text
    assert inbox.newest(2)["To"] == "bob@example.org"


def test_an_address_is_asked_three_times_a_day_at_most(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    answers = [site.post(page(site, number)).text for _turn in range(5)]
    assert ["No link was sent" in answer for answer in answers] == [False] * 3 + [True] * 2
    assert len(inbox.mails(3)) == 3


def test_who_has_left_moves_nowhere(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    site.post(form(inbox, number), NEW)
    link = link_in(inbox.newest(2), "address")
    with site.store.writing() as connection:
        roster.withdraw(connection, number, NOW)
    assert "You get no further mail" in site.get(page(site, number)).text
    assert "You get no further mail" in site.post(page(site, number)).text
    assert site.post(link).status == 404
    with site.store.reading() as connection:
        assert roster.find(connection, Address.parse("bob@example.org")) is None


def test_the_question_leads_where_the_operator_says_whatever_host_was_named(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    forged = {
        "Host": "evil.example",
        "X-Forwarded-Host": "evil.example",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    site.ask("POST", page(site, number), "", forged)
    site.ask("POST", link_in(inbox.newest(1), "move"), NEW, forged)
    for mail, name in zip(inbox.mails(2), ("move", "address"), strict=True):
        assert link_in(mail, name)
        assert "evil" not in text_of(mail) + mail.as_string()
