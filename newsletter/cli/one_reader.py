"""What the commands about one reader share: her address, and a transaction that finds her."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Connection

from newsletter.cli.desk import ADDRESS, Desk
from newsletter.errors import WrongUse
from subscribers import roster
from subscribers.addresses import Address
from subscribers.model import Subscriber

address_argument = click.argument("address", type=ADDRESS)


@contextmanager
def found(
    desk: Desk, address: Address, *, writes: bool = True
) -> Iterator[tuple[Connection, Subscriber]]:
    """A transaction and whom it is about; raises WrongUse where nobody has the address."""
    with desk.store() as store, store.writing() if writes else store.reading() as connection:
        reader = roster.find(connection, address)
        if reader is None:
            raise WrongUse(f"nobody subscribes with the address {address}")
        yield connection, reader
