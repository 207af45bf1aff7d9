"""Subscribing: the form, the question by mail, the button behind it, and what follows."""

import re
import time
from datetime import timedelta
from html import unescape
from statistics import median
from urllib.parse import quote_plus, urlencode

import pytest

from newsletter.store.engine import Store
from newsletter.web.clients import PER_HOUR
from subscribers import roster, taste
from subscribers.addresses import Address
from subscribers.errors import HasLeft
from subscribers.links import Purpose
from subscribers.model import Consent, Frequency, Preferences, State, Subscriber
from tests.web.inbox import Inbox, link_in, text_of
from tests.web.publishing import paper, publish
from tests.web.site import NOW, Answered, Site, served, site_settings

ADA = Address.parse("ada@example.org")
WISH = {
    "address": "ada@example.org",
    "topic": ["nlp", "robotics"],
    "frequency": "daily",
    "hour": "7",
    "timezone": "Europe/Berlin",
}


def fill(site: Site, **fields: object) -> Answered:
    """The answer to the form, filled like this."""
    return site.post("/subscribe", urlencode({**WISH, **fields}, doseq=True))


def known(site: Site, address: Address = ADA) -> Subscriber | None:
    with site.store.reading() as connection:
        return roster.find(connection, address)


def test_who_asks_and_says_yes_reads_from_then_on(inbox: Inbox) -> None:
    site = inbox.site
    publish(site.store, [paper(n) for n in range(1, 9)])
    assert "Look into your inbox" in fill(site).text
    question = inbox.newest(1)
    assert question["To"] == "ada@example.org"
    assert question["List-Unsubscribe"] is None
    reader = known(site)
    assert reader is not None
    assert (reader.state, reader.preferences) == (State.PENDING, Preferences())
    answer = inbox.posted(link_in(question, "confirm"))
    assert (answer.status, answer.text) == (303, "")
    page = site.get(answer.headers["location"])
    assert page.text.count("<button") == 5
    assert "Mon, Jun 15, 11:00 AM (Europe/Berlin)" in page.text
    assert "An edition is out already, so you need not wait for your hour." in page.text
    assert "After that they come every day at 7:00 AM (Europe/Berlin)." in page.text
    reader = known(site)
    assert reader is not None
    wishes = Preferences(
        topics=("nlp", "robotics"), frequency=Frequency.DAILY, hour=7, timezone="Europe/Berlin"
    )
    assert (reader.state, reader.preferences) == (State.ACTIVE, wishes)
    with site.store.reading() as connection:
        (consent,) = roster.consents(connection, reader.number)
    # The very words that stand on the form.
    words = unescape(site.get("/subscribe").text)
    assert consent.ground.removeprefix("wording 1: ") in words
    assert consent.source == "the page /subscribe, asked 2026-06-15 08:00:00 UTC"
    welcome = inbox.newest(2)
    assert welcome["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Mon, Jun 15, 11:00 AM (Europe/Berlin)" in text_of(welcome)
    assert "An edition is out already, so you need not wait for your hour." in text_of(welcome)


def test_more_like_this_begins_her_taste(site: Site) -> None:
    publish(site.store, [paper(n) for n in range(1, 9)])
    number = site.enrol(topics=("nlp",))
    path = f"/welcome/{site.token(Purpose.PREFERENCES, number)}"
    offers = re.findall(r'name="do" value="([^"]+)" formaction="#paper-', site.get(path).text)
    assert len(offers) == 5
    for said, offer in enumerate(offers[:3], 1):
        page = site.post(path, urlencode({"do": offer})).text
        assert page.count("You get more like this") == said
        assert all(re.search(f'value="\\w+ {other.split()[1]}"', page) for other in offers)
    page = site.post(path, urlencode({"do": offers[0].replace("more", "neither")})).text
    assert page.count("You get more like this") == 2
    assert re.search(r'href="/preferences/[^"]+".*href="/"', page, re.DOTALL)
    with site.store.reading() as connection:
        liked = taste.of(connection, [number])[number].more
    assert {f"more {paper}" for paper in liked} == set(offers[1:3])
    for odd, status in (("less arxiv:2603.00001", 400), ("more arxiv:2609.99999", 404), ("", 400)):
        assert site.post(path, urlencode({"do": odd})).status == status
    assert site.get(f"/welcome/{site.token(Purpose.TASTE, number)}").status == 404


def test_who_has_left_is_welcomed_no_more(site: Site) -> None:
    number = site.enrol()
    with site.store.writing() as connection:
        roster.withdraw(connection, number, NOW)
    page = site.get(f"/welcome/{site.token(Purpose.PREFERENCES, number)}")
    assert (page.status, "You get no further mail" in page.text) == (200, True)


def everybody(site: Site) -> list[str]:
    """Addresses of whom the roster knows every possible thing, and one it does not know."""
    names = [f"{state}@example.org" for state in ("active", "paused", "left", "barred", "erased")]
    for name in names:
        site.enrol(name)
    with site.store.writing() as connection:
        numbers = [roster.find(connection, Address.parse(name)).number for name in names]
        roster.pause(connection, numbers[1], None, NOW)
        roster.withdraw(connection, numbers[2], NOW)
        roster.suppress(connection, numbers[3], "complained", NOW)
        roster.erase(connection, numbers[4], NOW)
    return [*names, "nobody@example.org"]


def test_nobody_learns_who_reads_from_status_body_headers_or_time(inbox: Inbox) -> None:
    site = inbox.site
    addresses = everybody(site)
    answers: list[Answered] = []
    seconds: dict[str, list[float]] = {address: [] for address in addresses}
    for turn in range(3):  # as often as an address is asked in a day
        for address in addresses[turn:] + addresses[:turn]:
            began = time.perf_counter()
            answers.append(fill(site, address=address))
            seconds[address].append(time.perf_counter() - began)
            inbox.site.noted_soon(len(site.noted))
            time.sleep(0.15)  # what happens after the answer is over
    for answer in answers:
        del answer.headers["date"]  # type: ignore[attr-defined]
    assert len({(a.status, a.text, str(a.headers)) for a in answers}) == 1
    assert answers[0].status == 200
    usual = [median(times) for times in seconds.values()]
    assert max(usual) - min(usual) < 0.05
    # Three questions each to whom they are due, and nothing to whoever reads or is barred.
    asked = {mail["To"] for mail in inbox.mails(9)}
    assert asked == {"left@example.org", "erased@example.org", "nobody@example.org"}


def test_an_address_gets_three_questions_a_day_with_nothing_of_the_askers(inbox: Inbox) -> None:
    site = inbox.site
    evil = {"name": "EVIL", "subject": "EVIL", "from": "EVIL", "message": "EVIL"}
    forged = {"Content-Type": "application/x-www-form-urlencoded", "Host": "evil.example"}
    body = urlencode({**WISH, **evil}, doseq=True)
    for _ in range(6):
        assert site.ask("POST", "/subscribe", body, forged).status == 200
    mails = inbox.mails(3)
    for mail in mails:
        assert "evil" not in mail.as_string().lower()
        assert "Robotics" not in text_of(mail)


def test_who_left_comes_back_by_a_fresh_yes_alone(inbox: Inbox) -> None:
    site, number = inbox.site, inbox.site.enrol()
    door = f"/unsubscribe/{site.token(Purpose.UNSUBSCRIBE, number)}"
    site.post(door)
    assert "/subscribe" in site.get(door).text
    consent = Consent("a list", "a file", NOW)
    with site.store.writing() as connection, pytest.raises(HasLeft):
        roster.enrol(connection, ADA, "", Preferences(), consent)
    fill(site)
    link = link_in(inbox.newest(1), "confirm")
    assert site.reader(number).state is State.UNSUBSCRIBED  # type: ignore[union-attr]
    # To press the button in an old mail again is to say no to whoever asked since.
    site.post(door)
    assert site.post(link).status == 404
    fill(site)
    inbox.posted(link_in(inbox.newest(2), "confirm"))
    assert site.reader(number).state is State.ACTIVE  # type: ignore[union-attr]


def test_following_the_link_confirms_nothing_and_it_works_once_and_for_two_days(
    inbox: Inbox,
) -> None:
    site = inbox.site
    fill(site)
    link = link_in(inbox.newest(1), "confirm")
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        assert site.ask(method, link).status in {200, 204, 405}
    assert known(site).state is State.PENDING  # type: ignore[union-attr]
    token = link.rpartition("/")[2]
    others = [site.token(purpose, 1) for purpose in Purpose]
    for wrong in (token[:-1], token + "A", token + "=", token.swapcase(), "%00", *others):
        assert site.post(f"/confirm/{wrong}").status == 404
    for elsewhere in ("address", "copy", "erase", "unsubscribe", "preferences", "welcome"):
        assert site.post(f"/{elsewhere}/{token}").status in {404, 405}
    site.now = NOW + timedelta(days=2)
    assert (site.get(link).status, site.post(link).status) == (404, 404)
    assert "no longer works" in site.get(link).text
    site.now = NOW
    assert site.post(link).status == 303


def test_who_opens_her_link_again_is_told_that_she_reads_already(inbox: Inbox) -> None:
    site = inbox.site
    for _ in range(2):
        fill(site)
    both = [link_in(mail, "confirm") for mail in inbox.mails(2)]
    welcome = site.post(both[0]).headers["location"]
    preferences = welcome.replace("welcome", "preferences")
    for link in both:
        for answer in (site.get(link), site.post(link)):
            assert (answer.status, "You are subscribed already" in answer.text) == (200, True)
            assert f'href="{preferences}"' in answer.text
    inbox.mails(3)  # one welcome
    site.post(f"/unsubscribe/{site.token(Purpose.UNSUBSCRIBE, 1)}")
    assert [site.get(link).status for link in both] == [404, 404]
    fill(site)
    link = link_in(inbox.newest(4), "confirm")
    assert site.post(link).status == 303
    site.now = NOW + timedelta(days=2)
    assert site.get(link).status == 404


HOSTILE = [
    *('"><script>alert(1)</script>', "{{7*7}}", "${7*7}", "{% raise %}", "' OR 1=1 --", "\0"),
    *("a\r\nBcc: eve@example.org", "\u202emoc.elpmaxe@ada", "\ud800", "../../etc/passwd"),
]


@pytest.mark.parametrize("field", ["address", "topic", "frequency", "hour", "timezone"])
def test_hostile_fields_are_refused_beside_themselves_and_harmlessly_repeated(
    inbox: Inbox, field: str
) -> None:
    site = inbox.site
    for hostile in [*HOSTILE, "x" * 60_000]:
        text = quote_plus(hostile, errors="surrogatepass")
        others = {name: value for name, value in WISH.items() if name != field}
        answer = site.post("/subscribe", f"{urlencode(others, doseq=True)}&{field}={text}")
        assert answer.status == 422
        assert f'id="{field}-refused"' in answer.text
        assert answer.text.count('-refused" role') == 1
        assert "<script>alert" not in answer.text
        assert "49" not in answer.text
        assert "\0" not in answer.text
        assert "\u202e" not in answer.text
        assert len(answer.text.encode()) < 50_000
        # What could be taken need not be filled in again.
        if field != "topic":
            assert re.search(r'value="nlp" checked', answer.text)
    assert site.noted == []


def test_a_form_without_a_field_takes_the_operators_defaults(inbox: Inbox) -> None:
    inbox.site.post("/subscribe", "address=ada%40example.org")
    inbox.posted(link_in(inbox.newest(1), "confirm"))
    reader = known(inbox.site)
    assert reader is not None
    assert (reader.preferences.hour, reader.preferences.timezone) == (7, "UTC")
    assert reader.preferences.topics == ()


def test_every_topic_is_offered_with_its_count_and_an_example(site: Site) -> None:
    assert site.get("/subscribe").status == 200  # before the first edition
    publish(site.store, [paper(n) for n in range(1, 9)])
    page = site.get("/subscribe")
    assert re.search(
        r"8 papers in the newest edition, for example: <span dir=\"auto\">Language models",
        page.text,
    )
    assert page.headers["cache-control"].startswith("public")
    assert len(page.text.encode()) < 50_000
    script = re.findall(r'<script src="(/static/[^"]+)" defer>', page.text)
    assert "Intl.DateTimeFormat" in site.get(script[0]).text


def test_one_client_asks_so_often_an_hour_whatever_it_forwards(site: Site) -> None:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for turn in range(PER_HOUR):
        body = urlencode({**WISH, "address": f"reader{turn}@example.org"}, doseq=True)
        forged = {**kind, "X-Forwarded-For": f"192.0.2.{turn}"}
        assert site.ask("POST", "/subscribe", body, forged).status == 200
    assert fill(site, address="not one").status == 422  # a slip is told, and costs nothing
    answer = fill(site)
    assert answer.status == 429
    assert "Please try again in an hour" in answer.text
    assert answer.headers["retry-after"] == "3601"
    site.now = NOW + timedelta(hours=1)
    assert fill(site).status == 200


def test_behind_a_trusted_proxy_each_client_is_counted_by_itself(
    tmp_path,
    embedded: Store,  # type: ignore[no-untyped-def]
) -> None:
    settings = site_settings(tmp_path, web={"trusted_proxies": ["127.0.0.1"]})
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    with served(embedded, settings) as site:
        statuses = []
        for turn in range(PER_HOUR + 1):
            body = urlencode({**WISH, "address": f"reader{turn}@example.org"}, doseq=True)
            # The first hop is what the client wrote, the last what the proxy saw.
            hops = {"X-Forwarded-For": f"203.0.113.{turn}, 192.0.2.1"}
            statuses.append(site.ask("POST", "/subscribe", body, {**kind, **hops}).status)
        assert statuses == [200] * PER_HOUR + [429]
        another = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2"}
        body = urlencode(WISH, doseq=True)
        assert site.ask("POST", "/subscribe", body, {**kind, **another}).status == 200
