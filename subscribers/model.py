"""Subscribers, what they wish for, and the legal moves between their states."""

import unicodedata
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Self

from subscribers.addresses import Address
from subscribers.errors import HasLeft, IllegalMove, PreferencesRefused, shown
from subscribers.wishes import check_wishes, is_unprintable

_PAPERS = 100
_NAME_CHARACTERS = 100


class Frequency(StrEnum):
    """How often she reads."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"
    WEEKLY = "weekly"


class Weekday(StrEnum):
    """The day on which a weekly reader reads."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"

    @property
    def number(self) -> int:
        """0 for Monday to 6 for Sunday, as `date.weekday` counts."""
        return list(Weekday).index(self)


class Format(StrEnum):
    """HTML with a text part beside it, or text alone."""

    HTML = "html"
    TEXT = "text"


class Breadth(StrEnum):
    """What stands in her digest beside the papers that meet her wishes."""

    ONLY = "only"
    """Nothing."""
    FIRST = "first"
    """What everyone reads, after them."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When she reads, fully known: her own wishes with the operator's defaults beneath them."""

    frequency: Frequency
    weekday: Weekday
    """Counts for weekly readers only."""
    hour: int
    """0-23 on her own clock."""
    timezone: str
    """An IANA name, `Europe/Berlin`."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What she wishes to read and when. None stands for the operator's default.

    Raises PreferencesRefused, naming the field, for what cannot be kept.
    """

    topics: tuple[str, ...] = ()
    """Slugs of the catalogue; whether it knows them is for the caller to see."""
    muted_topics: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    muted_keywords: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    frequency: Frequency | None = None
    weekday: Weekday | None = None
    hour: int | None = None
    timezone: str | None = None
    max_papers: int | None = None
    format: Format = Format.HTML
    breadth: Breadth = Breadth.ONLY

    def __post_init__(self) -> None:
        for field in _LISTS:
            check_wishes(field, getattr(self, field))
        if both := set(self.topics) & set(self.muted_topics):
            raise PreferencesRefused(
                "topics", f"{shown(min(both))} is both followed and muted: keep one of the two"
            )
        if self.hour is not None and not 0 <= self.hour <= 23:
            raise PreferencesRefused("hour", f"{self.hour} is not an hour from 0 to 23")
        if self.max_papers is not None and not 1 <= self.max_papers <= _PAPERS:
            raise PreferencesRefused(
                "max_papers", f"{self.max_papers} is not a number from 1 to {_PAPERS}"
            )
        if self.timezone is not None and self.timezone not in timezones():
            raise PreferencesRefused(
                "timezone", f"{shown(self.timezone)} is not an IANA time zone like Europe/Berlin"
            )

    @property
    def has_wishes(self) -> bool:
        """Whether she chose anything to read; without wishes she gets the day's best."""
        return bool(self.topics or self.keywords or self.authors)

    def rhythm(self, default: Rhythm) -> Rhythm:
        """When she reads, with the operator's default where she has no wish."""
        return Rhythm(
            self.frequency or default.frequency,
            self.weekday or default.weekday,
            default.hour if self.hour is None else self.hour,
            self.timezone or default.timezone,
        )

    def as_json(self) -> dict[str, object]:
        """Only what differs from the default, in JSON's types; `from_json` reads it back."""
        return {
            field.name: list(value) if isinstance(value, tuple) else value
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Self:
        """The preferences that `as_json` wrote. Raises PreferencesRefused for anything else."""
        wishes: dict[str, object] = {}
        for field, value in stored.items():
            if field not in _READERS:
                raise PreferencesRefused(shown(field), "no preference has this name")
            wishes[field] = _READERS[field](field, value)
        return cls(**wishes)  # type: ignore[arg-type]  # each reader gives its field's type


@dataclass(frozen=True, slots=True)
class Consent:
    """That she agreed: the words or the form it rests on, where it came from, and when."""

    ground: str
    source: str
    at: datetime
    """Aware; kept to the second."""


class State(StrEnum):
    """Where she stands."""

    PENDING = "pending"
    """She asked, and has yet to confirm that it was she."""
    ACTIVE = "active"
    PAUSED = "paused"
    """She gets nothing for a while, or until she resumes."""
    UNSUBSCRIBED = "unsubscribed"
    """She left; only she herself can come back."""
    SUPPRESSED = "suppressed"
    """Her address bounced or complained; nobody brings it back."""


class Move(StrEnum):
    """What can happen to a subscriber."""

    ASK = "ask"
    CONFIRM = "confirm"
    ENROL = "enrol"
    """The operator brings her in, with a ground of consent."""
    CHANGE = "change"
    """She wishes for something else."""
    PAUSE = "pause"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    RETURN = "return"
    """She takes her leaving back."""
    SUPPRESS = "suppress"


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One reader, as the roster knows her."""

    number: int
    """Names her everywhere else; never given twice, even after she is erased."""
    address: Address
    name: str
    """As `clean_name` left it, perhaps empty. It may hold HTML: whoever prints it escapes it."""
    state: State
    preferences: Preferences
    paused_until: date | None = None
    """The day on which a pause ends by itself; None while paused means until she resumes."""

    @property
    def reads(self) -> bool:
        """Whether mails come to her, now or after a pause."""
        return self.state in {State.ACTIVE, State.PAUSED}


_MOVES: dict[Move, dict[State | None, State]] = {
    # Asking brings nobody back: anybody can type in her address.
    Move.ASK: {
        **dict.fromkeys((None, State.PENDING), State.PENDING),
        State.UNSUBSCRIBED: State.UNSUBSCRIBED,
    },
    Move.CONFIRM: dict.fromkeys((State.PENDING, State.UNSUBSCRIBED), State.ACTIVE),
    Move.ENROL: {
        **dict.fromkeys((None, State.PENDING, State.ACTIVE), State.ACTIVE),
        State.PAUSED: State.PAUSED,
    },
    Move.CHANGE: {State.ACTIVE: State.ACTIVE, State.PAUSED: State.PAUSED},
    Move.PAUSE: dict.fromkeys((State.ACTIVE, State.PAUSED), State.PAUSED),
    Move.RESUME: dict.fromkeys((State.ACTIVE, State.PAUSED), State.ACTIVE),
    Move.WITHDRAW: dict.fromkeys(
        (State.PENDING, State.ACTIVE, State.PAUSED, State.UNSUBSCRIBED), State.UNSUBSCRIBED
    ),
    Move.RETURN: {State.UNSUBSCRIBED: State.ACTIVE},
    Move.SUPPRESS: dict.fromkeys((None, *State), State.SUPPRESSED),
}


def after(state: State | None, move: Move) -> State:
    """The state that a move leads to; None is somebody the roster does not know.

    Raises IllegalMove where no move leads from there, and its HasLeft where an operator would
    bring in somebody who left.
    """
    if reached := _MOVES[move].get(state):
        return reached
    if move is Move.ENROL:
        raise HasLeft(f"She is {state}, and no import brings back who has left: leave her out.")
    who = "Somebody the roster does not know" if state is None else f"Who is {state}"
    allowed = ", ".join(start or "a newcomer" for start in _MOVES[move])
    raise IllegalMove(f"{who} cannot {move}: that is for {allowed}.")


def clean_name(text: str) -> str:
    """A name fit to be kept and printed: one line of at most 100 characters in NFC, without
    controls, surrogates and direction marks. Markup stays as it is."""
    kept = "".join(c for c in text if c.isspace() or not is_unprintable(c))
    line = " ".join(unicodedata.normalize("NFC", kept).split())
    return line[:_NAME_CHARACTERS].rstrip()


@cache
def timezones() -> frozenset[str]:
    """The IANA names of time zones that a reader can live in."""
    # The names, not ZoneInfo(name): that would open whatever file a name points at. The two left
    # out are no places: one is this machine's own setting, the other says that there is none.
    return frozenset(zoneinfo.available_timezones() - {"localtime", "Factory"})


def _read_list(field: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(wish, str) for wish in value):
        raise PreferencesRefused(field, "it should be a list of texts")
    return tuple(value)


def _read_number(field: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise PreferencesRefused(field, "it should be a whole number")
    return value


def _read_text(field: str, value: object) -> str:
    if not isinstance(value, str):
        raise PreferencesRefused(field, "it should be a text")
    return value


def _read_choice(field: str, value: object) -> StrEnum:
    text, choices = _read_text(field, value), _CHOICES[field]
    try:
        return choices(text)
    except ValueError:
        names = ", ".join(choices)
        raise PreferencesRefused(field, f"{shown(text)} is not one of {names}") from None


_LISTS = ("topics", "muted_topics", "keywords", "muted_keywords", "authors")
_CHOICES: dict[str, type[StrEnum]] = {
    "frequency": Frequency,
    "weekday": Weekday,
    "format": Format,
    "breadth": Breadth,
}
_READERS = {
    **dict.fromkeys(_LISTS, _read_list),
    **dict.fromkeys(_CHOICES, _read_choice),
    "hour": _read_number,
    "max_papers": _read_number,
    "timezone": _read_text,
}
