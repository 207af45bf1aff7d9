"""Somebody who knows nothing: he follows what he finds, fills every form, and bends every token."""

import re
import sqlite3
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from lxml import html

from newsletter.settings import RelaySettings
from newsletter.steps.preview import preview
from newsletter.store import ledger
from newsletter.store.editions import latest_edition
from newsletter.store.engine import open_store
from newsletter.store.ledger import Ending, Planned, Printed, State
from newsletter.web.routes import table
from subscribers import errands, links, taste
from subscribers.addresses import Address
from subscribers.links import Errand, Purpose
from subscribers.model import Preferences
from tests.edges.handing import free_port
from tests.web.crawling import TOKEN, Form, forms_in, links_in, shape
from tests.web.publishing import CATALOGUE, DAY, paper, publish
from tests.web.site import NOW, Answered, Site, pages_of, served, site_settings

HOSTILE = {
    "script": quote_plus("\"'></title></textarea><script>alert(1)</script><img src=x onerror=a()>"),
    "template": quote_plus("{{1237*7919}}${1237*7919}#{1237*7919}%(n)s{% raise %}"),
    "nul": "a%00b%01%7f",
    "line ends": "a%0d%0aX-Evil:%20yes%0d%0aSet-Cookie:%20evil=1%0d%0a%0d%0a<script>alert(1)",
    "bidi": quote_plus("\u202e\u2066moc.elpmaxe@eve\u2028"),
    "lone surrogate": "%ed%a0%80%ff%fe",
    "elsewhere": quote_plus("https://evil.example/\\evil.example"),
    "long": "x" * 100_000,
}
PRODUCT = str(1237 * 7919)
STRICT = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass
class Found:
    """What a crawler saw of a site, and what the store held before he came."""

    site: Site
    folder: Path
    before: Mapping[str, object]
    answers: dict[str, Answered]
    forms: list[Form]


def mailed(site: Site, number: int) -> Answered:
    """Her digest, as she may have forwarded it."""
    with site.store.writing() as connection:
        edition = latest_edition(connection)
        assert edition is not None
        printed = tuple(Printed(paper(n).id, "Keyword: model") for n in (1, 2))
        planned = Planned(number, NOW, NOW, printed, None, (paper(3).id,))
        ledger.plan(connection, edition.number, [planned], NOW)
        (claimed,) = ledger.claim(connection, "run", 1, NOW)
        ledger.record(connection, [Ending(claimed.number, State.SENT, "250")], NOW)
        ada = Address.parse("ada@example.org")
        sent = preview(connection, ada, CATALOGUE, site.settings, DAY, NOW, None).message
    assert sent is not None
    mail = message_from_bytes(sent.as_bytes(), policy=policy.default)
    parts = [str(part.get_content()) for part in mail.walk() if not part.is_multipart()]
    return Answered(200, {}, "\n".join([str(mail["List-Unsubscribe"]), *parts]))


def asked_for(site: Site, number: int) -> Iterator[str]:
    """The links of every kind that works once, as a scanner of her mailbox sees them."""
    with site.store.writing() as connection:
        own = {"move": Errand.MOVE, "copy": Errand.EXPORT, "erase": Errand.ERASE}
        due = {page: errands.ask_own(connection, number, it, NOW) for page, it in own.items()}
        there, wishes = Address.parse("elsewhere@example.org"), Preferences()
        due["address"] = errands.ask_address(connection, number, there, NOW)
        ben = Address.parse("ben@example.org")
        due["confirm"] = errands.ask(connection, ben, wishes, "her words", "a form", NOW)
    own |= {"address": Errand.CHANGE_ADDRESS, "confirm": Errand.CONFIRM}
    for page, it in due.items():
        assert it is not None
        token = links.mint_once(site.settings.signing_keys(), own[page], it.errand, it.until)
        yield f"/{page}/{token}"


@contextmanager
def crawled(folder: Path) -> Iterator[Found]:
    """A site with a reader, followed from its first page and from her mails to its end."""
    store = open_store(f"sqlite:///{folder / 'store.sqlite3'}")
    publish(store, [paper(n) for n in range(1, 9)])
    relay = RelaySettings(host="127.0.0.1", port=free_port(), security="none")
    with served(store, site_settings(folder, relay=relay)) as site:
        number = site.enrol(topics=("nlp",), keywords=("pruning",))
        with store.writing() as connection:
            taste.ask(connection, number, "arxiv:2603.00004", True, NOW)
            taste.reset(connection, number, NOW)
            taste.ask(connection, number, "arxiv:2603.00003", True, NOW)
        begun = ["/", "/robots.txt", "/healthz", *asked_for(site, number)]
        begun += links_in(mailed(site, number))
        begun.append(f"/welcome/{site.token(Purpose.PREFERENCES, number)}")  # after her yes
        found = Found(site, folder, rows(folder), {}, [])
        follow(found, begun)
        yield found
    store.close()


def rows(folder: Path) -> dict[str, object]:
    """All that the store holds."""
    with closing(sqlite3.connect(folder / "store.sqlite3")) as file:
        tables = file.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {name: file.execute(f"SELECT * FROM {name}").fetchall() for (name,) in tables}


