"""Marks: words that stand for what is personal while a template is printed once for everybody."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from markupsafe import Markup

from newsletter.errors import ConfigurationError
from newsletter.rendering.quoted import segment

CARD, ENTRY = "card", "entry"
"""The groups of pieces that stand for papers: in full, and as a line of a list."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for something personal in a printed piece."""

    name: str


Piece = bytes | Slot
"""Ready quoted-printable, or a place for something personal."""


class Mark:
    """Stands for a personal value in a template: it can be printed, but not tested."""

    def __init__(self, word: str) -> None:
        self._word = word

    def __str__(self) -> str:
        return self._word

    def __html__(self) -> str:
        return self._word

    def _refused(self, *_: Any) -> NoReturn:
        raise TypeError(
            "a personal value cannot be tested: the mail is printed once for everybody."
            " Only variant, edition, sender, curator and a paper's own words can be"
        )

    __bool__ = __eq__ = __lt__ = __gt__ = __len__ = __iter__ = __contains__ = _refused
    __hash__ = None  # type: ignore[assignment]


class Uncounted:
    """Papers that a template may go through, not count: how many there are is personal."""

    def __init__(self, papers: Sequence[object]) -> None:
        self._papers = papers

    def __iter__(self) -> Iterator[object]:
        return iter(self._papers)

    def __len__(self) -> NoReturn:
        raise TypeError("how many papers there are is personal: print reader.count instead")

    def __str__(self) -> str:
        raise TypeError("papers are personal: go through them, each in its card")


def slot_name(field: str) -> str:
    """The name of a field as it stands in a mark, where there are letters alone."""
    return field.replace("_", "")


class Marker:
    """Makes mark words and cuts documents at them.

    A word is lower-case letters and digits, which every HTML parser leaves alone. The nonce in it
    is unguessable, so that no title can pretend to be a mark.
    """

    def __init__(self, nonce: str) -> None:
        if not re.fullmatch("[a-z0-9]{8,}", nonce):
            raise ValueError("a nonce is at least eight of a-z and 0-9, to survive HTML")
        self._root = f"zq{nonce}"
        self._slot = re.compile(rf"{self._root}s([a-z]+?)qz")
        self._edges = {
            group: re.compile(rf"(?:<!--)?{self._root}{group[0]}(?:opens|closes)qz(?:-->)?")
            for group in (CARD, ENTRY)
        }

    def mark(self, name: str) -> Mark:
        return Mark(f"{self._root}s{slot_name(name)}qz")

    def bracketed(self, group: str, content: str) -> str:
        """A paper's piece between the marks of its beginning and end: comments in HTML, since no
        word may stand between the rows of a table."""
        opens, closes = (f"{self._root}{group[0]}{edge}qz" for edge in ("opens", "closes"))
        if isinstance(content, Markup):
            return Markup("<!--{}-->{}<!--{}-->").format(opens, content, closes)
        return f"{opens}{content}{closes}"

    def split(self, document: str, group: str) -> tuple[str, list[str], list[str], str]:
        """(before, pieces of the group, gaps between them, after); without any all is before."""
        before, *rest = self._edges[group].split(document)
        if not rest:
            return before, [], [], ""
        *inner, after = rest
        return before, inner[::2], inner[1::2], after

    def line(self, text: str, where: str) -> str:
        """A line of plain text with `%(slot)s` for what is personal."""
        parts = self._slot.split(text)
        if any(self._root in part.lower() for part in parts):
            raise _filtered(where)
        return "".join(
            f"%({part})s" if place % 2 else part.replace("%", "%%")
            for place, part in enumerate(parts)
        )

    def cut(self, text: str, where: str, links: frozenset[str]) -> tuple[Piece, ...]:
        """The text as ready pieces and slots. `where` names the template in the ConfigurationError
        of a mark that stands where it cannot be filled in."""
        pieces: list[Piece] = []
        parts = self._slot.split(text)
        inside = False
        for place, part in enumerate(parts):
            if place % 2:
                if part not in links and inside:
                    raise ConfigurationError(
                        f"{where}: reader.{part} or paper.{part} stands in an attribute;"
                        " only links can"
                    )
                pieces.append(Slot(part))
            elif part:
                inside = where.endswith(".html") and _in_tag(part, inside)
                if self._root in part.lower():
                    raise _filtered(where)
                pieces.append(segment(part))
        return tuple(pieces)


def _filtered(where: str) -> ConfigurationError:
    return ConfigurationError(
        f"{where}: a personal value is changed by a filter; print it as it is"
    )


def _in_tag(text: str, inside: bool) -> bool:
    """Whether a tag is open after the text, given whether one was before it."""
    last = max(text.rfind("<"), text.rfind(">"))
    return inside if last < 0 else re.match(r"<[a-zA-Z]", text[last:]) is not None
