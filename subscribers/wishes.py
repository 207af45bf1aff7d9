"""What may stand in a list of wishes: short texts that can be printed as they are."""

import unicodedata

from subscribers.errors import PreferencesRefused, shown

_WISHES = 100  # in one list
_WISH_CHARACTERS = 100

# Characters that turn the direction of what stands around them (UAX #9): they can make a name or
# a wish look like something else, and reach beyond it.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def check_wishes(field: str, wishes: tuple[str, ...]) -> None:
    """Raises PreferencesRefused where a list of wishes cannot be kept."""
    if len(wishes) > _WISHES:
        raise PreferencesRefused(field, f"{len(wishes)} wishes are more than {_WISHES}")
    for wish in wishes:
        if not wish.strip():
            raise PreferencesRefused(field, "one of the wishes is empty")
        if len(wish) > _WISH_CHARACTERS:
            raise PreferencesRefused(
                field, f"{shown(wish)} is longer than {_WISH_CHARACTERS} characters"
            )
        if not wish.isprintable() and any(map(is_unprintable, wish)):
            raise PreferencesRefused(field, f"{shown(wish)} holds a control character: retype it")


def is_unprintable(character: str) -> bool:
    """True for controls, surrogates, line ends and direction marks."""
    return character in _DIRECTIONS or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}
