"""Filling: what is personal goes into the places that the press left for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, Self

from newsletter.rendering.marks import CARD, ENTRY, Piece, Slot
from newsletter.rendering.printable import Printable, Words
from newsletter.rendering.quoted import segment
from newsletter.rendering.views import reason_words

Encoded = Mapping[str, bytes]
"""Ready quoted-printable by the name of the slot where it belongs."""


class Stencil(NamedTuple):
    """Ready pieces, empty ones where something personal belongs, and which that is."""

    ready: tuple[bytes, ...]
    slots: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, pieces: Sequence[Piece]) -> Self:
        ready = tuple(b"" if isinstance(piece, Slot) else piece for piece in pieces)
        named = enumerate(pieces)
        return cls(ready, tuple((n, piece.name) for n, piece in named if isinstance(piece, Slot)))


@dataclass(frozen=True, slots=True)
class Card:
    """One paper's piece of a mail."""

    parts: tuple[Stencil, Stencil]
    """Of the text and of the HTML."""
    octets: int
    """Of the HTML, without its reason."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the papers, in one part: before the cards, between them and the list of
    the rest, and after that; and what stands between two pieces of each group."""

    stretches: tuple[Stencil, Stencil, Stencil]
    gaps: dict[str, bytes]
    octets: int
    lists_rest: bool


@lru_cache(maxsize=16_384)
def own_words(number: int, reason: str) -> tuple[Encoded, Encoded]:
    """What a card says of the paper's place in this mail, for the text and for HTML: the same for
    many readers."""
    return encoded({"number": Words.plain(str(number)), "reason": reason_words(number, reason)})


def encoded(values: Mapping[str, Printable]) -> tuple[Encoded, Encoded]:
    """The values as quoted-printable, for the text and for HTML."""
    texts, htmls = {}, {}
    for name, value in values.items():
        text, html = str(value), value.__html__()
        texts[name] = segment(text)
        htmls[name] = texts[name] if html == text else segment(html)
    return texts, htmls


def filled(
    frame: Frame,
    values: Encoded,
    cards: Sequence[Stencil],
    entries: Sequence[Stencil],
    own: Sequence[Encoded],
) -> list[bytes]:
    """The frame around the cards, each with its own words, and around the entries; `values` are the
    reader's."""
    before, between, after = frame.stretches
    pieces: list[bytes] = []
    _fill(pieces, before, values)
    for number, (card, words) in enumerate(zip(cards, own, strict=True)):
        if number:
            pieces.append(frame.gaps[CARD])
        _fill(pieces, card, {**values, **words})
    _fill(pieces, between, values)
    for number, entry in enumerate(entries):
        if number:
            pieces.append(frame.gaps[ENTRY])
        _fill(pieces, entry, values)
    _fill(pieces, after, values)
    return [piece for piece in pieces if piece]


def _fill(pieces: list[bytes], stencil: Stencil, values: Encoded) -> None:
    # Some two hundred pieces a mail: this is the inner loop of all printing.
    begin = len(pieces)
    pieces += stencil.ready
    for place, name in stencil.slots:
        pieces[begin + place] = values[name]
