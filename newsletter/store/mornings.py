"""What each morning's lists held and what was thought of it: the memory behind freshness."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from newsletter.editorial.freshness import Batch, Freshness, Past, Verdict, fingerprint
from newsletter.store.tables import lists, mornings

_USUAL_WEEKS = 8
_KEPT_DAYS = 120
_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """A morning's verdict, when its sources were first asked, and when it was passed."""

    begun_at: datetime
    judged_at: datetime
    verdict: Verdict


def past_of(connection: Connection, part: str, day: date, listed: date | None) -> Past:
    """What mornings before `day` brought of this list in the last eight weeks; the counts are those
    of the weekday of `listed`."""
    rows = connection.execute(
        select(lists.c.listed, lists.c.fingerprint, lists.c.papers)
        .where(lists.c.part == part, lists.c.day < day, lists.c.listed.is_not(None))
        .where(lists.c.day >= day - timedelta(weeks=_USUAL_WEEKS))
        .order_by(lists.c.day.desc())
    ).all()
    held: dict[date, int] = {}  # one list may have been read on several mornings
    for row in rows:
        held[row.listed] = max(row.papers, held.get(row.listed, 0))
    if listed:
        held.pop(listed, None)
    last = next((row for row in rows if row.papers), None)
    return Past(
        last.listed if last else None,
        last.fingerprint if last else "",
        tuple(n for at, n in held.items() if n and listed and at.weekday() == listed.weekday()),
        tuple(n for at, n in held.items() if at.weekday() < _SATURDAY),
    )


def covered_until(connection: Connection, part: str, day: date) -> date | None:
    """Up to which day all that this list announced has been read, as known before `day`."""
    query = (
        select(lists.c.covered)
        .where(lists.c.part == part, lists.c.day < day, lists.c.covered.is_not(None))
        .order_by(lists.c.day.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def first_read(connection: Connection, part: str) -> date | None:
    """The day of the first list of this name that is remembered."""
    return connection.execute(
        select(func.min(lists.c.listed)).where(lists.c.part == part, lists.c.papers > 0)
    ).scalar()


def list_of(connection: Connection, part: str, day: date) -> Verdict | None:
    """The verdict on the list as it was read for `day`'s edition, None where it was not."""
    query = select(lists.c.freshness, lists.c.sentence)
    row = connection.execute(query.where(lists.c.part == part, lists.c.day == day)).first()
    return Verdict(Freshness(row.freshness), row.sentence) if row else None


def keep_list(
    connection: Connection, day: date, batch: Batch, covered: date | None, verdict: Verdict
) -> None:
    """Remember a list as it was read for `day`'s edition, and up to which day it is covered."""
    connection.execute(delete(lists).where(lists.c.part == batch.part, lists.c.day == day))
    connection.execute(
        insert(lists).values(
            part=batch.part,
            day=day,
            listed=batch.listed,
            covered=covered,
            papers=len(batch.ids),
            fingerprint=fingerprint(batch.ids),
            freshness=verdict.freshness.value,
            sentence=verdict.sentence,
        )
    )
    connection.execute(delete(lists).where(lists.c.day < day - timedelta(days=_KEPT_DAYS)))


def keep_verdict(connection: Connection, day: date, verdict: Verdict, now: datetime) -> None:
    """Remember the last verdict on `day`, and when the first was passed."""
    earlier = verdict_of(connection, day)
    connection.execute(delete(mornings).where(mornings.c.day == day))
    connection.execute(
        insert(mornings).values(
            day=day,
            # To the minute: cron's seconds should not cost an hour of waiting.
            begun_at=earlier.begun_at if earlier else now.replace(second=0, microsecond=0),
            judged_at=now,
            freshness=verdict.freshness.value,
            sentence=verdict.sentence,
        )
    )


def newest_verdict(connection: Connection) -> tuple[date, Judged] | None:
    """The newest day that was gathered for, and the last verdict on it."""
    day = connection.execute(select(func.max(mornings.c.day))).scalar()
    judged = verdict_of(connection, day) if day else None
    return (day, judged) if day and judged else None


def verdict_of(connection: Connection, day: date) -> Judged | None:
    """The last verdict on `day`, None where nothing was gathered."""
    row = connection.execute(select(mornings).where(mornings.c.day == day)).mappings().first()
    if row is None:
        return None
    verdict = Verdict(Freshness(row["freshness"]), row["sentence"])
    return Judged(row["begun_at"], row["judged_at"], verdict)
