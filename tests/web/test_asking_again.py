"""A question that the relay did not take is asked again, once it answers."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from newsletter.cli.desk import load_catalogue
from newsletter.delivery.replies import Deferred, Doubtful
from newsletter.demo.mailbox import Mailbox
from newsletter.settings import RelaySettings
from newsletter.steps.again import offer_again
from newsletter.steps.retention import forget_old
from newsletter.store.engine import Store
from subscribers import errands
from subscribers.addresses import Address
from subscribers.links import Purpose
from tests.edges.handing import free_port
from tests.web.inbox import Inbox, link_in
from tests.web.site import NOW, Site, served, site_settings

HOUR = timedelta(hours=1)


@pytest.fixture
def site(tmp_path: Path, store: Store) -> Iterator[Site]:
    """On both stores, with a relay that is away."""
    relay = RelaySettings(host="127.0.0.1", port=free_port(), security="none")
    with served(store, site_settings(tmp_path, relay=relay)) as running:
        yield running


def subscribe(site: Site, address: str = "ada@example.org") -> None:
    assert site.post("/subscribe", urlencode({"address": address})).status == 200


def run_at(site: Site, later: timedelta) -> None:
    """What the hourly run does about it."""
    site.now = NOW + later
    catalogue = load_catalogue(site.settings)
    offer_again(site.store, catalogue, site.settings, site.now, site.noted.append)
    forget_old(site.store, site.settings, site.now)


def unmailed(site: Site) -> int:
    with site.store.reading() as connection:
        return errands.waiting_since(connection)[0]


def test_who_subscribed_while_the_relay_was_away_is_asked_once_it_is_back(
    site: Site, tmp_path: Path
) -> None:
    subscribe(site)
    assert site.noted_soon(1) == ["confirm"]
    (lost,) = site.noted
    assert isinstance(lost.outcome, Deferred)
    assert "does not answer" in lost.outcome.words
    assert lost.again
    run_at(site, HOUR)
    assert unmailed(site) == 1
    with Mailbox(tmp_path / "mail", port=site.settings.relay.port):
        run_at(site, 47 * HOUR)
        run_at(site, 47 * HOUR + HOUR / 2)
        inbox = Inbox(site, tmp_path / "mail")
        (path,) = (inbox.folder / "new").iterdir()
        question = inbox.read(path)
        assert question["To"] == "ada@example.org"
        site.now = NOW + 94 * HOUR  # two days from now on, not from when she asked
        assert inbox.posted(link_in(question, "confirm")).status == 303
    with site.store.reading() as connection:
        assert errands.waiting_since(connection) == (0, None)
    assert site.noted[2].notice == "confirm"


def test_the_link_to_her_own_rows_works_for_an_hour_after_it_could_be_mailed(
    site: Site, tmp_path: Path
) -> None:
    number = site.enrol()
    door = f"/preferences/{site.token(Purpose.PREFERENCES, number)}"
    site.post(f"{door}/copy")
    site.noted_soon(1)
    run_at(site, 5 * HOUR)
    with Mailbox(tmp_path / "mail", port=site.settings.relay.port):
        run_at(site, 6 * HOUR)
        inbox = Inbox(site, tmp_path / "mail")
        (path,) = (inbox.folder / "new").iterdir()
        site.now = NOW + 6.9 * HOUR
        kept = inbox.posted(link_in(inbox.read(path), "copy"))
    assert json.loads(kept.text)["number"] == number


def test_after_two_days_nothing_is_kept_of_who_could_not_be_asked(site: Site) -> None:
    subscribe(site)
    site.noted_soon(1)
    run_at(site, 48 * HOUR)
    assert unmailed(site) == 0
    assert len(site.noted) == 1
    with site.store.reading() as connection:
        assert errands.why_withheld(connection, Address.parse("ada@example.org"))[0] is None


def test_a_new_address_is_asked_again_itself_and_not_the_old_one(
    site: Site, tmp_path: Path
) -> None:
    number, ben = site.enrol(), Address.parse("ben@example.org")
    with site.store.writing() as connection:
        errands.ask_address(connection, number, ben, NOW)
    with Mailbox(tmp_path / "mail", port=site.settings.relay.port):
        run_at(site, HOUR)
        inbox = Inbox(site, tmp_path / "mail")
        (path,) = (inbox.folder / "new").iterdir()
    assert inbox.read(path)["To"] == "ben@example.org"


def test_what_a_page_may_still_be_mailing_is_left_to_it(site: Site) -> None:
    subscribe(site)
    site.noted_soon(1)
    run_at(site, timedelta(minutes=4))
    assert len(site.noted) == 1


def test_a_question_that_may_have_arrived_is_not_asked_twice(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def in_doubt(*_: object) -> Doubtful:
        return Doubtful("end of mail: the connection was lost")

    monkeypatch.setattr("newsletter.web.pages.notify", in_doubt)
    subscribe(site)
    site.noted_soon(1)
    assert not site.noted[0].again
    run_at(site, HOUR)
    assert len(site.noted) == 1


def test_the_log_says_who_was_not_asked_and_why_and_the_page_does_not(site: Site) -> None:
    number = site.enrol("reads@example.org")
    subscribe(site, "reads@example.org")
    for _ in range(4):
        subscribe(site, "often@example.org")
    told = {(each.notice, each.reason) for each in site.withheld_soon(2)}
    assert told == {
        ("confirm", "she reads already"),
        ("confirm", "three questions went to the address within 24 hours"),
    }
    assert number in {each.subscriber for each in site.withheld}
