"""What the curator writes: a line on a paper she picks, a foreword to an edition. Plain text."""

import re
import unicodedata

_LINE_LIMIT = 200  # it stands above a title, in small type
_FOREWORD_LIMIT = 2000  # a phone's screen or two before the first paper
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")


def remark(text: str) -> str:
    """One line; raises ValueError where it is too long for one."""
    return _within(_LINE_LIMIT, _line(text), "the note on a paper")


def foreword(text: str) -> str:
    """Paragraphs that are parted by one blank line, each in one line; "" where there is no word.

    Raises ValueError where it is longer than readers should have to scroll.
    """
    text = "\n".join(text.splitlines())
    paragraphs = filter(None, map(_line, _BLANK_LINE.split(text)))
    return _within(_FOREWORD_LIMIT, "\n\n".join(paragraphs), "the note")


def _line(text: str) -> str:
    """The words without what cannot be printed: controls, and bytes that were no UTF-8."""
    kept = (c for c in text if c.isspace() or unicodedata.category(c) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", " ".join("".join(kept).split()))


def _within(limit: int, text: str, what: str) -> str:
    if len(text) > limit:
        raise ValueError(f"{what} has {len(text):,} characters; {limit:,} are the most")
    return text
