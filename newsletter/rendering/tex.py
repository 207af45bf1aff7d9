"""Titles, abstracts and names as their authors typed them, made readable: TeX becomes Unicode.

Only what is plainly TeX is converted. Authors also write `100% of 5 & 6`, `$5 and $10`, snake_case
and code, and a text read as TeX from end to end would lose everything after its first bare `%`.
What is not understood stays as it was typed.
"""

import re

from markupsafe import Markup

from newsletter.rendering import symbols
from newsletter.rendering.texscan import Scan

_UNWANTED = re.compile(
    r"(?P<space>[\t-\r\x1c-\x1f\x85\xa0\u2028\u2029])|(?P<lost>[\x00\ud800-\udfff\ufffe\uffff])"
    r"|[\x01-\x1b\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
)
_TAGS = re.compile("([\x01-\x04])")
_HTML = {1: "<sub>", 2: "</sub>", 3: "<sup>", 4: "</sup>", 38: "&amp;", 60: "&lt;", 62: "&gt;"}


def to_text(source: str) -> str:
    """The source as plain text, with Unicode's subscripts and superscripts as far as they go."""
    said: list[list[str]] = [[]]
    for piece in _TAGS.split(_read(source)):
        if piece in {"\x01", "\x03"}:
            said.append([])
        elif piece in {"\x02", "\x04"}:
            word = "".join(said.pop())
            said[-1].append(symbols.script(word, raised=piece == "\x04"))
        else:
            said[-1].append(piece)
    return "".join(said[0])


def to_html(source: str) -> Markup:
    """The source as HTML without tags but `sub` and `sup`, for use between tags, not in attributes:
    quotes stay plain, as lxml prints them."""
    return Markup(_read(source).translate(_HTML))  # noqa: S704  # the translation escapes


def _read(source: str) -> str:
    return Scan(_UNWANTED.sub(_replacement, source)).text


def _replacement(unwanted: re.Match[str]) -> str:
    if unwanted["space"]:
        return " "
    return "\ufffd" if unwanted["lost"] else ""
