"""The list behind `newsletter status --readers`: a line for everyone who was due."""

import json
from collections.abc import Collection, Iterator

from newsletter.store.engine import Store
from newsletter.store.ledger import State
from newsletter.store.recipients import Recipient, recipients
from subscribers import roster
from subscribers.model import Subscriber

_PAGE = 1000


def lines(store: Store, edition: int, only: Collection[State], *, as_json: bool) -> Iterator[str]:
    """They, read a thousand at a time: whoever looks at them page by page keeps nobody waiting."""
    write = _json if as_json else _line
    after = 0
    while True:
        with store.reading() as connection:
            page = recipients(connection, edition, only, after, _PAGE)
            readers = roster.some(connection, [each.subscriber for each in page])
        for each in page:
            yield write(each, readers.get(each.subscriber))
        if len(page) < _PAGE:
            return
        after = page[-1].delivery


def _line(recipient: Recipient, reader: Subscriber | None) -> str:
    whose = reader.address if reader else f"subscriber {recipient.subscriber} (erased)"
    return f"{recipient.state:<9} {whose}  {recipient.reason}".rstrip()


def _json(recipient: Recipient, reader: Subscriber | None) -> str:
    told = {
        "subscriber": recipient.subscriber,
        "address": str(reader.address) if reader else None,
        "state": recipient.state,
        "reason": recipient.reason,
        "ended_at": recipient.ended_at and recipient.ended_at.isoformat(),
    }
    return json.dumps(told, ensure_ascii=False)
