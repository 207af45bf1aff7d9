"""Where the sentences of an abstract begin and end."""

import re
from collections.abc import Container, Iterator

# What may end a sentence: a stop with the quotes and brackets that close after it, before a space
# and something that begins a sentence: no small letter, or a name like iGAN, vLLM and x2vec. East
# Asian stops need no space, and some authors forget it.
_STOP = re.compile(
    r"""(?P<latin>(?<![.!?…])[.!?…]++['"”’)\]}]*+)
        (?:(?=\s+(?:[^\sa-z]|[a-z][a-z-]{0,15}[A-Z0-9]))|(?=\s*$)
          |(?<=[a-z0-9)]\.)(?=(?:The|This|These|We|Our|In|To|However|Extensive|Experiments)\s))
    |(?P<eastern>[。！？｡]+["'”’」』）)\]]*)
    |(?P<bullet>\s)(?=[•▪◦‣●]\s)""",
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[\w.-]*\w$")
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]")
# Abbreviations that introduce what follows.
_INTRODUCING = frozenset(
    {"e.g", "i.e", "eg", "ie", "cf", "c.f", "vs", "viz", "w.r.t", "a.k.a", "resp", "approx", "ca"}
    | {"v", "vol", "pp", "s.t", "incl", "esp", "aka", "et"}
    | {"fig", "figs", "eq", "eqs", "eqn", "sec", "secs", "sect", "tab", "ref", "refs", "ed", "eds"}
    | {"alg", "thm", "def", "prop", "lem", "app", "ch", "chap"}
)
_TITLES = frozenset({"Dr", "Prof", "Mr", "Mrs", "Ms", "St"})
# Those that end a sentence only where the next word looks like a beginning.
_EITHER = frozenset(
    {"al", "etc", "i.i.d", "ph.d", "no", "inc", "ltd", "corp", "jr", "sr", "w.l.o.g"}
)
_BEGINNING = re.compile(
    r"""\s+["'“‘(]?(?:A|An|The|This|These|That|Those|It|Its|We|Our|In|On|At|By|As|To|For|From|With
    |When|While|If|However|Here|Thus|Hence|Moreover|Furthermore|Although|Despite|Yet|But|Such|Both
    |Each|Many|Most|Recent|Recently|Existing|Experiments|Results|Code)\b""",
    re.VERBOSE,
)
_NO_VOWEL = re.compile(r"[b-df-hj-np-tv-xz]{2,5}")
"""What nobody can say is short for something: fr. 2813."""

_NUMBERED = re.compile(r"(?:^|[:;(])\s*(?:and|or)?\s*\(?$")
_PAIRS = (("(", ")"), ("[", "]"), ("“", "”"), ("``", "''"))
_ASIDE_LIMIT = 300
"""Characters: what is in brackets for longer than this was never meant to be closed."""

_MARKER = re.compile(r"[\s•▪◦‣●]*(?:[-*–]\s+)?")


def sentences(text: str, whole: Container[int] = ()) -> list[tuple[int, int]]:
    """Start and end of each sentence, without the white space and the bullets between them.

    No sentence ends at a place in `whole`, nor within brackets or quotation marks that close soon.
    The last one may lack a stop.
    """
    found = []
    start = 0
    for end in _ends(text, whole):
        marker = _MARKER.match(text, start, end)
        begins = marker.end() if marker else start
        if begins < end:
            found.append((begins, end))
        start = end
    return found


def _ends(text: str, whole: Container[int]) -> Iterator[int]:
    start = 0
    for stop in _STOP.finditer(text):
        if stop.end() in whole or _in_aside(text, start, stop.end()):
            continue
        if stop["latin"] and stop["latin"][0] == "." and _abbreviates(text, start, stop):
            continue
        end = stop.start() if stop["bullet"] else stop.end()
        if end > start:
            yield end
            start = end
    if start < len(text):
        yield len(text)


def _in_aside(text: str, start: int, at: int) -> bool:
    """Whether brackets or quotation marks opened since `start` are closed only after `at`."""
    for opening, closing in _PAIRS:
        opened = text.rfind(opening, start, at)
        if opened < 0 or text.find(closing, opened, at) >= 0:
            continue
        closes = text.find(closing, at, opened + _ASIDE_LIMIT)
        if closes >= 0 and text.find(opening, at, closes) < 0:
            return True
    return False


def _abbreviates(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether the full stop belongs to an abbreviation or a number within its sentence."""
    found = _LAST_WORD.search(text, max(start, stop.start() - 30), stop.start())
    if not found:
        return False
    word = found[0]
    if word in _TITLES or word.casefold() in _INTRODUCING:
        return True
    if word.casefold() in _EITHER or _INITIALS.fullmatch(word) or _NO_VOWEL.fullmatch(word):
        return stop.end() < len(text) and not _BEGINNING.match(text, stop.end())
    return word.isdecimal() and bool(
        _NUMBERED.search(text[max(start, found.start() - 8) : found.start()])
    )
