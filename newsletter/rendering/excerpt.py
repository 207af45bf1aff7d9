"""The sentences of an abstract that a digest quotes."""

import re
from collections.abc import Container, Iterator

from newsletter.rendering.texscan import Scan
from newsletter.rendering.wrap import may_break

_SENTENCES = 3
_ELLIPSIS = "…"

# What may end a sentence: a stop with the quotes and brackets that close after it, before a space
# and something other than a small letter. East Asian stops need no space.
_STOP = re.compile(
    r"""(?P<latin>[.!?…]+)["'”’)\]}]*(?=\s+[^\sa-z]|\s*$)|[。！？｡]+["'”’」』）)\]]*""", re.VERBOSE
)
_LAST_WORD = re.compile(r"[\w.-]*\w$")
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]")
# Abbreviations that introduce what follows.
_INTRODUCING = frozenset(
    {"e.g", "i.e", "cf", "vs", "viz", "w.r.t", "a.k.a", "resp", "approx", "ca", "v", "vol", "pp"}
    | {"fig", "figs", "eq", "eqs", "sec", "secs", "tab", "ref", "refs", "ed", "eds"}
    | {"dr", "prof", "mr", "mrs", "ms", "st"}
)
# Those that end a sentence only where the next word looks like a beginning.
_EITHER = frozenset({"al", "etc", "i.i.d", "ph.d", "no", "inc", "ltd", "corp", "jr", "sr"})
_BEGINNING = re.compile(
    r"""\s+["'“‘(]?(?:A|An|The|This|These|That|Those|It|Its|We|Our|In|On|At|By|As|To|For|From|With
    |When|While|If|However|Here|Thus|Hence|Moreover|Furthermore|Although|Despite|Yet|But|Such|Both
    |Each|Many|Most|Recent|Recently|Existing|Experiments|Results|Code)\b""",
    re.VERBOSE,
)
_LOOSE_END = re.compile(r"(?<![\\\s,;:])[\s,;:]+$")


def excerpt(abstract: str, limit: int = 420) -> str:
    """The first one to three sentences of the abstract that fit into `limit` characters, white
    space folded and otherwise as they are.

    Abstract and excerpt are as the authors typed them. The end is never within a segment of TeX or
    a URL, as long as that is shorter than the limit itself. A first sentence that is too long ends
    after a word, with an ellipsis.
    """
    folded = " ".join(abstract.split())
    text = folded[: 2 * limit + 2]  # all that begins below the limit and may not be cut
    whole = {
        cut
        for start, end in Scan(text).segments
        if end - start < limit
        for cut in range(start + 1, end)
    }
    ends = [end for end in _sentence_ends(text, whole) if end <= limit]
    if ends:
        return text[: ends[:_SENTENCES][-1]]
    return _shortened(text, limit, whole) if len(text) > limit else text


def _sentence_ends(text: str, whole: Container[int]) -> Iterator[int]:
    """Where the sentences end; the last one may lack a stop."""
    start = 0
    for stop in _STOP.finditer(text):
        if stop.end() in whole or (stop["latin"] == "." and _abbreviates(text, start, stop)):
            continue
        yield stop.end()
        start = stop.end()
    if start < len(text):
        yield len(text)


def _abbreviates(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether the full stop belongs to an abbreviation or a number within its sentence."""
    found = _LAST_WORD.search(text, max(start, stop.start() - 30), stop.start())
    if not found:
        return False
    word = found[0]
    if word.casefold() in _INTRODUCING:
        return True
    if word.casefold() in _EITHER or _INITIALS.fullmatch(word):
        return stop.end() < len(text) and not _BEGINNING.match(text, stop.end())
    return word.isdecimal() and not text[start : found.start()].strip(" (")


def _shortened(text: str, limit: int, whole: Container[int]) -> str:
    room = limit - len(_ELLIPSIS)
    allowed = [cut for cut in range(room, 0, -1) if cut not in whole]
    words = (cut for cut in allowed if text[cut] == " " or may_break(text[cut - 1], text[cut]))
    cut = next(words, allowed[0] if allowed else room)
    return _LOOSE_END.sub("", text[:cut]) + _ELLIPSIS
