"""Filling: what is personal goes into the places that the press left for it."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from newsletter.rendering.marks import CARD, ENTRY, Piece, Slot
from newsletter.rendering.printable import Printable, Words
from newsletter.rendering.quoted import segment
from newsletter.rendering.views import reason_words

Encoded = dict[bytes, bytes]
"""Ready quoted-printable by the name of the slot where it belongs."""

Stencil = bytes
"""Ready quoted-printable with `%(slot)b` where something personal belongs: filling it in is one
call of C's."""


def stencil(pieces: Sequence[Piece]) -> Stencil:
    """The pieces of a document as one."""
    return b"".join(
        b"%%(%b)b" % piece.name.encode() if isinstance(piece, Slot) else piece.replace(b"%", b"%%")
        for piece in pieces
    )


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


# Many readers share the best paper and what theirs are about.
_shared = lru_cache(maxsize=4096)(segment)


@lru_cache(maxsize=16_384)
def own_words(number: int, reason: str) -> tuple[Encoded, Encoded]:
    """What a card says of the paper's place in this mail, for the text and for HTML: the same for
    many readers."""
    return encoded({"number": Words.plain(str(number)), "reason": reason_words(number, reason)})


def encoded(
    values: Mapping[str, Printable], links: AbstractSet[str] = frozenset()
) -> tuple[Encoded, Encoded]:
    """The values as quoted-printable, for the text and for HTML. `links` are the names of those
    that no two readers share."""
    texts, htmls = {}, {}
    for name, value in values.items():
        key, text, html = name.encode(), str(value), value.__html__()
        coded = segment if name in links else _shared
        texts[key] = coded(text)
        htmls[key] = texts[key] if html == text else coded(html)
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
    gap = frame.gaps[CARD]
    pieces = [before % values]
    for card, words in zip(cards, own, strict=True):
        pieces += (card % (values | words), gap)
    if cards:
        del pieces[-1]
    pieces.append(between % values)
    pieces.append(frame.gaps[ENTRY].join([entry % values for entry in entries]))
    pieces.append(after % values)
    return pieces
