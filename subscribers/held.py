"""What the roster holds about one person, for herself (GDPR, articles 15 and 20)."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from subscribers import roster
from subscribers.links import Errand
from subscribers.tables import errands as _errands
from subscribers.tables import subscribers as _subscribers
from subscribers.tables import tastes as _tastes


def held(connection: Connection, number: int) -> dict[str, Any] | None:
    """Everything in JSON's types, or None where nobody has that number; moments are in UTC."""
    reader = roster.get(connection, number)
    if reader is None:
        return None
    her = _subscribers.c
    times = connection.execute(
        select(her.joined_at, her.changed_at, her.told_at, her.unheard).where(her.number == number)
    ).one()
    return {
        "number": reader.number,
        "address": reader.address.text,
        "name": reader.name,
        "state": reader.state.value,
        "paused_until": reader.paused_until.isoformat() if reader.paused_until else None,
        "joined_at": moment(times.joined_at),
        "changed_at": moment(times.changed_at),
        "told_at": moment(times.told_at) if times.told_at else None,
        "unheard": json.loads(times.unheard) if times.unheard else None,
        "preferences": reader.preferences.as_json(),
        "consents": [
            {"ground": given.ground, "source": given.source, "at": moment(given.at)}
            for given in roster.consents(connection, number)
        ],
        "taste": _taste(connection, number),
        "asked": _asked(connection, number),
    }


def moment(at: datetime) -> str:
    """A moment as it is written for her: RFC 3339."""
    return at.isoformat()


def _taste(connection: Connection, number: int) -> list[dict[str, str | None]]:
    hers = _tastes.c
    rows = connection.execute(
        select(hers.paper, hers.sign, hers.at, hers.set_aside_at)
        .where(hers.subscriber == number)
        .order_by(hers.at, hers.paper)
    )
    return [
        {
            "paper": row.paper,
            "asked": "more" if row.sign > 0 else "less",
            "at": moment(row.at),
            "set_aside_at": moment(row.set_aside_at) if row.set_aside_at else None,
        }
        for row in rows
    ]


def _asked(connection: Connection, number: int) -> list[dict[str, object]]:
    hers = _errands.c
    rows = connection.execute(
        select(hers.errand, hers.asked, hers.asked_at, hers.until)
        .where(hers.subscriber == number)
        .order_by(hers.number)
    )
    return [
        {
            "errand": Errand(row.errand).name.lower(),
            "with": json.loads(row.asked),
            "at": moment(row.asked_at),
            "until": moment(row.until),
        }
        for row in rows
    ]
