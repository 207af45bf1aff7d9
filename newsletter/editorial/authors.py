"""Whether a printed author is the one a reader follows.

One person is printed in many ways: `John R. Smith`, `J. R. Smith`, `JR Smith`, `Smith, John`, `JOHN
SMITH, Jr.` Where a name can be read in more than one way (where does the family name begin? is `JR`
two initials?), all its readings are kept, and two names may be one person where any two agree.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

# Letters that are no letter with an accent to Unicode, as they are written without the stroke.
_LETTERS = str.maketrans(
    dict(zip("łøđħıŧŋðəɓɗƙƴ", "lodhitndebdky", strict=True)) | {"æ": "ae", "œ": "oe", "þ": "th"}
)
_APOSTROPHES = "'`´‘’ʹʻʼʾʿˈ′＇"
_HYPHENS = "-‐‑‒–—−"
_VOWELS = frozenset("AEIOUYaeiouy")

# Written between the given and the family name, or left out.
_PARTICLES = frozenset(
    "af al av ben bin bint da das de degli dei del dela della dello den der des di do dos du el het"
    " ibn la las le les los op te ten ter van vom von zu zum zur".split()
)
# Particles where they are small in a name that has capitals, else initials: Ortega y Gasset.
_SMALL_PARTICLES = frozenset("y e i t s".split())
_ARTICLES = frozenset("al el ad ar as ash at az an ul ur".split())  # Al-Rfou
_SUFFIXES = {"jnr": "jr", "junior": "jr", "snr": "sr", "2nd": "ii", "3rd": "iii", "4th": "iv"}
_SUFFIXES |= {suffix: suffix for suffix in ("jr", "sr", "ii", "iii", "iv")}

_ASIDE = re.compile(r'\([^()]*\)|"[^"]*"|“[^”]*”')  # William (Bill) Gates
_PLAIN = re.compile(r"(?:[A-Z](?:\.|[a-z]+)? )+[A-Z][A-Za-z]*[a-z]")
_TOKEN = re.compile(r"((?<=\S)-)?([^\s.\-]+)(\.?)")
_Token = tuple[str, str, str]  # the hyphen that binds it to the one before, its letters, its dot
_Split = tuple[list[_Token], int, int]  # words, the least and the most of a _Reading

# Han, kana and Hangul; the dot and the double hyphen between parts of a name are none.
_CHARACTERS = re.compile(
    "[\u1100-\u11ff\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3130-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]+"
)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a name."""

    words: tuple[str, ...]
    """Folded, the given names first. An abbreviation of several letters keeps its dot (`th.`)."""
    bound: frozenset[int]
    """Places of the words that a hyphen binds to the one before."""
    least: int
    most: int
    """So many of the last words, at least and at most, are the family name."""

    def agrees(self, other: "_Reading") -> bool:
        """True where some family name of both is the same and no given name contradicts."""
        for length in range(max(self.least, other.least), min(self.most, other.most) + 1):
            if self.words[-length:] == other.words[-length:] and self._given_agree(other, length):
                return True
        return False

    def _given_agree(self, other: "_Reading", family: int) -> bool:
        ends = len(self.words) - family, len(other.words) - family
        if ends[0] in self.bound or ends[1] in other.bound:  # that would cut Jean-Luc in two
            return False
        one, two = self.words[: ends[0]], other.words[: ends[1]]
        if all(_stand_for_each_other(a, b) for a, b in zip(one, two, strict=False)):
            longer, bound = (one, self.bound) if len(one) > len(two) else (two, other.bound)
            end = min(ends)
            # Who is Jean is not Jean-Luc, but may be Jean Luc and J.-L.
            if end not in bound or end == max(ends):
                return True
            shorter = one if longer is two else two
            if not (end and _is_whole(shorter[end - 1]) and _is_whole(longer[end])):
                return True
        return "".join(one) == "".join(two) and all(map(_is_whole, one + two))  # Min-Joon, Minjoon


