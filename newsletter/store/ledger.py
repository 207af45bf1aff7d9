"""The ledger: a row per (subscriber, edition), written before the first byte leaves.

    planned ─ queued ─ claim ─> sending ─> sent | deferred | refused | doubtful
            └ skipped                        └─ claim again, by a later run

`doubtful`: handed over, and nobody can say whether it was taken. It is never sent again by itself.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from operator import attrgetter

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    bindparam,
    func,
    insert,
    select,
    update,
)

from newsletter.editorial.papers import PaperId
from newsletter.store.engine import in_groups
from newsletter.store.tables import deliveries


class State(StrEnum):
    """Where a delivery stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    SKIPPED = "skipped"


SUPERSEDED = "superseded"
"""The reason of a delivery that was still open when the reader's next one was planned."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A paper of a digest with the reason printed under it."""

    paper_id: PaperId
    reason: str


@dataclass(frozen=True, slots=True)
class Planned:
    """A row to write: a delivery, or a skip with its reason (then without papers)."""

    subscriber: int
    slot: datetime
    dated: datetime
    papers: tuple[Printed, ...]
    skipped: str | None = None
    rest: tuple[PaperId, ...] = ()
    """Papers that her mail lists below hers, by their titles alone: she may get them yet."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A row as it stands in the ledger."""

    number: int
    edition: int
    subscriber: int
    state: State
    reason: str
    slot: datetime
    dated: datetime
    papers: tuple[Printed, ...]
    rest: tuple[PaperId, ...]
    attempts: int = 0
    """How often it was claimed before."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of a claimed delivery."""

    number: int
    state: State
    reason: str
    retry_at: datetime | None = None
    counts: bool = True
    """Whether it was an attempt: not where nothing was tried, or the relay asked for patience."""
    unknown: bool = False
    """Whether the relay says that there is no such mailbox."""


# What `delivery_of` reads, in that order; the attempts come last.
_READ = tuple(deliveries.c[each.name] for each in fields(Delivery))


def requeued(delivery: Delivery) -> Ending:
    """That nothing of it was handed over: it is no less queued than before."""
    return Ending(delivery.number, State.QUEUED, "", counts=False)


def plan(connection: Connection, edition: int, rows: Sequence[Planned], now: datetime) -> None:
    """Write what each of these readers gets of the edition, and close what she still had open: a
    digest gives up when the next is due, and her unseen papers are chosen from again."""
    for group in in_groups(rows, 400):
        open_rows = deliveries.c.subscriber.in_([row.subscriber for row in group])
        connection.execute(
            update(deliveries)
            .where(open_rows, deliveries.c.state.in_([State.QUEUED, State.DEFERRED]))
            .values(state=State.SKIPPED, reason=SUPERSEDED, retry_at=None, ended_at=now)
        )
        connection.execute(
            update(deliveries)
            .where(open_rows, deliveries.c.state == State.DOUBTFUL)
            .values(reason=SUPERSEDED)
        )
        connection.execute(insert(deliveries), [_row(edition, row, now) for row in group])


def claim(connection: Connection, run: str, limit: int, now: datetime) -> list[Delivery]:
    """Take up to `limit` deliveries in hand for `run`; the caller commits before the first byte
    leaves. The lease is the run's lock, which dies with its process."""
    claimed = _claim(connection, deliveries.c.state == State.QUEUED, run, limit, now)
    if len(claimed) < limit:
        again = (deliveries.c.state == State.DEFERRED) & (deliveries.c.retry_at <= now)
        claimed += _claim(connection, again, run, limit - len(claimed), now)
    return claimed


def _claim(
    connection: Connection, wanted: ColumnElement[bool], run: str, limit: int, now: datetime
) -> list[Delivery]:
    # A CTE, which is asked once: PostgreSQL may ask a subquery anew for every row.
    first = (
        select(deliveries.c.number)
        .where(wanted)
        .order_by(deliveries.c.number)
        .limit(limit)
        .with_for_update(skip_locked=True)  # should PostgreSQL have lost the lock's session
        .cte()
    )
    rows = connection.execute(
        update(deliveries)
        .where(deliveries.c.number.in_(select(first.c.number)))
        .values(
            state=State.SENDING,
            claimed_by=run,
            claimed_at=now,
            attempts=deliveries.c.attempts + 1,
            retry_at=None,
        )
        .returning(*_READ[:-1], (deliveries.c.attempts - 1).label("attempts"))
    )
    return sorted(map(delivery_of, rows.mappings()), key=attrgetter("number"))


