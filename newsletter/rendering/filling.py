"""Filling: what is personal goes into the places that the press left for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from newsletter.rendering.marks import CARD, ENTRY, Piece, Slot
from newsletter.rendering.printable import Printable
from newsletter.rendering.quoted import cached_segment, segment


@dataclass(frozen=True, slots=True)
class Card:
    """One paper's piece of a mail, in each part."""

    html: tuple[Piece, ...]
    text: tuple[Piece, ...]
    octets: int
    """Of the HTML, without its reason."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around the papers, in one part: before the cards, between them and the list of
    the rest, and after that; and what stands between two pieces of each group."""

    stretches: tuple[tuple[Piece, ...], tuple[Piece, ...], tuple[Piece, ...]]
    gaps: dict[str, bytes]
    octets: int
    lists_rest: bool


class Filling:
    """Fills slots: `values` by the name of a slot, each encoded once."""

    def __init__(self, values: Mapping[str, Printable], form: Callable[[Printable], str]) -> None:
        self._form = form
        self._encoded = {name: segment(form(value)) for name, value in values.items()}

    def filled(
        self,
        frame: Frame,
        cards: Sequence[Sequence[Piece]],
        own: Sequence[Mapping[str, Printable]],
        entries: Sequence[Sequence[Piece]],
    ) -> list[bytes]:
        """The frame around the cards, each with its own words, and around the entries."""
        before, between, after = frame.stretches
        filled: list[bytes] = []
        self._fill(filled, before)
        for number, (card, words) in enumerate(zip(cards, own, strict=True)):
            if number:
                filled.append(frame.gaps[CARD])
            self._fill(filled, card, words)
        self._fill(filled, between)
        for number, entry in enumerate(entries):
            if number:
                filled.append(frame.gaps[ENTRY])
            self._fill(filled, entry)
        self._fill(filled, after)
        return [piece for piece in filled if piece]

    def _fill(
        self,
        filled: list[bytes],
        pieces: Sequence[Piece],
        own: Mapping[str, Printable] = MappingProxyType({}),
    ) -> None:
        for piece in pieces:
            if not isinstance(piece, Slot):
                filled.append(piece)
            elif piece.name in own:
                # Numbers and reasons are the same for many readers: worth remembering.
                filled.append(cached_segment(self._form(own[piece.name])))
            else:
                filled.append(self._encoded[piece.name])
