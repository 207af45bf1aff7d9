"""What each morning's lists held and what was thought of it: the memory behind freshness."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from newsletter.editorial.freshness import Batch, Freshness, Past, Verdict, fingerprint
from newsletter.store.tables import lists, mornings

_USUAL_WEEKS = 8
_KEPT_DAYS = 120


@dataclass(frozen=True, slots=True)
class Judged:
    """A morning's verdict, when its sources were first asked, and when it was passed."""

    begun_at: datetime
    judged_at: datetime
    verdict: Verdict


def past_of(connection: Connection, part: str, day: date, listed: date | None) -> Past:
    """What mornings before `day` brought of this list; the counts are those of `listed`'s weekday
    in the last eight weeks."""
    rows = connection.execute(
        select(lists.c.listed, lists.c.fingerprint, lists.c.papers)
        .where(lists.c.part == part, lists.c.day < day, lists.c.papers > 0)
        .where(lists.c.day >= day - timedelta(weeks=_USUAL_WEEKS))
        .order_by(lists.c.day.desc())
    ).all()
    if not rows:
        return Past()
    counts: dict[date, int] = {}  # one list may have been read on several mornings
    for row in rows:
        if listed and row.listed and row.listed.weekday() == listed.weekday():
            counts[row.listed] = max(row.papers, counts.get(row.listed, 0))
    counts.pop(listed, None)  # type: ignore[arg-type]  # where it is None, nothing is there
    return Past(rows[0].listed, rows[0].fingerprint, tuple(counts.values()))


def covered_until(connection: Connection, part: str, day: date) -> date | None:
    """Up to which day all that this list announced has been read, as known before `day`."""
    query = (
        select(lists.c.covered)
        .where(lists.c.part == part, lists.c.day < day, lists.c.covered.is_not(None))
        .order_by(lists.c.day.desc())
        .limit(1)
    )
    return connection.execute(query).scalar()


def keep_lists(
    connection: Connection, day: date, batches: Iterable[tuple[Batch, date | None]]
) -> None:
    """Remember the lists read for `day`'s edition, each with the day up to which it is covered."""
    for batch, covered in batches:
        connection.execute(delete(lists).where(lists.c.part == batch.part, lists.c.day == day))
        connection.execute(
            insert(lists).values(
                part=batch.part,
                day=day,
                listed=batch.listed,
                covered=covered,
                papers=len(batch.ids),
                fingerprint=fingerprint(batch.ids),
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
            begun_at=earlier.begun_at if earlier else now,
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
