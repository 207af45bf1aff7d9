"""Paragraphs for a terminal: lines of so many columns, whatever script they are written in."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
_OPENING, _CLOSING = {"Ps", "Pi"}, {"Pe", "Pf", "Po"}
_ROOM_AT_LEAST = 2  # columns: a wide sign


def wrapped(text: str, width: int = 72, indent: str = "", first: str | None = None) -> str:
    """The text in lines of at most `width` columns, the indent included; `first`, if given, stands
    in place of the first line's indent.

    White space folds, blank lines part paragraphs, text in Chinese or Japanese may break between
    any two signs. A URL is never broken, however wide; other words wider than a line are broken
    where it ends and share it with no other word.

    Raises ValueError where an indent leaves no room.
    """
    first = indent if first is None else first
    if width - max(columns(indent), columns(first)) < _ROOM_AT_LEAST:
        raise ValueError(f"{width} columns leave no room beside the indent")
    paragraphs = []
    for paragraph in _BLANK_LINE.split(text.strip()):
        lines = _lines(paragraph.split(), width - columns(first), width - columns(indent))
        pairs = zip([first, *[indent] * len(lines)], lines, strict=False)
        paragraphs.append("\n".join(start + line for start, line in pairs))
        first = indent
    return "\n\n".join(paragraphs)


def columns(text: str) -> int:
    """How many columns of a terminal the text takes: 2 for a wide sign of East Asia, 0 for a
    combining mark, 1 for any other."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(sign) for sign in text)


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two signs without a space: one of them is a wide one (UAX
    #11), and no punctuation is torn off what it belongs to."""
    return (
        2 in {_columns_of(before), _columns_of(after)}
        and _columns_of(after) > 0
        and unicodedata.category(before) not in _OPENING
        and unicodedata.category(after) not in _CLOSING
    )


@lru_cache(maxsize=4096)
def _columns_of(sign: str) -> int:
    if unicodedata.category(sign) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1


def _lines(words: list[str], room: int, room_after: int) -> list[str]:
    """The words in lines: the first line has `room` columns, the others `room_after`."""
    lines: list[str] = []
    line: list[str] = []
    filled = 0
    for word in words:
        glue = " "
        for piece in _pieces(word):
            taken = columns(piece)
            if line and filled + len(glue) + taken <= room:
                line += [glue, piece]
                filled += len(glue) + taken
            else:
                if line:
                    lines.append("".join(line))
                    room = room_after
                line, filled = [piece], taken
                if taken > room and "://" not in piece:
                    lines += _broken(piece, room, room_after)
                    line, room = [], room_after
            glue = ""
    return [*lines, "".join(line)] if line else lines


def _pieces(word: str) -> Iterator[str]:
    """The parts of a word between which a line may break."""
    start = 0
    if not word.isascii():
        for at in range(1, len(word)):
            if may_break(word[at - 1], word[at]):
                yield word[start:at]
                start = at
    yield word[start:]


def _broken(word: str, room: int, room_after: int) -> Iterator[str]:
    start = filled = 0
    for at, sign in enumerate(word):
        taken = _columns_of(sign)
        if filled + taken > room:
            yield word[start:at]
            start, filled, room = at, 0, room_after
        filled += taken
    yield word[start:]
