"""Mails printed both ways: from segments by the press, and whole for one reader."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from newsletter.delivery.message import Leaving, Letterhead, Personal, compose_message
from newsletter.editorial.editions import Listing
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.ranking import standing
from newsletter.editorial.topics import Assignment, Catalogue, Topic
from newsletter.rendering.inlining import ended, inlined
from newsletter.rendering.kinds import DIGEST, Kind
from newsletter.rendering.language import Language
from newsletter.rendering.loader import Templates
from newsletter.rendering.look import Logo, Look
from newsletter.rendering.press import Press
from newsletter.rendering.printable import Words
from newsletter.rendering.views import (
    EditionView,
    PaperView,
    ReaderLinks,
    ReaderView,
    SenderView,
    Variant,
    paper_view,
    reader_view,
    reason_words,
    tasting,
)
from subscribers.addresses import Address

NONCE = "0123456789abcdef"
ENGLISH = Language("en")
CATALOGUE = Catalogue((Topic("a-b", "A & B <topic>", "It is a topic.", (), ("word",)),))
EDITION = EditionView(
    12, ENGLISH.date(date(2026, 3, 13)), "https://papers.example.org/editions/2026-03-13"
)
SENDER = SenderView("Tom & Jerry's <Paper> Round", ("1 Example Street", "Tülln & Co."))
LOGO = Logo("https://papers.example.org/logo.png?a=1&b=2", 160, 32)
LOOK = Look("#9a3b12", "#174a72")
URL = "https://papers.example.org/unsubscribe/abcDEF_-0123456789"
LINKS = ReaderLinks(
    unsubscribe=URL,
    preferences=URL.replace("unsubscribe", "preferences"),
    taste=URL.replace("unsubscribe", "taste"),
    view=URL.replace("unsubscribe", "view") + "/12",
)
DAILY = Variant()

HOSTILE = [
    "O'Brien",
    "Tom & Jerry",
    "<script>alert('x')</script>",
    "</td></table>",
    '"quoted" \\ back',
    "{{ 7*7 }}{% raw %}${7} %(name)s 100%",
    "zqfedcba9876543210sreadernameqz",
    "zqsreasonqz <!-- comment -->",
    "=?utf-8?q?x=0d=0aBcc:_e?=",
    "Zoë 李小龍 مرحبا 👩‍🔬",
    ". leading dot",
    "From here to there",
    "a" * 300,
    "&amp;lt; &#39; &nbsp;",
    "tail ",
    "soft\u00adhyphen\u2028line",
]


def paper(number: int, title: str, abstract: str = "It is. So it was shown.") -> Paper:
    return Paper(
        id=PaperId.parse(f"2403.{number:05d}") or PaperId.of_title(title),
        title=title,
        abstract=abstract,
        authors=(title[:50], "B. Author"),
        categories=("cs.CV",),
        votes=number,
        code="https://github.com/example/a?b=1&c=2",
        ai_summary=title * (number % 2),
    )


def view(of: Paper, *, ai_summary: bool = True) -> PaperView:
    topics = (Assignment("a-b", 3, ("word",)),)
    listing = Listing(of, date(2026, 3, 13), topics, standing(of))
    return paper_view(
        listing, CATALOGUE, ENGLISH, "https://papers.example.org/papers", ai_summary=ai_summary
    )


def reader(name: str = "", papers: Sequence[PaperView] = ()) -> ReaderView:
    return reader_view(name, papers, LINKS, ENGLISH)


def context(
    edition: EditionView = EDITION, curator: str | None = "AK & friends", look: Look = LOOK
) -> dict[str, Any]:
    return {"edition": edition, "sender": SENDER, "curator": curator, "look": look}


def pressed(
    views: Mapping[PaperId, PaperView],
    operators: Path | None = None,
    shared: Mapping[str, Any] | None = None,
    kind: Kind = DIGEST,
) -> Press:
    templates = Templates(operators, ENGLISH)
    return Press(templates, kind, shared or context(), NONCE, 90, lambda _: views)


def whole(
    variant: Variant,
    to: object,
    papers: Sequence[tuple[PaperView, str]] = (),
    rest: Sequence[PaperView] = (),
    shared: Mapping[str, Any] | None = None,
    kind: Kind = DIGEST,
) -> tuple[str, str]:
    """(HTML, text) printed for one reader from beginning to end."""
    templates = Templates(None, ENGLISH)
    seen = {**(shared or context()), "variant": variant, "reader": to}
    if isinstance(to, ReaderView):
        seen["papers"] = [
            replace(
                tasting(each, to.taste_url),
                number=Words.plain(str(number)),
                reason=reason_words(number, reason),
            )
            for number, (each, reason) in enumerate(papers, 1)
        ]
        seen["rest"] = rest
    html = inlined(templates.rendered(kind.html, seen), kind.html)
    return html, ended(templates.rendered(kind.text, seen))


def by_the_library(html: str, text: str) -> bytes:
    message = EmailMessage(policy=policy.SMTP.clone(max_line_length=76))
    message["Subject"] = "x"
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return message.as_bytes()


def decoded(octets: bytes) -> list[bytes]:
    message = message_from_bytes(octets, policy=policy.default)
    assert not message.defects
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert not any(part.defects for part in parts)
    return [part.get_payload(decode=True) for part in parts]  # type: ignore[misc]


def composed(text: Sequence[bytes], html: Sequence[bytes] | None) -> bytes:
    head = Letterhead(
        "Paper Round", Address.parse("p@example.org"), None, "Paper Round", "example.org",
        "1:digest:x:abcdef", None, None,
    )  # fmt: skip
    personal = Personal(
        Address.parse("r@example.org"), "x", datetime(2026, 3, 13, tzinfo=UTC), "0" * 32, "b",
        Leaving(URL, "t"),
    )  # fmt: skip
    return compose_message(head, personal, text, html).as_bytes()


def assert_same(
    variant: Variant,
    name: str,
    papers: Sequence[Paper],
    reasons: Sequence[str],
    rest: Sequence[Paper] = (),
    shared: Mapping[str, Any] | None = None,
) -> None:
    """A digest printed from segments is the digest printed whole."""
    views = {each.id: view(each) for each in (*papers, *rest)}
    to = reader(name, [views[each.id] for each in papers])
    chosen = [(views[each.id], reason) for each, reason in zip(papers, reasons, strict=True)]
    others = [views[each.id] for each in rest]
    expected = by_the_library(*whole(variant, to, chosen, others, shared))
    ids = [(each.id, reason) for each, reason in zip(papers, reasons, strict=True)]
    body = pressed(views, None, shared).body(variant, to, ids, [each.id for each in rest])
    assert decoded(composed(body.text, body.html)) == decoded(expected)
