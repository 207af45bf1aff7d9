"""The word matcher: which phrases occur in a text, for topics, keywords and muted keywords."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

# Scripts written without spaces (Thai to Khmer, kana, Han): each character is a word of its own,
# or no phrase would ever stand between two word boundaries.
_SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
# Vowel signs and points belong to their word, but `\w` knows letters only: combining accents,
# Hebrew and Arabic points, the blocks of India (except their full stops, U+0964 and U+0965).
_MARKS = "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
# An em dash is not among the hyphens: it parts clauses.
_HYPHENS = "\\-\u00ad\u200b\u2010-\u2013\u2212"
_PIECE = re.compile(
    rf"(?P<gap>[\s{_HYPHENS}]*)"
    rf"(?P<token>[{_SPACELESS}]|(?:(?![{_SPACELESS}])(?:[^\W_]|[{_MARKS}]))+|[^\s{_HYPHENS}])"
)
# TeX's own marks, as sources leave them: accents, fonts, ties, and what groups.
_TEX = re.compile(
    r"\\(?P<accent>[\"'`^~=.])\s*\{?(?P<letter>[A-Za-z])\}?"
    r"|\\(?:em|it|bf|tt|rm|sc|sf|sl|emph|text[a-z]*|math[a-z]+)(?![A-Za-z])\s*"
    r"|(?P<tie>~)|\\(?=[ %&$#_{}])|[{}$]"
)
_ACCENTS = dict(zip("\"'`^~=.", "\u0308\u0301\u0300\u0302\u0303\u0304\u0307", strict=True))
_SIBILANT = ("s", "x", "z", "ch", "sh", "o")
_SINGULAR = ("ss", "us", "is", "ics")
_LONGEST = 200  # the table grows with the square of a phrase's length, and readers write phrases
_SHORTEST_PLURAL = 5  # "news", "AIDS" and "iOS" are no plurals


class Phrases:
    """Phrases compiled once, to be looked for in many texts. Many readers' phrases are best
    compiled together: the time a text takes does not grow with their number.

    A phrase stands between word boundaries; case, the form of accents and the kind of white space
    do not count. A hyphen, a space and nothing are the same between two words. The last word may
    be singular or plural. TeX's marks (accents, fonts, ties, braces, dollars) are passed over.
    Every other character means itself. Phrases of more than 200 characters are never found.
    """

    __slots__ = ("_table", "_words")

    def __init__(self, words: Sequence[str]) -> None:
        self._words = tuple(dict.fromkeys(words))
        # Spelling → numbers of its phrases; the beginning of a spelling → none, "read on".
        self._table: dict[str, tuple[int, ...]] = {}
        for number, phrase in enumerate(self._words):
            for spelling in _spellings(phrase) if len(phrase) <= _LONGEST else ():
                for end in range(1, len(spelling)):
                    self._table.setdefault(spelling[:end], ())
                self._table[spelling] = (*self._table.get(spelling, ()), number)

    def found_in(self, text: str) -> tuple[str, ...]:
        """The phrases that occur in a text, as they were written, each once, in their own order."""
        table = self._table
        if not table:
            return ()
        pieces = list(_pieces(text))
        found: set[int] = set()
        for start, (_, spelling) in enumerate(pieces):
            numbers = table.get(spelling)
            following = start + 1
            while numbers is not None:
                found.update(numbers)
                if following == len(pieces):
                    break
                gap, token = pieces[following]
                spelling += gap + token
                numbers = table.get(spelling)
                following += 1
        return tuple(self._words[number] for number in sorted(found))


def _without_tex(text: str) -> str:
    """The text as TeX would print it, as far as words go; formulas keep their letters."""
    return _TEX.sub(_printed, text) if any(mark in text for mark in "\\{}$~") else text


def _printed(mark: re.Match[str]) -> str:
    if mark["letter"]:
        return mark["letter"] + _ACCENTS[mark["accent"]]
    return " " if mark["tie"] else ""


def _folded(text: str) -> str:
    # Folding case can undo the normal form (U+0345 under a capital), so it is made again.
    once = unicodedata.normalize("NFKC", _without_tex(text).replace("\u2019", "'")).casefold()
    return once if once.isascii() else unicodedata.normalize("NFKC", once)


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """The words and symbols of a text, each with the gap that counts before it: a space or none."""
    before = ""
    for gap, token in _PIECE.findall(_folded(text)):
        yield " " if before and gap and _counts(before, gap, token) else "", token
        before = token


def _counts(before: str, gap: str, after: str) -> bool:
    """Whether a gap makes a difference: between two words it does not."""
    if not (before[:1].isalnum() and after[:1].isalnum()):
        return True  # or ".NET" would be found in "sales. Net profit"
    if len(before) > 1 and len(after) > 1:
        return False
    # White space beside a lone letter counts, or "agent" would be found in "a gent"; a hyphen does
    # not: "e-mail" is "email".
    lone = any(len(word) == 1 and word.isalpha() for word in (before, after))
    return lone and any(map(str.isspace, gap))


def _spellings(phrase: str) -> set[str]:
    """Every folded form under which a phrase is looked up: "x-ray" as "xray" and as "x ray"."""
    spaced = re.sub(rf"[{_HYPHENS}]+", " ", phrase)
    hyphened = re.sub(r"\s+", "-", phrase)
    spellings: set[str] = set()
    for written in (phrase, spaced, hyphened):
        pieces = list(_pieces(written))
        if pieces:
            gap, last = pieces.pop()
            stem = "".join(before + token for before, token in pieces) + gap
            spellings.update(stem + form for form in _numbers(last))
    return spellings


def _numbers(word: str) -> set[str]:
    """A word in the singular and the plural, whichever of the two it is."""
    forms = {word}
    if len(word) < 2 or not word[-1].isalpha():
        return forms
    forms.add(word + "s")
    if word.endswith(_SIBILANT):
        forms.add(word + "es")
    if word.endswith("y"):
        forms.add(word[:-1] + "ies")
    if len(word) >= _SHORTEST_PLURAL and word.endswith("s") and not word.endswith(_SINGULAR):
        forms.add(word[:-1])
        if word.endswith("ies"):
            forms.add(word[:-3] + "y")
        elif word.endswith("es") and word[:-2].endswith(_SIBILANT):
            forms.add(word[:-2])
    return forms
