"""The press: a mail's templates rendered and inlined once, then cut into ready segments.

The real Jinja2 templates are rendered with mark words where something personal belongs, premailer
inlines the CSS once, the result is cut at the marks, and every piece becomes quoted-printable that
may stand beside any other. A reader's mail is then a list of ready pieces and a few encoded words.
Decoded, it equals rendering everything for her and inlining that, byte for byte: a test says so.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from newsletter.editorial.papers import PaperId
from newsletter.errors import ConfigurationError
from newsletter.rendering.filling import Card, Frame, encoded, filled, own_words, stencil
from newsletter.rendering.inlining import ended, inlined
from newsletter.rendering.kinds import DIGEST, Kind
from newsletter.rendering.loader import Templates
from newsletter.rendering.marks import CARD, ENTRY, Marker, Piece, Slot, Uncounted, slot_name
from newsletter.rendering.printable import escape_text
from newsletter.rendering.quoted import segment
from newsletter.rendering.samples import OTHERS, SAMPLES
from newsletter.rendering.views import PaperView, Variant, tasting

Views = Callable[[Sequence[PaperId]], Mapping[PaperId, PaperView]]
"""Gives papers as the templates see them."""
_MOST_CARDS = 1024  # about 10 MB; a window can hold thousands, a day's readers want hundreds
_AT_ONCE = 64  # papers printed in one document: what a document costs apart from them is spread


@dataclass(frozen=True, slots=True)
class Body:
    """The parts of one message as quoted-printable segments; `html` is None in a text-only mail."""

    text: list[bytes]
    html: list[bytes] | None


class _Parts(NamedTuple):
    """A printed document: what stands around its pieces, these, and what stands between them."""

    stretches: tuple[str, str, str]
    pieces: dict[str, list[str]]
    gaps: dict[str, list[str]]


class Press:
    """Prints the mails of one kind. `context` is what the templates see that is the same for all;
    `views` gives papers, `nonce` goes into the mark words, `link_octets` is the most that a
    personal link takes."""

    def __init__(
        self,
        templates: Templates,
        kind: Kind,
        context: Mapping[str, Any],
        nonce: str,
        link_octets: int,
        views: Views = lambda _: {},
    ) -> None:
        self._link_octets = link_octets
        self._marker = Marker(nonce)
        self._templates = templates.marking(self._marker.bracketed)
        self._kind = kind
        self._context = dict(context)
        self._views = views
        self._frames: dict[Variant, tuple[Frame, Frame]] = {}
        self._subjects: dict[Variant, str] = {}
        self._most_cards = _MOST_CARDS
        self._cards: dict[str, dict[str, Card]] = {CARD: {}, ENTRY: {}}
        self._bare_octets: dict[str, int] = {}
        self._sample_pieces: dict[tuple[str, str, int], str] = {}
        mark = self._marker.mark
        self._reader = kind.view(**{name: mark(name) for name in kind.personal})
        self._number, self._reason = mark("number"), mark("reason")
        self._personal = tuple((name, slot_name(name)) for name in kind.personal)
        self._links = frozenset(slot_name(n) for n in kind.personal if n.endswith("_url"))

    def subject(self, variant: Variant, reader: object) -> str:
        """The subject line, in plain text."""
        if variant not in self._subjects:
            context = self._context | {"variant": variant, "reader": self._reader}
            line = self._templates.rendered(self._kind.subject, context)
            self._subjects[variant] = self._marker.line(line, self._kind.subject)
        words = {slot: str(getattr(reader, name)) for name, slot in self._personal}
        return " ".join((self._subjects[variant] % words).split())

    def body(
        self,
        variant: Variant,
        reader: object,
        papers: Sequence[tuple[PaperId, str]] = (),
        rest: Sequence[PaperId] = (),
        *,
        with_html: bool = True,
    ) -> Body:
        """Her mail: the frame of this variant around these papers, each with its reason."""
        html_frame, text_frame = self._frame(variant)
        cards, entries = self._pieces([paper for paper, _ in papers], rest)
        words = {slot: getattr(reader, name) for name, slot in self._personal}
        values = encoded(words, self._links)
        own = [own_words(number, reason) for number, (_, reason) in enumerate(papers, 1)]

        def part(place: int, frame: Frame) -> list[bytes]:
            printed, listed = (
                [piece.parts[place] for piece in group] for group in (cards, entries)
            )
            return filled(frame, values[place], printed, listed, [words[place] for words in own])

        return Body(part(0, text_frame), part(1, html_frame) if with_html else None)

    def octets(
        self,
        variant: Variant,
        papers: Sequence[tuple[PaperId, str]],
        rest: Sequence[PaperId] = (),
    ) -> int:
        """About how many octets the HTML of such a mail has, rather one too many than too few."""
        frame, _ = self._frame(variant)
        cards, entries = self._pieces([paper for paper, _ in papers], rest)
        reasons = sum(_octets(escape_text(reason)) for _, reason in papers)
        return frame.octets + reasons + sum(piece.octets for piece in (*cards, *entries))

    def room(self, variant: Variant) -> tuple[int, int, int]:
        """What is known before any paper is printed, in octets of HTML: the frame, a card and an
        entry that hold next to no words."""
        octets = self._frame(variant)[0].octets
        card, entry = (self._bare_octets.get(group, 0) for group in (CARD, ENTRY))
        return octets, card, entry

    def ahead(self, papers: Sequence[PaperId], rest: Sequence[PaperId]) -> None:
        """Print these papers' pieces now, many at once, instead of each when it is first wanted."""
        self._pieces(papers, rest)

    def _frame(self, variant: Variant) -> tuple[Frame, Frame]:
        if variant not in self._frames:
            first, second = (
                self._printed(
                    variant,
                    () if variant.empty else samples,
                    samples if variant.rest else (),
                )
                for samples in (SAMPLES, OTHERS)
            )
            html, text = (
                self._framed((one, other), variant, where)
                for one, other, where in zip(
                    first, second, (self._kind.html, self._kind.text), strict=True
                )
            )
            self._frames[variant] = (html, text)
        return self._frames[variant]

    def _framed(self, documents: tuple[str, str], variant: Variant, where: str) -> Frame:
        parts, others = (self._parted(document) for document in documents)
        if parts.stretches != others.stretches:
            raise ConfigurationError(
                f"{where}: all that is said of a paper, and of how many there are, must stand"
                " inside {% filter card %} or {% filter entry %}: elsewhere it is the samples'"
            )
        wanted = {CARD: False, ENTRY: False}
        if self._kind is DIGEST:
            wanted = {CARD: not variant.empty, ENTRY: variant.rest}
        for group, is_wanted in wanted.items():
            self._look_alike(group, parts, others, where, wanted=is_wanted)
        cut = tuple(self._marker.cut(stretch, where, self._links) for stretch in parts.stretches)
        before, between, after = map(stencil, cut)
        frame = Frame(
            (before, between, after),
            {
                group: segment(parts.gaps[group][0]) if parts.gaps[group] else b""
                for group in (CARD, ENTRY)
            },
            sum(map(_octets, parts.stretches)) + sum(map(self._room, cut)),
            bool(parts.pieces[ENTRY]),
        )
        way_out = self._kind.way_out
        if Slot(slot_name(way_out)) not in (piece for stretch in cut for piece in stretch):
            raise ConfigurationError(
                f"{where}: reader.{way_out} is missing: every mail needs a way out of it"
            )
        return frame

    def _parted(self, document: str) -> _Parts:
        before, cards, card_gaps, after = self._marker.split(document, CARD)
        between, entries, entry_gaps, end = self._marker.split(after or before, ENTRY)
        return _Parts(
            (before if cards else "", between, end),
            {CARD: cards, ENTRY: entries},
            {CARD: card_gaps, ENTRY: entry_gaps},
        )

    def _look_alike(
        self, group: str, parts: _Parts, others: _Parts, where: str, *, wanted: bool
    ) -> None:
        pieces, gaps = parts.pieces[group], parts.gaps[group]
        expected = len(SAMPLES) if wanted else 0
        if group == ENTRY and not pieces:
            return  # a design without a list of the rest
        if len(pieces) != expected:
            raise ConfigurationError(
                f"{where}: each paper must be wrapped in {{% filter {group} %}} once"
                f" (found {len(pieces)} pieces for {expected} papers)"
            )
        if not wanted:
            return
        if where == self._kind.html:
            slots = self._marker.cut(pieces[0], where, self._links)
            self._bare_octets[group] = _octets(pieces[0]) + self._room(slots)
        # In the second printing the same two papers stand at other places, among fewer.
        rich, bare = pieces[::2], pieces[1::2]
        seen = {*rich, others.pieces[group][1]}, {*bare, others.pieces[group][2]}
        for place, alike in enumerate(seen):
            known = self._sample_pieces.setdefault((where, group, place), next(iter(alike)))
            if len({*alike, known}) > 1 or len({*gaps, *others.gaps[group]}) > 1:
                raise ConfigurationError(
                    f"{where}: a paper must look alike wherever and in whatever mail it stands: use"
                    f" paper.number instead of loop.*, and no variant inside {{% filter {group} %}}"
                )

    def _pieces(
        self, papers: Sequence[PaperId], rest: Sequence[PaperId]
    ) -> tuple[list[Card], list[Card]]:
        """The cards of papers and the entries of the rest, printed now where they never were."""
        known, listed = self._cards[CARD], self._cards[ENTRY]
        missing = [(CARD, paper) for paper in papers if paper.value not in known]
        missing += [(ENTRY, paper) for paper in rest if paper.value not in listed]
        for begin in range(0, len(missing), _AT_ONCE):
            self._print(missing[begin : begin + _AT_ONCE])
        found = [known[paper.value] for paper in papers], [listed[paper.value] for paper in rest]
        for cards, wanted in zip((known, listed), found, strict=True):
            while len(cards) > max(self._most_cards, len(wanted)):
                del cards[next(iter(cards))]  # the one that was printed first
        return found

    def _print(self, keys: Sequence[tuple[str, PaperId]]) -> None:
        variant = Variant(rest=True)
        frames = self._frame(variant)
        views = self._views([paper for _, paper in keys])
        wanted = {group: [paper for of, paper in keys if of == group] for group in (CARD, ENTRY)}
        documents = self._printed(
            variant,
            [views[paper] for paper in wanted[CARD]],
            [views[paper] for paper in wanted[ENTRY]],
        )
        for group, papers in wanted.items():
            html, text = (
                self._pieces_of(document, group, len(papers), frame, where)
                for document, frame, where in zip(
                    documents, frames, (self._kind.html, self._kind.text), strict=True
                )
            )
            for paper, (styled, octets), (plain, _) in zip(papers, html, text, strict=True):
                card = Card((stencil(plain), stencil(styled)), octets)
                self._cards[group][paper.value] = card

    def _pieces_of(
        self, document: str, group: str, papers: int, frame: Frame, where: str
    ) -> list[tuple[tuple[Piece, ...], int]]:
        """The group's pieces of a document with their octets; refused where some papers have other
        pieces than the samples, or words outside of them: those would get lost, or reach the wrong
        reader."""
        _, pieces, gaps, _ = self._marker.split(document, group)
        expected = frame.gaps[group]
        if group == ENTRY and not frame.lists_rest:
            return [((), 0)] * papers
        if len(pieces) != papers or any((segment(g) if g else b"") != expected for g in gaps):
            raise ConfigurationError(
                f"{where}: all that depends on a paper must stand inside one {{% filter {group} %}}"
            )
        cut = [self._marker.cut(piece, where, self._links) for piece in pieces]
        return [
            (slots, _octets(piece) + self._room(slots) + len(expected))
            for piece, slots in zip(pieces, cut, strict=True)
        ]

    def _room(self, pieces: Sequence[Piece]) -> int:
        """Octets that the links in these pieces may take."""
        slots = (piece for piece in pieces if isinstance(piece, Slot))
        return self._link_octets * sum(slot.name in self._links for slot in slots)

    def _printed(
        self, variant: Variant, papers: Sequence[PaperView], rest: Sequence[PaperView]
    ) -> tuple[str, str]:
        """The whole mail, HTML (inlined) and text, with marks."""
        context = self._context | {"variant": variant, "reader": self._reader}
        if self._kind is DIGEST:
            tasted = (tasting(paper, self._reader.taste_url) for paper in papers)
            marked = [replace(p, number=self._number, reason=self._reason) for p in tasted]
            context |= {"papers": Uncounted(marked), "rest": Uncounted(rest)}
        html = self._templates.rendered(self._kind.html, context)
        text = self._templates.rendered(self._kind.text, context)
        return inlined(html, self._kind.html), ended(text)


def _octets(text: str) -> int:
    return len(text.encode())
