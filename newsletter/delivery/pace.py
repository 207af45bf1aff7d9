"""Pace: when the next message may leave, and for whom. Pure: the hour is an argument (seconds)."""

from collections import Counter, deque
from dataclasses import dataclass, field

_FIRST_DELAY, _MOST_DELAY = 1.0, 4 * 3600.0
_JITTER = 0.2

# A few dead addresses are no news; when most of a hundred are refused, something else is wrong.
_WATCHED = 100
_LEAST_REFUSED = 20
_MOST_REFUSED = 0.5


@dataclass(slots=True)
class Pace:
    """What the relay and the readers' mail domains are to be given."""

    rate: float | None = None
    """Messages a second, all in all."""
    per_domain: int | None = None
    """Messages on the wire at the same time to one mail domain."""
    _next: float = 0.0
    _on_wire: Counter[str] = field(default_factory=Counter)
    _slowed: dict[str, float] = field(default_factory=dict)
    _watched: deque[bool] = field(default_factory=lambda: deque(maxlen=_WATCHED))

    def wait(self, domain: str, now: float) -> float | None:
        """Seconds until a message to the domain may leave; None while as many to it are on the wire
        as may be."""
        if self.per_domain is not None and self._on_wire[domain] >= self.per_domain:
            return None
        return max(self.patience(domain, now), self._next - now, 0.0)

    def patience(self, domain: str, now: float) -> float:
        """Seconds for which the domain asked us to wait."""
        return max(self._slowed.get(domain, 0.0) - now, 0.0)

    def leave(self, domain: str, now: float) -> None:
        """A message to the domain leaves."""
        self._on_wire[domain] += 1
        if self.rate is not None:
            self._next = max(self._next, now) + 1 / self.rate

    def arrived(self, domain: str) -> None:
        """It has been answered, or given up."""
        self._on_wire[domain] -= 1

    def slow(self, domain: str, until: float) -> None:
        """The domain asked us to slow down: nothing to it before then."""
        self._slowed[domain] = max(self._slowed.get(domain, 0.0), until)

    def watch(self, *, refused: bool) -> bool:
        """Note an outcome; whether so many of the last ones were refused that it must be our own
        fault."""
        self._watched.append(refused)
        if not refused:  # it makes no share greater
            return False
        count = sum(self._watched)
        return count >= _LEAST_REFUSED and count > _MOST_REFUSED * len(self._watched)


def back_off(first: float, attempts: int, number: int) -> float:
    """Seconds until a delivery is tried again after `attempts`: twice as long each time, four hours
    at most, and not for all at the same moment (RFC 5321 §4.5.4.1)."""
    delay = min(max(first, _FIRST_DELAY) * 2.0 ** max(attempts - 1, 0), _MOST_DELAY)
    spread = (number * 2_654_435_761 % 1000) / 1000  # the same for a delivery, whenever asked
    return float(delay * (1 + _JITTER * spread))
