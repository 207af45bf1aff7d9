"""A form of wishes: preferences as the fields of a page, and what was typed there as wishes."""

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache

from newsletter.web.asking import printable
from subscribers.errors import PreferencesRefused
from subscribers.model import Preferences, Rhythm, timezones

_LISTS = ("keywords", "muted_keywords", "authors")
_RHYTHM = ("frequency", "weekday", "hour", "timezone")
_NUMBERS = {"hour", "max_papers"}
FIELDS = (*_LISTS, *_RHYTHM, "max_papers", "format", "breadth")
"""All but the topics, which are followed and muted one by one."""

_AREAS = {
    *("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic"),
    *("Australia", "Europe", "Indian", "Pacific"),
}
_NUMBER = re.compile(r"[0-9]{1,6}")
_LINE_END = re.compile(r"\r\n|\r|\n")


class WishesRefused(Exception):
    """Wishes that cannot be kept. `fields` are those at fault."""

    def __init__(self, fields: Iterable[str]) -> None:
        self.fields = frozenset(fields)
        super().__init__(", ".join(sorted(self.fields)))


@cache
def offered_zones() -> tuple[str, ...]:
    """UTC and the time zones of places; the others that there are only have older names."""
    return ("UTC", *sorted(zone for zone in timezones() if zone.partition("/")[0] in _AREAS))


def filled_in(preferences: Preferences, default: Rhythm) -> dict[str, str]:
    """The fields as they stand when the page opens: lists a line each, and the operator's default
    where she has no wish."""
    rhythm = preferences.rhythm(default)
    most = preferences.max_papers
    return {
        **{field: "\n".join(getattr(preferences, field)) for field in _LISTS},
        **{field: str(getattr(rhythm, field)) for field in _RHYTHM},
        "max_papers": "" if most is None else str(most),
        "format": preferences.format,
        "breadth": preferences.breadth,
    }


def typed(field: Callable[[str], str]) -> dict[str, str]:
    """The fields as they were sent, without what cannot be printed: fit to be shown again."""
    return {name: printable(field(name)) for name in FIELDS}


def wishes_in(field: Callable[[str], str], kept: Preferences, default: Rhythm) -> Preferences:
    """The preferences that the fields ask for. The topics are those of `kept`; what was left as the
    operator's default goes on following it. Raises WishesRefused."""
    values = {name: _value(name, field(name)) for name in FIELDS}
    asked = {name: value for name, value in values.items() if value is not None}
    refused = [name for name in asked if not _may_be_kept(name, asked[name])]
    if refused:
        raise WishesRefused(refused)
    wishes = Preferences.from_json(asked)
    untouched = {
        name: None
        for name in _RHYTHM
        if getattr(kept, name) is None and getattr(wishes, name) == getattr(default, name)
    }
    return replace(wishes, topics=kept.topics, muted_topics=kept.muted_topics, **untouched)  # type: ignore[arg-type]  # None is every one's default


def _value(name: str, text: str) -> object:
    """The text in the type that its field has in JSON, or None for no wish."""
    if name in _LISTS:
        lines = (line.strip() for line in _LINE_END.split(text))
        return list(dict.fromkeys(line for line in lines if line))
    text = text.strip()
    if name in _NUMBERS and _NUMBER.fullmatch(text):
        return int(text)
    return None if name == "max_papers" and not text else text


def _may_be_kept(name: str, value: object) -> bool:
    try:
        Preferences.from_json({name: value})
    except PreferencesRefused:
        return False
    return True
