"""Is today's haul fresh, quiet, stale, partial or broken? One word and one sentence, for every list
of a source and for the day.

A quiet day is what the calendar says it is; a list that is empty, old or short on any other day has
not come yet, or not come whole, and is never taken for a quiet day.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from statistics import median

from newsletter.editorial.papers import PaperId

# A weekday's usual number of papers is known from the third one on. A source that brings under
# four tenths of it is looked at twice: over 2025 no ordinary weekday of a big category fell below
# half of its median, and the half-read feeds that peers report held 4 to 35 % of theirs.
_FEWEST_SAMPLES = 3
_FAR_BELOW = 0.4
_SMALL = 10  # below this many papers a day the number says nothing


class Freshness(StrEnum):
    """One word for a haul."""

    FRESH = "fresh"
    """Papers that no earlier edition had."""
    QUIET = "quiet"
    """Nothing new, and the calendar says so, or all of it has been in an edition."""
    STALE = "stale"
    """What is due today is not there yet: an old list, the same list again, an empty one."""
    PARTIAL = "partial"
    """Some of it is missing: a list failed, was cut short, or is far below the usual."""
    BROKEN = "broken"
    """Nothing usable came."""


_GOOD = {Freshness.FRESH, Freshness.QUIET}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of a haul, and why."""

    freshness: Freshness
    sentence: str

    @property
    def is_good(self) -> bool:
        """Whether the haul is as it should be, be it nothing."""
        return self.freshness in _GOOD


@dataclass(frozen=True, slots=True)
class Batch:
    """What one list of a source held when it was asked."""

    part: str
    """The list's name in print: `arXiv cs.AI`, `Hugging Face`."""
    listed: date | None = None
    """The day it is dated, on the source's own calendar."""
    due: date | None = None
    """The newest day for which a list should be out by now; None where no calendar says."""
    rest: str = ""
    """Why it may be empty today ("nothing is announced on Saturdays"); "" where it may not."""
    ids: frozenset[PaperId] = frozenset()
    """The papers that it lists for that day."""
    trouble: str = ""
    """What is missing of it, or why nothing came at all."""
    usable: bool = True
    """Whether anything came."""


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier mornings brought of the same list."""

    listed: date | None = None
    """The day of the last list."""
    fingerprint: str = ""
    """Of the last list."""
    counts: tuple[int, ...] = ()
    """How many papers earlier lists of the same weekday held, empty ones aside."""
    working_days: tuple[int, ...] = ()
    """How many those of all working days held, empty ones too."""


def fingerprint(ids: Iterable[PaperId]) -> str:
    """The same for the same papers in whatever order."""
    text = "\n".join(sorted(paper.value for paper in ids))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def judged(batch: Batch, past: Past, new: int, elsewhere: int = 0) -> Verdict:
    """The verdict on one list. `new` of its papers no edition has listed yet, nor `elsewhere` that
    the source brought besides."""
    word, reason = _judged(batch, past, new, elsewhere)
    return Verdict(word, f"{batch.part}: {word}: {reason}")


def _judged(batch: Batch, past: Past, new: int, elsewhere: int) -> tuple[Freshness, str]:
    if not batch.usable:
        return Freshness.BROKEN, batch.trouble
    late = _lateness(batch, past)
    if late:
        return Freshness.STALE, f"{late}; {batch.trouble}" if batch.trouble else late
    if batch.trouble:
        return Freshness.PARTIAL, batch.trouble
    usual = _usual(past)
    if batch.ids and usual and len(batch.ids) < _FAR_BELOW * usual:
        reason = f"{_papers(len(batch.ids))}, where a {_weekday(batch)} usually brings {usual}"
        return Freshness.PARTIAL, reason
    if new + elsewhere:
        return Freshness.FRESH, _new_papers(batch, new, elsewhere)
    if batch.rest and not batch.ids:
        return Freshness.QUIET, batch.rest
    if not batch.ids:
        return Freshness.QUIET, f"its list{_of(batch)} is empty, as so short a list may be"
    return Freshness.QUIET, f"all of its papers{_of(batch)} have been in an edition"


def _lateness(batch: Batch, past: Past) -> str:
    """Why the list is not the one that is due, "" where it is."""
    if batch.due is None:
        return ""
    if batch.listed is None or batch.listed < batch.due:
        dated = f"its newest list is of {_day(batch.listed)}" if batch.listed else "it is empty"
        return f"{dated}, and that of {_day(batch.due)} is due"
    if not batch.ids and not batch.rest and not _is_small(past):
        return f"its list of {_day(batch.listed)} is empty, though papers are due"
    again = batch.ids and fingerprint(batch.ids) == past.fingerprint
    if again and past.listed is not None and past.listed != batch.listed:
        return f"its list of {_day(batch.listed)} is that of {_day(past.listed)} again"
    return ""


def _usual(past: Past) -> int:
    """The median of that weekday, 0 where it is not known or too small to say anything."""
    if len(past.counts) < _FEWEST_SAMPLES:
        return 0
    usual = round(median(past.counts))
    return usual if usual >= _SMALL else 0


def _is_small(past: Past) -> bool:
    """Whether the list is known to be so short that a day without a paper is no wonder."""
    days = past.working_days
    return len(days) >= _FEWEST_SAMPLES and median(days) < _SMALL


def of_the_day(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on all lists together; its sentence names those that are not as they should be.

    One that has not come yet makes the day stale, whatever came; else one that failed makes it
    partial; only where nothing at all came is it broken.
    """
    words = {verdict.freshness for verdict in verdicts}
    order = (Freshness.STALE, Freshness.PARTIAL, Freshness.BROKEN, Freshness.FRESH, Freshness.QUIET)
    worst = next((word for word in order if word in words), Freshness.QUIET)
    if worst is Freshness.BROKEN and words != {Freshness.BROKEN}:
        worst = Freshness.PARTIAL
    told = [v for v in verdicts if worst in _GOOD or not v.is_good]
    # What is the same of several lists is said once.
    lists: dict[str, list[str]] = {}
    for verdict in told:
        part, _, reason = verdict.sentence.partition(": ")
        lists.setdefault(reason, []).append(part)
    return Verdict(worst, "; ".join(f"{', '.join(of)}: {reason}" for reason, of in lists.items()))


def _new_papers(batch: Batch, new: int, elsewhere: int) -> str:
    total = new + elsewhere
    told = f"{total} new {'paper' if total == 1 else 'papers'}"
    if not elsewhere or not batch.listed:
        return told + _of(batch)
    return f"{told}, {new or 'none'} of them{_of(batch)}"


def _papers(number: int) -> str:
    return "1 paper" if number == 1 else f"{number} papers"


def _day(day: date) -> str:
    return f"{day:%A} {day}"


def _weekday(batch: Batch) -> str:
    return f"{batch.listed:%A}" if batch.listed else "day"


def _of(batch: Batch) -> str:
    return f" of {_day(batch.listed)}" if batch.listed else ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a run waits for what is missing."""

    until: datetime
    """From then on it goes ahead with what it has (UTC)."""
    for_partial: bool = True
    """Whether it waits on a day of which some is there."""


def waits(verdict: Verdict, patience: Patience, now: datetime) -> bool:
    """Whether the day's edition waits for a later run to bring what is missing."""
    if now >= patience.until or verdict.is_good:
        return False
    return patience.for_partial or verdict.freshness is not Freshness.PARTIAL
