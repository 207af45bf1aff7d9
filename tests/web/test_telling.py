"""What whoever holds a forwarded mail does, she hears of, with what was before."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode

import pytest

from newsletter.cli.desk import load_catalogue
from newsletter.demo.mailbox import Mailbox
from newsletter.settings import RelaySettings
from newsletter.steps.again import offer_again
from newsletter.store.engine import Store
from subscribers import roster
from subscribers.links import Purpose
from tests.edges.handing import free_port
from tests.web.inbox import Inbox, text_of
from tests.web.site import NOW, Site, served, site_settings

HOUR = timedelta(hours=1)


@pytest.fixture
def inbox(tmp_path: Path, store: Store) -> Iterator[Inbox]:
    """On both stores."""
    with Mailbox(tmp_path / "mail") as box:
        relay = RelaySettings(host="127.0.0.1", port=box.port, security="none")
        with served(store, site_settings(tmp_path, relay=relay)) as site:
            yield Inbox(site, tmp_path / "mail")


def tap(site: Site, number: int, do: str, **fields: str) -> None:
    door = f"/preferences/{site.token(Purpose.PREFERENCES, number)}"
    assert site.post(door, urlencode({"do": do, **fields})).status == 200


def words_of(mail: EmailMessage) -> str:
    return text_of(mail).replace("\r\n", "\n")


def run_at(site: Site, later: timedelta) -> None:
    """What the hourly run does about it."""
    catalogue = load_catalogue(site.settings)
    offer_again(site.store, catalogue, site.settings, NOW + later, site.noted.append)


def test_a_pause_within_the_hour_after_a_mail_is_told_by_the_next_run(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    tap(site, number, "follow nlp")
    (first,) = inbox.mails(1)
    assert "Topics\n  Before: none\n  Now: Natural language processing\n" in words_of(first)
    tap(site, number, "week")
    run_at(site, HOUR - timedelta(seconds=1))
    assert len(site.noted) == 1
    run_at(site, HOUR)
    words = words_of(inbox.newest(2))
    assert "Mails\n  Before: they come\n  Now: paused until Monday, June 22, 2026" in words
    assert "Topics" not in words
    run_at(site, 3 * HOUR)
    assert len(site.noted) == 2


def test_a_change_that_the_relay_did_not_take_is_told_once_it_answers(
    tmp_path: Path, embedded: Store
) -> None:
    port = free_port()
    relay = RelaySettings(host="127.0.0.1", port=port, security="none")
    with served(embedded, site_settings(tmp_path, relay=relay)) as site:
        numbers = [site.enrol(f"reader{turn}@example.org") for turn in range(2)]
        for number in numbers:
            tap(site, number, "week")
        site.noted_soon(2)
        run_at(site, HOUR)
        assert len(site.noted) == 3  # as long as it is away nobody else's mail is tried
        with Mailbox(tmp_path / "mail", port=port) as box:
            run_at(site, 2 * HOUR)
            assert len(list((box.folder / "new").iterdir())) == 2
    assert [note.subscriber for note in site.noted[3:]] == numbers


def test_of_who_has_left_since_nothing_is_told(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    tap(site, number, "follow nlp")
    inbox.mails(1)
    tap(site, number, "week")
    with site.store.writing() as connection:
        roster.erase(connection, number, NOW)
    run_at(site, HOUR)
    assert len(site.noted) == 1


def test_hostile_wishes_are_words_in_the_mail_that_tells_of_them(inbox: Inbox) -> None:
    number = inbox.site.enrol(keywords=("<img src=x onerror=alert(1)>", "{{7*7}}"))
    fields = {"frequency": "daily", "weekday": "mon", "hour": "7", "timezone": "UTC"}
    fields |= {"format": "html", "breadth": "only", "max_papers": "", "authors": ""}
    evil = {"keywords": "</p><script>alert(1)</script>", "muted_keywords": "{% raise %}"}
    tap(inbox.site, number, "save", **fields, **evil)
    mail = inbox.newest(1)
    part = mail.get_body(("html",))
    assert part is not None
    html = str(part.get_content())
    assert "&lt;img src=x onerror=alert(1)&gt; and {{7*7}}" in html
    assert "&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "{% raise %}" in html
    assert "<script" not in html
    assert "<img" not in html
