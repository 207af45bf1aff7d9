"""What can be printed: a text for the text part, with its form in HTML."""

import re
from dataclasses import dataclass
from typing import Protocol

from markupsafe import Markup

from newsletter.rendering.tex import to_html, to_text
from newsletter.rendering.wrap import wrapped

_COLUMNS = 72  # of the text part

# Hebrew, Arabic and their kin, and the marks that turn a line around.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\u200f\u202b\u202e\u2067\ufb1d-\ufdff\ufe70-\ufefc"
    "\U00010800-\U00010fff\U0001e800-\U0001efff]"
)
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"  # UAX #9 §2.7


class Printable(Protocol):
    """Anything a template may print: HTML in .html templates, plain text in .txt ones."""

    def __str__(self) -> str: ...

    def __html__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Words:
    """A text with its HTML form: {{ it }} prints the one that belongs."""

    text: str
    html: Markup

    @classmethod
    def from_tex(cls, source: str) -> "Words":
        return cls(to_text(source), to_html(source))

    @classmethod
    def plain(cls, text: str) -> "Words":
        # & < > only, as lxml's serializer does it: a mail printed from segments and one printed
        # whole are then the same bytes.
        return cls(text, Markup(escape_text(text)))  # noqa: S704  # escaped in the same breath

    @classmethod
    def folded(cls, text: str, indent: str = "", before: int = 0) -> "Words":
        """A text on lines of its own in the text part, `before` columns of the first one taken."""
        room = wrapped(text, _COLUMNS, indent, " " * before)[before:]
        return cls(room, cls.plain(text).html)

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return self.html


def escape_text(text: str) -> str:
    """The text as lxml writes it into an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def isolated(text: str) -> str:
    """The text so that its direction does not spread to what stands around it (UAX #9); as it is
    where all of it runs from left to right."""
    return f"{_ISOLATE}{text}{_END_OF_ISOLATE}" if _RIGHT_TO_LEFT.search(text) else text


def title_line(title: str, limit: int = 90) -> str:
    """A title as plain text, cut to a line of a terminal or of a reason."""
    return cut(to_text(title), limit)


def cut(text: str, limit: int) -> str:
    """The text, or its beginning up to a word's end and an ellipsis, within `limit` characters."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    beginning = text[: limit - 1]
    words, _, _ = beginning.rpartition(" ")
    # A single word longer than the half of it all is cut inside.
    return (words if len(words) * 2 > limit else beginning).rstrip(" ,;:.-–—") + "…"
