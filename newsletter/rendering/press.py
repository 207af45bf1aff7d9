"""The press: an edition's templates rendered and inlined once, then cut into ready segments.

The real Jinja2 templates are rendered with mark words where something personal belongs, premailer
inlines the CSS once, the result is cut at the marks, and every piece becomes quoted-printable that
may stand beside any other. A reader's mail is then a list of ready pieces and a few encoded words.
Decoded, it equals rendering everything for her and inlining that, byte for byte: a test says so.
"""

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from newsletter.editorial.papers import PaperId
from newsletter.errors import ConfigurationError
from newsletter.rendering.loader import environment, rendered
from newsletter.rendering.marks import Marker, Piece, Slot, Uncounted
from newsletter.rendering.quoted import cached_segment, segment
from newsletter.rendering.views import (
    EditionView,
    PaperView,
    ReaderView,
    SenderView,
    Variant,
    Words,
    escape_text,
)
from subscribers.model import Frequency

_LINKS = frozenset({"unsubscribeurl", "preferencesurl"})
_SHARED = frozenset({"number", "reason"})  # the same words for many readers: worth remembering
_MOST_CARDS = 1024  # about 10 MB; a window can hold thousands, a day's readers want hundreds
_HTML, _TEXT = "email/digest/body.html", "email/digest/body.txt"
# premailer fetches a linked style sheet, and an @import even where it may not use the network.
# Texts are escaped before they get here: what looks like a tag is the template's own.
_FETCHES = re.compile(
    r"<link\b[^>]*stylesheet[^>]*>|(?<=<style)(?![^>]*data-premailer)[^>]*>[^<]*@import[^;<]*",
    re.IGNORECASE,
)
_SAMPLE = PaperView(
    title=Words.plain("A sample"),
    authors=Words.plain("A. Sample"),
    excerpt=Words.plain("A sample."),
    url="https://example.org/",
    pdf_url=None,
    code_url=None,
    topics=(),
    facts=(),
)


