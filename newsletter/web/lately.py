"""Lately: to whom something was said within the last hour, so that one mail tells of many taps."""

from datetime import datetime, timedelta
from threading import Lock

_QUIET = timedelta(hours=1)
_MOST = 10_000  # readers; beyond it the oldest are forgotten, and told once more


class Lately:
    """Remembers them while the server runs. Any thread may ask."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._told: dict[int, datetime] = {}

    def first(self, reader: int, now: datetime) -> bool:
        """Whether nothing was said to her within the hour before `now`; from then on it was."""
        with self._lock:
            told = self._told.get(reader)
            if told is not None and now - told < _QUIET:
                return False
            self._told.pop(reader, None)
            if len(self._told) >= _MOST:
                del self._told[next(iter(self._told))]
            self._told[reader] = now
            return True
