"""On what terms a reader is written to, as far as the links in her mails can change them."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Self

from subscribers.model import Preferences, State


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that a link can change, but for her address."""

    state: State
    paused_until: date | None
    preferences: Preferences
    tastes: int
    """Of how many papers she asked more or less, that count."""

    def written(self) -> str:
        """As its column has it."""
        until = self.paused_until.isoformat() if self.paused_until else None
        wishes = self.preferences.as_json()
        parts = {"state": self.state, "until": until, "wishes": wishes, "tastes": self.tastes}
        return json.dumps(parts, ensure_ascii=False)

    @classmethod
    def read(cls, text: str) -> Self:
        """What `written` wrote."""
        parts = json.loads(text)
        until = date.fromisoformat(parts["until"]) if parts["until"] else None
        wishes = Preferences.from_json(parts["wishes"])
        return cls(State(parts["state"]), until, wishes, parts["tastes"])
