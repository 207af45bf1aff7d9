"""Held: everything that is kept about one person, as one text for her."""

import json

from sqlalchemy import Connection, select

from newsletter.editorial.papers import PaperId
from newsletter.store.curations import known
from newsletter.store.ledger import printed_of
from newsletter.store.tables import deliveries, editions
from subscribers.held import held, moment


def everything(connection: Connection, number: int) -> str | None:
    """What roster and ledger hold about a reader, as JSON, or None where nobody has that number.

    Her deliveries say on which day which papers were meant for her, why, and what became of it.
    Papers of her taste have titles, as far as the archive knows them.
    """
    hers = held(connection, number)
    if hers is None:
        return None
    for liked in hers["taste"]:
        work = known(connection, PaperId(liked["paper"]))
        liked["title"] = work.title if work else None
    hers["deliveries"] = _deliveries(connection, number)
    return json.dumps(hers, ensure_ascii=False, indent=2)


def _deliveries(connection: Connection, number: int) -> list[dict[str, object]]:
    rows = connection.execute(
        select(deliveries, editions.c.day)
        .join(editions, editions.c.number == deliveries.c.edition)
        .where(deliveries.c.subscriber == number)
        .order_by(deliveries.c.number)
    )
    return [
        {
            "edition": row.edition,
            "day": row.day.isoformat(),
            "state": row.state,
            "reason": row.reason,
            "dated": moment(row.dated),
            "ended_at": moment(row.ended_at) if row.ended_at else None,
            "papers": [
                {"paper": printed.paper_id.value, "reason": printed.reason}
                for printed in printed_of(row.papers)
            ],
            "titles": json.loads(row.rest),
        }
        for row in rows
    ]
