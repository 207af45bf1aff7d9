"""Everything the roster refuses to do, and why.

    SubscriberError
    ├── AddressRefused       a text that is not one plain address (a ValueError too)
    ├── PreferencesRefused   a wish that cannot be kept (a ValueError too)
    ├── IllegalMove          a step that her state does not allow
    │   └── HasLeft          she went, or was taken off: no import brings her back
    ├── LinkExpired          a signed link whose time has passed
    └── FileRefused          a whole file of subscribers: nothing of it was taken

A message names what was wrong, where, and what to do about it. Text from outside appears in it
escaped and cut, so that it may be printed and logged as it is.
"""

from datetime import datetime

_SHOWN = 80


def shown(text: str) -> str:
    """The text in quotes for a message: one line, printable, cut at 80 characters."""
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


class SubscriberError(Exception):
    """Something an operator or a subscriber can read and act upon."""


class AddressRefused(SubscriberError, ValueError):
    """Not one plain address. `text` is as it was given, `reason` a sentence."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(f"{shown(text)} is not an address to write to. {reason}")
        self.text = text
        self.reason = reason


class PreferencesRefused(SubscriberError, ValueError):
    """A wish that cannot be kept. `field` is one of Preferences, `reason` says why."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class IllegalMove(SubscriberError):
    """A step that her state does not allow."""


class HasLeft(IllegalMove):
    """An import met somebody who unsubscribed, was suppressed or had herself erased."""


class LinkExpired(SubscriberError):
    """A signed link of ours that worked until the moment `until`, which has passed."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"This link worked until {until.isoformat()}: ask for a new one.")
        self.until = until


class FileRefused(SubscriberError):
    """A whole file of subscribers is refused; nothing of it was taken.

    `line` counts from 1 and is None where the file as such is at fault.
    """

    def __init__(self, file: str, line: int | None, reason: str) -> None:
        place = file if line is None else f"{file}, line {line}"
        super().__init__(f"{place}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason
