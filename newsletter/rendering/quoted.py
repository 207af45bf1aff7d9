"""Quoted-printable (RFC 2045 §6.7) in pieces that may be joined in any order."""

from functools import lru_cache

_WIDTH = 76
# What may stand for itself: printable ASCII but "=", and blanks inside a line.
_TABLE = [
    chr(byte) if (33 <= byte <= 126 and byte != 61) or byte in b" \t" else f"={byte:02X}"
    for byte in range(256)
]


def segment(text: str) -> bytes:
    """The text as quoted-printable that begins in column 0 and ends with a line's end, so that
    segments can be joined freely. A text not ending in "\\n" ends in a soft line break.

    No line begins with "." (SMTP would double it) or "From " (mbox files would quote it): what is
    stored, signed and sent are the same bytes.
    """
    *lines, rest = text.split("\n")
    out = [piece for line in lines for piece in _pieces(line, last="\r\n")]
    if rest:
        out.extend(_pieces(rest, last="=\r\n"))
    return "".join(out).encode("ascii")


cached_segment = lru_cache(maxsize=16_384)(segment)
"""`segment` for what many readers share: reasons, numbers, titles."""


def _pieces(line: str, last: str) -> list[str]:
    coded = [_TABLE[byte] for byte in line.encode("utf-8")]
    if coded and coded[-1] in {" ", "\t"} and last == "\r\n":
        coded[-1] = f"={ord(coded[-1]):02X}"  # blanks at a line's end get lost on the way
    pieces = []
    current: list[str] = []
    width = 0
    for place, unit in enumerate(coded):
        # One column is kept for the "=" of a soft break.
        if width + len(unit) > _WIDTH - 1:
            pieces.append("".join(current) + "=\r\n")
            current, width = [], 0
        safe = unit if width else _safe_start(unit, coded, place)
        current.append(safe)
        width += len(safe)
    pieces.append("".join(current) + last)
    return pieces


def _safe_start(unit: str, coded: list[str], place: int) -> str:
    if unit == ".":
        return "=2E"
    if unit == "F" and "".join(coded[place : place + 5]) == "From ":
        return "=46"
    return unit