@dataclass(frozen=True, slots=True)
class Card:
    """One paper's piece of a mail, in each part."""

    html: tuple[Piece, ...]
    text: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the papers, in one part."""

    before: tuple[Piece, ...]
    gap: bytes
    after: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """The parts of one message as quoted-printable segments; `html` is None in a text-only mail."""

    text: list[bytes]
    html: list[bytes] | None


class Press:
    """Prints the digests of one edition.

    `views` gives papers as the templates see them; `nonce` goes into the mark words.
    """

    def __init__(
        self,
        operators: Path | None,
        edition: EditionView,
        sender: SenderView,
        curator: str | None,
        views: Callable[[Sequence[PaperId]], Mapping[PaperId, PaperView]],
        nonce: str,
    ) -> None:
        self._marker = Marker(nonce)
        self._templates = environment(operators, card=self._marker.bracketed)
        self._context: dict[str, Any] = {"edition": edition, "sender": sender, "curator": curator}
        self._views = views
        self._frames: dict[Variant, tuple[Frame, Frame]] = {}
        self._most_cards = _MOST_CARDS
        self._cards: OrderedDict[PaperId, Card] = OrderedDict()
        self._sample_cards: set[tuple[str, str]] = set()
        mark = self._marker.mark
        self._reader = ReaderView(**{field.name: mark(field.name) for field in fields(ReaderView)})
        self._number, self._reason = mark("number"), mark("reason")

    def subject(self, variant: Variant, reader: ReaderView) -> str:
        """The subject line, in plain text."""
        context = self._context | {"variant": variant, "reader": reader}
        return " ".join(rendered(self._templates, "email/digest/subject.txt", context).split())

    def body(
        self,
        variant: Variant,
        reader: ReaderView,
        papers: Sequence[tuple[PaperId, str]],
        *,
        with_html: bool,
    ) -> Body:
        """Her mail: the frame of this variant around these papers, each with its reason."""
        html_frame, text_frame = self._frame(variant)
        cards = self._cards_of([paper_id for paper_id, _ in papers])
        values = {
            field.name.replace("_", ""): str(getattr(reader, field.name))
            for field in fields(ReaderView)
        }
        personal = [
            {"number": str(number), "reason": reason}
            for number, (_, reason) in enumerate(papers, 1)
        ]
        text = _filled(text_frame, [card.text for card in cards], values, personal, str)
        if not with_html:
            return Body(text, None)
        html = [card.html for card in cards]
        return Body(text, _filled(html_frame, html, values, personal, escape_text))

    def _frame(self, variant: Variant) -> tuple[Frame, Frame]:
        if variant not in self._frames:
            # Three samples show whether all papers, and all gaps between them, look alike.
            samples = [] if variant.empty else [_SAMPLE] * 3
            html, text = self._printed(variant, samples)
            self._frames[variant] = (
                self._framed(html, variant, _HTML),
                self._framed(text, variant, _TEXT),
            )
        return self._frames[variant]

    def _framed(self, document: str, variant: Variant, where: str) -> Frame:
        before, cards, gaps, after = self._marker.split(document)
        if len(cards) != (0 if variant.empty else 3):
            raise ConfigurationError(
                f"{where}: each paper must be wrapped in {{% filter card %}} once"
                f" (found {len(cards)} pieces for {0 if variant.empty else 3} papers)"
            )
        self._sample_cards.update((where, card) for card in cards)
        if len(set(gaps)) > 1 or sum(name == where for name, _ in self._sample_cards) > 1:
            raise ConfigurationError(
                f"{where}: a paper must look alike wherever and in whatever mail it stands:"
                " use paper.number instead of loop.*, and no variant inside {% filter card %}"
            )
        frame = Frame(
            self._marker.cut(before, where, _LINKS),
            segment(gaps[0]) if gaps else b"",
            self._marker.cut(after, where, _LINKS),
        )
        if Slot("unsubscribeurl") not in frame.before + frame.after:
            raise ConfigurationError(
                f"{where}: reader.unsubscribe_url is missing: every mail needs a way out of it"
            )
        return frame

    def _cards_of(self, papers: Sequence[PaperId]) -> list[Card]:
        missing = [paper_id for paper_id in papers if paper_id not in self._cards]
        if missing:
            self._print_cards(missing)
        for paper_id in papers:
            self._cards.move_to_end(paper_id)
        cards = [self._cards[paper_id] for paper_id in papers]
        while len(self._cards) > max(self._most_cards, len(papers)):
            self._cards.popitem(last=False)
        return cards

    def _print_cards(self, papers: Sequence[PaperId]) -> None:
        views = self._views(papers)
        variant = Variant(Frequency.DAILY, named=False, empty=False)
        html, text = self._printed(variant, [views[paper_id] for paper_id in papers])
        html_frame, text_frame = self._frame(variant)
        html_cards = self._pieces_of(html, len(papers), html_frame, _HTML)
        text_cards = self._pieces_of(text, len(papers), text_frame, _TEXT)
        for paper_id, html_card, text_card in zip(papers, html_cards, text_cards, strict=True):
            self._cards[paper_id] = Card(html_card, text_card)

    def _pieces_of(
        self, document: str, papers: int, frame: Frame, where: str
    ) -> list[tuple[Piece, ...]]:
        """The cards of a document; refused where some papers have other pieces than the samples,
        or words outside of them: those would get lost, or reach the wrong reader."""
        _, cards, gaps, _ = self._marker.split(document)
        if len(cards) != papers or any((segment(gap) if gap else b"") != frame.gap for gap in gaps):
            raise ConfigurationError(
                f"{where}: all that depends on a paper must stand inside one {{% filter card %}}"
            )
        return [self._marker.cut(card, where, _LINKS) for card in cards]

    def _printed(self, variant: Variant, papers: Sequence[PaperView]) -> tuple[str, str]:
        """The whole mail, HTML (inlined) and text, with marks."""
        marked = [replace(paper, number=self._number, reason=self._reason) for paper in papers]
        context = self._context | {
            "variant": variant,
            "reader": self._reader,
            "papers": Uncounted(marked),
        }
        html = inlined(rendered(self._templates, _HTML, context))
        return html, ended(rendered(self._templates, _TEXT, context))


def inlined(html: str) -> str:
    """The page with its CSS in style attributes, as mail clients want it, ended by a newline."""
    from premailer import Premailer  # 0.35 s, and only printing needs it

    if fetch := _FETCHES.search(html):
        raise ConfigurationError(
            f"{_HTML}: {fetch[0][:60]!r} would be fetched while printing: write the CSS out"
        )
    # strip_important would break every media query.
    return ended(
        Premailer(
            html,
            strip_important=False,
            allow_network=False,
            disable_validation=True,
            cssutils_logging_level=logging.CRITICAL,
        ).transform()
    )


def ended(text: str) -> str:
    """The text with exactly one line's end at its end: a part must not end in a soft break."""
    return text.rstrip("\n") + "\n"


def _filled(
    frame: Frame,
    cards: Sequence[Sequence[Piece]],
    values: Mapping[str, str],
    personal: Sequence[Mapping[str, str]],
    escape: Callable[[str], str],
) -> list[bytes]:
    """The frame around the cards with every slot filled."""

    def fill(pieces: Sequence[Piece], words: Mapping[str, str]) -> None:
        for piece in pieces:
            if isinstance(piece, Slot):
                value = words[piece.name]
                if value:
                    encode = cached_segment if piece.name in _SHARED else segment
                    filled.append(encode(escape(value)))
            else:
                filled.append(piece)

    filled: list[bytes] = []
    fill(frame.before, values)
    for number, (card, own) in enumerate(zip(cards, personal, strict=True)):
        if number and frame.gap:
            filled.append(frame.gap)
        fill(card, {**values, **own})
    fill(frame.after, values)
    return filled