def record(
    connection: Connection,
    endings: Sequence[Ending],
    now: datetime,
    from_state: State = State.SENDING,
) -> None:
    """Write the outcomes of a claimed group. What is not in `from_state` any more stays as it is:
    an outcome may come twice, after a commit of which nobody was told."""
    if not endings:
        return
    connection.execute(
        update(deliveries)
        .where(deliveries.c.number == bindparam("delivery"), deliveries.c.state == from_state)
        .values(
            state=bindparam("new_state"),
            reason=bindparam("why"),
            retry_at=bindparam("not_before"),
            attempts=deliveries.c.attempts - bindparam("uncounted"),
            unknown=bindparam("is_unknown"),
            ended_at=now,
        ),
        [
            {
                "delivery": ending.number,
                "new_state": ending.state,
                "why": ending.reason,
                "not_before": ending.retry_at,
                "uncounted": int(not ending.counts),
                "is_unknown": ending.unknown,
            }
            for ending in endings
        ],
    )


def of_subscriber(connection: Connection, edition: int, subscriber: int) -> Delivery | None:
    """Her row of one edition."""
    of_her = (deliveries.c.edition == edition) & (deliveries.c.subscriber == subscriber)
    row = connection.execute(select(*_READ).where(of_her)).mappings().first()
    return delivery_of(row) if row else None


def counts(connection: Connection, edition: int) -> dict[State, int]:
    """How many deliveries of the edition stand in each state; the sum is who was due."""
    rows = connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.edition == edition)
        .group_by(deliveries.c.state)
    )
    return dict.fromkeys(State, 0) | {State(state): count for state, count in rows}


def reasons(connection: Connection, edition: int) -> dict[tuple[State, str], int]:
    """How often each reason was given for each state but sent, the most frequent first."""
    rows = connection.execute(
        select(deliveries.c.state, deliveries.c.reason, func.count())
        .where(
            deliveries.c.edition == edition,
            deliveries.c.state != State.SENT,
            deliveries.c.reason != "",
        )
        .group_by(deliveries.c.state, deliveries.c.reason)
        .order_by(func.count().desc(), deliveries.c.state, deliveries.c.reason)
    )
    return {(State(state), reason): count for state, reason, count in rows}


def left_over(connection: Connection) -> dict[State, int]:
    """Deliveries of any edition that are still open: queued, sending, deferred, doubtful."""
    open_ = [State.QUEUED, State.SENDING, State.DEFERRED, State.DOUBTFUL]
    rows = connection.execute(
        select(deliveries.c.state, func.count())
        .where(deliveries.c.state.in_(open_), deliveries.c.reason != SUPERSEDED)
        .group_by(deliveries.c.state)
    )
    return {State(state): count for state, count in rows}


def every_delivery(
    connection: Connection, edition: int, state: State | None = None
) -> Iterable[Delivery]:
    """The rows of one edition, by subscriber; of one state alone where it is given."""
    wanted = deliveries.c.edition == edition
    if state:
        wanted &= deliveries.c.state == state
    rows = connection.execute(select(*_READ).where(wanted).order_by(deliveries.c.subscriber))
    return (delivery_of(row) for row in rows.mappings())


def _row(edition: int, planned: Planned, now: datetime) -> dict[str, object]:
    return {
        "edition": edition,
        "subscriber": planned.subscriber,
        "state": State.SKIPPED if planned.skipped else State.QUEUED,
        "reason": planned.skipped or "",
        "slot": planned.slot,
        "dated": planned.dated,
        "papers": json.dumps([[p.paper_id.value, p.reason] for p in planned.papers]),
        "rest": json.dumps([paper.value for paper in planned.rest]),
        "planned_at": now,
        "ended_at": now if planned.skipped else None,
    }


# Thousands of rows name the same papers, mostly for the same reasons.
_paper_id = lru_cache(maxsize=4096)(PaperId)


@lru_cache(maxsize=16_384)
def _printed(paper: str, reason: str) -> Printed:
    return Printed(_paper_id(paper), reason)


def printed_of(papers: str) -> tuple[Printed, ...]:
    """What a row's column of papers says."""
    return tuple(_printed(paper, reason) for paper, reason in json.loads(papers))


def delivery_of(row: RowMapping) -> Delivery:
    """The row of the table as a value."""
    return Delivery(
        number=row["number"],
        edition=row["edition"],
        subscriber=row["subscriber"],
        state=State(str(row["state"])),
        reason=str(row["reason"]),
        slot=row["slot"],
        dated=row["dated"],
        papers=printed_of(str(row["papers"])),
        rest=tuple(map(_paper_id, json.loads(str(row["rest"])))),
        attempts=row["attempts"],
    )