def follow(found: Found, begun: list[str]) -> None:
    """Get every address that is found, and what is found there."""
    waiting, shapes = deque(begun), set()
    while waiting:
        path = waiting.popleft()
        if path in found.answers:
            continue
        answer = found.answers[path] = found.site.get(path)
        waiting.extend(sorted(links_in(answer)))
        for form in forms_in(path.partition("?")[0], answer):
            if form.shape not in shapes:
                shapes.add(form.shape)
                found.forms.append(form)
    found.site.told_soon(len(found.answers))


def answering(site: Site, method: str) -> set[str]:
    """The names of all pages that answer to a method."""
    return {route.name for route in table(pages_of(site)) if method in (route.methods or ())}


def holds(answer: Answered, name: str) -> None:
    """What must be so of every answer, whatever was asked."""
    assert answer.status < 500, name
    told = answer.headers
    assert told.items() >= STRICT.items(), name
    rules = told["content-security-policy"]
    assert rules.startswith("default-src 'none'"), name
    assert "frame-ancestors 'none'" in rules, name
    assert not re.search(r"script-src[^;]*unsafe", rules), name
    assert told["cache-control"].startswith("public") or "noindex" in told["x-robots-tag"], name
    assert not told.keys() & {"set-cookie", "x-evil", "server", "refresh"}, name
    assert re.fullmatch(r"(/[^/\\].*)?", told.get("location", "")), name
    for hostile in (PRODUCT, "\0", "\x7f", "\u202e", "\u2066moc", "Traceback", "<script>alert"):
        assert hostile not in answer.text, name
    if "html" in told.get("content-type", "") and answer.text:
        ways = "//script[not(starts-with(@src, '/static/'))] | //@*[starts-with(name(), 'on')]"
        tree = html.fromstring(answer.text)
        assert tree.xpath(f"{ways} | //*[starts-with(@href, 'javascript:')]") == [], name


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Found]:
    """For what changes nothing."""
    with crawled(tmp_path_factory.mktemp("crawled")) as found:
        yield found


def test_every_link_leads_somewhere_and_following_all_of_them_changes_nothing(
    found: Found,
) -> None:
    for path, answer in found.answers.items():
        assert answer.status == 200, path
        holds(answer, path)
    assert answering(found.site, "GET") == {told.page for told in found.site.told}
    assert rows(found.folder) == found.before
    assert found.site.noted == []


def bent(token: str) -> Iterator[str]:
    """What is nearly a token."""
    yield from (token[:-1], token[: len(token) // 2], "", token + "A", token + "=", token + "%00")
    yield from (token.swapcase(), token[::-1], "%2e%2e", "0")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for place in (0, 1, 2, 9, 13, 17, 25, len(token) - 1):
        changed = alphabet[alphabet.index(token[place]) ^ 1]
        yield token[:place] + changed + token[place + 1 :]


def test_no_token_that_is_bent_or_of_another_link_opens_anything(found: Found) -> None:
    paths = {shape(path): path for path in [*found.answers, *(it.action for it in found.forms)]}
    doors = [path.partition("?")[0] for path in paths.values() if TOKEN.search(path)]
    tokens = {token for path in doors for token in TOKEN.findall(path)}
    tokens.add(found.site.token(Purpose.BOUNCE, 1))  # stands in the return path of every mail
    assert len(tokens) == len([*Purpose, *Errand])
    for path in doors:
        (own,) = TOKEN.findall(path)
        for other in [*bent(own), *(tokens - {own})]:
            for method in ("GET", "POST"):
                answer = found.site.ask(method, path.replace(own, other))
                assert answer.status in {404, 405}, (method, path, other)
                holds(answer, path)
    assert rows(found.folder) == found.before
    assert found.site.noted == []


def test_whatever_is_typed_into_whatever_form_is_refused_or_harmless(tmp_path: Path) -> None:
    with crawled(tmp_path) as found:
        site, forms = found.site, deque(sorted(found.forms, key=ends_something))
        shapes = {form.shape for form in forms}
        while forms:
            form = forms.popleft()
            for field, name in [("", ""), *fields_of(form)]:
                answer = form.sent(site, field, HOSTILE.get(name, ""))
                holds(answer, f"{form.action} {field} {name}")
                if name != "long":
                    assert answer.status < 429, (form.action, field, name)
                for later in forms_in(form.action, answer):
                    if later.shape not in shapes:
                        shapes.add(later.shape)
                        forms.append(later)
    # The server has ended, and told of everything.
    posted = {told.page for told in site.told if told.method == "POST"}
    assert posted - {"none"} == answering(site, "POST")
    assert [told.fault for told in site.told if told.fault] == []


def ends_something(form: Form) -> bool:
    """After whom nothing can be filled in any more."""
    return shape(form.action) in {"/unsubscribe/*", "/erase/*"}


def fields_of(form: Form) -> Iterator[tuple[str, str]]:
    """Every field with every hostile text."""
    for field, _ in form.fields:
        for name in HOSTILE:
            yield field, name