@dataclass(frozen=True, slots=True)
class AuthorName:
    """A name folded for comparison: no accents, no case, no dots, in every way it can be read."""

    family: str
    """The same for all printed forms of a name, so that names can be looked up by it: the last word
    of the family name, or the characters of a name in Han, kana or Hangul, sorted."""
    readings: tuple[_Reading, ...]
    suffix: str
    """`jr`, `iii`…, perhaps empty."""

    @classmethod
    def of(cls, name: str) -> "AuthorName":
        """The name that a printed one is: `Yann LeCun`, `Y. LeCun`, `LeCun, Yann`, `李 明`."""
        if _PLAIN.fullmatch(name):  # most names: the same as below, at once
            words = tuple(name.replace(".", "").casefold().split())
            if words[-1] not in _SUFFIXES:
                return cls(words[-1], (_Reading(words, frozenset(), 1, _most(words, 1)),), "")
        if "(" in name or '"' in name or "“" in name:
            without = _ASIDE.sub(" ", name)
            name = without if any(map(str.isalnum, without)) else name
        if not name.isascii():
            name = unicodedata.normalize("NFKC", name.translate(_NO_APOSTROPHES))
            if parts := _CHARACTERS.findall(name):
                name = _CHARACTERS.sub(" ", name)
                if not any(map(str.isalpha, name)):
                    return cls._of_characters(parts)
        return cls._of_letters(_cleaned(name))

    def may_be(self, other: "AuthorName") -> bool:
        """True where family names agree and no given name contradicts: initials stand for names."""
        if not self.family or self.family != other.family:
            return False
        if self.suffix and other.suffix and self.suffix != other.suffix:
            return False
        return any(one.agrees(two) for one in self.readings for two in other.readings)

    @classmethod
    def _of_characters(cls, parts: Sequence[str]) -> "AuthorName":
        """A name whose family stands first or last; without a space nobody knows where it ends."""
        whole = "".join(parts)
        first, last = parts[0], parts[-1]
        orders = dict.fromkeys((whole, last + "".join(parts[:-1]), "".join(parts[1:]) + first))
        readings = tuple(_Reading((order,), frozenset(), 1, 1) for order in orders)
        return cls("".join(sorted(whole)), readings, "")

    @classmethod
    def _of_letters(cls, text: str) -> "AuthorName":
        parts = [tokens for part in text.split(",") if (tokens := _tokens(part))]
        parts, suffix = _without_suffix(parts)
        if not parts:
            return cls("", (), "")
        family, given = parts[0], [token for part in parts[1:] for token in part]
        mixed = not text.islower() and not text.isupper()
        splits = _with_comma(given, family) if given else _in_order(family, mixed=mixed)
        readings = dict.fromkeys(r for split in splits for r in _spelt_out(split, mixed=mixed))
        return cls(_folded(family[-1][1]), tuple(readings), suffix)


def _cleaned(name: str) -> str:
    """The name in letters without accents, spaces, dots, commas and hyphens; its case is kept."""
    if name.isascii():
        return name.translate(_ASCII)
    return "".join(map(_cleaned_letter, unicodedata.normalize("NFKD", name)))


@lru_cache(maxsize=4096)
def _cleaned_letter(letter: str) -> str:
    category = unicodedata.category(letter)
    if unicodedata.combining(letter) or letter in _APOSTROPHES or category == "Cf":
        return ""
    if letter in _HYPHENS:
        return "-"
    if letter in "،、":
        return ","
    # Vowel signs of Indic scripts are marks that do not combine.
    return letter if letter in ".," or letter.isalnum() or category[0] == "M" else " "


_NO_APOSTROPHES = dict.fromkeys(map(ord, _APOSTROPHES))
_ASCII = {code: _cleaned_letter(chr(code)) for code in range(128)}


def _tokens(part: str) -> list[_Token]:
    first, *others = _TOKEN.findall(part) or [("", "", "")]
    return [("", *first[1:]), *others] if first[1] else []


def _without_suffix(parts: list[list[_Token]]) -> tuple[list[list[_Token]], str]:
    """The parts between commas without `Jr.`, `III`…, and which of them it was."""
    kept, suffixes = parts[:1], []
    for part in parts[1:]:
        # Smith, JR is John R. Smith; Smith, Jr. is not.
        initials = len(parts) == 2 and len(parts[0]) == 1 and part[0][1].isupper()
        if len(part) > 1 or _folded(part[0][1]) not in _SUFFIXES or (initials and not part[0][2]):
            kept.append(part)
        else:
            suffixes.append(part[0][1])
    for place, part in enumerate(kept):
        # A name in order has two words beside it: Naomasa Ii has a family.
        if len(part) > (1 if len(kept) > 1 else 2) and _folded(part[-1][1]) in _SUFFIXES:
            suffixes.append(part[-1][1])
            kept[place] = part[:-1]
    return kept, _SUFFIXES[_folded(suffixes[0])] if suffixes else ""


