"""Quoted-printable (RFC 2045 §6.7) in pieces that may be joined in any order."""

import re

_LINE = 75  # columns of 76: one is kept for the "=" of a soft break
# What may stand for itself: printable ASCII but "=", and blanks inside a line.
_SAFE = {*range(32, 127), 9} - {61}
_CODED = {byte: f"={byte:02X}" for byte in range(256) if byte not in _SAFE}
# A line that needs nothing: most of what is personal.
_PLAIN = re.compile(rf"(?!\.|From )[ -<>-~]{{1,{_LINE}}}")


def segment(text: str) -> bytes:
    """The text as quoted-printable that begins in column 0 and ends with a line's end, so that
    segments can be joined freely. A text not ending in "\n" ends in a soft line break.

    No line begins with "." (SMTP would double it) or "From " (mbox files would quote it): what is
    stored, signed and sent are the same bytes.
    """
    if _PLAIN.fullmatch(text):
        return f"{text}=\r\n".encode("ascii")
    *lines, rest = text.split("\n")
    out = [_line(line, "\r\n") for line in lines]
    if rest:
        out.append(_line(rest, "=\r\n"))
    return "".join(out).encode("ascii")


def _line(line: str, last: str) -> str:
    coded = line
    if "=" in line or not (line.isascii() and line.isprintable()):
        coded = line.encode("utf-8").decode("latin-1").translate(_CODED)
    if coded[-1:] in {" ", "\t"} and last == "\r\n":
        coded = f"{coded[:-1]}={ord(coded[-1]):02X}"  # blanks at a line's end get lost on the way
    coded = _safe_start(coded)
    pieces = []
    while len(coded) > _LINE:
        end = _LINE
        if "=" in coded[end - 2 : end]:  # not inside of "=3D"
            end = coded.index("=", end - 2)
        pieces.append(coded[:end])
        coded = _safe_start(coded[end:])
    return "=\r\n".join([*pieces, coded]) + last


def _safe_start(coded: str) -> str:
    if coded.startswith("."):
        return f"=2E{coded[1:]}"
    if coded.startswith("From "):
        return f"=46{coded[1:]}"
    return coded
