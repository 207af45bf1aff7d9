"""`newsletter resolve`: doubtful deliveries, and what the operator decides about them."""

from datetime import datetime

import click

from newsletter.cli.desk import Desk, now_option, pass_desk
from newsletter.errors import WrongUse
from newsletter.steps.fingerprints import altered
from newsletter.steps.resolve import Doubt, doubts
from newsletter.steps.resolve import resolve as resolve_step
from newsletter.store.engine import Store
from newsletter.store.ledger import State
from newsletter.store.lock import run_lock


@click.command(short_help="Decide about doubtful deliveries.")
@click.option("--resend", is_flag=True, help="Send the same mails again with the next run.")
@click.option("--sent", is_flag=True, help="They have arrived.")
@click.option("--skip", is_flag=True, help="They have not, and the next digest makes up for it.")
@now_option
@pass_desk
def resolve(desk: Desk, resend: bool, sent: bool, skip: bool, now: datetime | None) -> None:
    """List the deliveries of which nobody knows whether the relay took them, or decide about all of
    them.

    A mail that is sent again has the same Message-ID and the same bytes, so that most mail programs
    show one; unless templates, settings or keys have changed since.
    """
    if resend + sent + skip > 1:
        raise WrongUse("--resend, --sent and --skip are three decisions: take one")
    moment = desk.morning(None, now).now
    with desk.store() as store:
        _warn(desk, store)
        if not (resend or sent or skip):
            with store.reading() as connection:
                found = doubts(connection)
            for doubt in found:
                click.echo(_line(doubt))
            click.echo(f"Doubtful: {len(found)}.")
            return
        state = State.QUEUED if resend else State.SENT if sent else State.SKIPPED
        with run_lock(store, desk.settings.data_dir), store.writing() as connection:
            found = doubts(connection)
            resolve_step(connection, [doubt.delivery for doubt in found], state, moment)
    words = {State.QUEUED: "queued again", State.SENT: "taken as sent", State.SKIPPED: "skipped"}
    click.echo(f"{len(found)} {words[state]}.")


def _warn(desk: Desk, store: Store) -> None:
    with store.reading() as connection:
        found = doubts(connection)
        changes = altered(connection, [doubt.delivery for doubt in found], desk.settings)
    for edition, names in changes.items():
        click.echo(
            f"newsletter: {' and '.join(names)} have changed since edition No. {edition} was"
            " printed: a second copy of its mails would not be the same bytes",
            err=True,
        )


def _line(doubt: Doubt) -> str:
    delivery = doubt.delivery
    whose = str(doubt.reader.address) if doubt.reader else f"subscriber {delivery.subscriber}"
    return f"{whose}: edition No. {delivery.edition}, {delivery.reason}"