def _with_comma(given: list[_Token], family: list[_Token]) -> Iterator[_Split]:
    """`García Márquez, Gabriel`: it is known where the family name begins."""
    yield given + family, len(family), len(family)
    bare = _without_particles(_without_article(family), 0)
    # Maaten, Laurens van der
    called = _without_particles([*given, family[-1]], 1)[:-1]
    yield called + bare, len(bare), len(bare)


def _in_order(tokens: list[_Token], *, mixed: bool) -> Iterator[_Split]:
    """`Gabriel García Márquez`: the family name may have more than one word."""
    # Van Nguyen has a given name, and van Gogh has none here.
    called = not (mixed and tokens[0][1].islower() and _is_particle(tokens[0][1]))
    bare = _without_article(tokens)
    if mixed:  # where all is small or all is large, van may be a given name
        bare = _without_particles(bare, int(called), small=True)
    for words in (tokens, bare):
        least = _compound(words) if called else len(words)
        yield words, least, _most(_letters(words), least)


def _spelt_out(split: _Split, *, mixed: bool) -> Iterator[_Reading]:
    """The reading of a split, and the one in which capitals are initials: `JR Smith`."""
    tokens, least, most = split
    yield _reading(tokens, least, most)
    spelt: list[_Token] = []
    for hyphen, letters, dot in tokens[: len(tokens) - least]:
        # BO LI may be Bo Li; MR LI hardly has that name.
        capitals = not dot and 1 < len(letters) < 4 and letters.isupper()
        if capitals and (mixed or _VOWELS.isdisjoint(letters)):
            spelt += [(hyphen, letters[0], ""), *(("", letter, "") for letter in letters[1:])]
        else:
            spelt.append((hyphen, letters, dot))
    if len(spelt) > len(tokens) - least:
        spelt += tokens[len(tokens) - least :]
        most = _most(_letters(spelt), least) if most > least else most
        yield _reading(spelt, least, most)


def _reading(tokens: list[_Token], least: int, most: int) -> _Reading:
    words = (*map(_word, tokens[:-1]), _folded(tokens[-1][1]))
    bound = frozenset(place for place, token in enumerate(tokens) if place and token[0])
    return _Reading(words, bound, least, most)


def _without_article(tokens: list[_Token]) -> list[_Token]:
    """The words with Rfou in place of Al-Rfou at their end."""
    *before, last = tokens
    if last[0] and not before[-1][0] and _folded(before[-1][1]) in _ARTICLES:
        return [*before[:-1], ("", *last[1:])]
    return tokens


def _without_particles(tokens: list[_Token], spared: int, *, small: bool = False) -> list[_Token]:
    """The words without particles, the first `spared` and the last one aside; only without those in
    small letters if `small`."""
    kept = [
        token
        for token, after in pairwise(tokens[spared:])
        if token[0] or after[0] or not _is_particle(token[1]) or (small and not token[1].islower())
    ]
    return [*tokens[:spared], *kept, *tokens[max(spared, len(tokens) - 1) :]]


def _is_particle(letters: str) -> bool:
    return _folded(letters) in _PARTICLES or letters in _SMALL_PARTICLES


def _compound(tokens: list[_Token]) -> int:
    """How many of the last words hyphens bind together."""
    count = 1
    while count < len(tokens) and tokens[-count][0]:
        count += 1
    return count


def _most(words: Sequence[str], least: int) -> int:
    """How many of the last words may be the family name: the first one is given, and so is every
    initial."""
    most = least
    while most < len(words) - 1 and len(words[-most - 1]) > 1:
        most += 1
    return most


def _letters(tokens: list[_Token]) -> list[str]:
    return [letters for _, letters, _ in tokens]


def _word(token: _Token) -> str:
    _, letters, dot = token
    word = _folded(letters)
    return f"{word}." if len(word) > 1 and (dot or len(letters) == 1) else word


def _folded(letters: str) -> str:
    return letters.casefold().translate(_LETTERS)


def _is_whole(word: str) -> bool:
    return len(word) > 1 and not word.endswith(".")


def _stand_for_each_other(one: str, other: str) -> bool:
    return one == other or _stands_for(one, other) or _stands_for(other, one)


def _stands_for(short: str, name: str) -> bool:
    return not _is_whole(short) and name.startswith(short.rstrip("."))
