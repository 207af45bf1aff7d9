"""`newsletter send`, and what is said of the mails of any run."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

import click

from newsletter.cli.desk import Desk, count_of, now_option, pass_desk
from newsletter.cli.events import Log
from newsletter.errors import AnotherRun, NewsletterError, Temporary
from newsletter.steps.send import SendReport
from newsletter.steps.send import send as sending
from newsletter.steps.unknown import UNKNOWN
from newsletter.store.editions import latest_edition
from newsletter.store.engine import Store
from newsletter.store.ledger import State, counts, left_over
from newsletter.store.lock import run_lock


@click.command(short_help="Send what is planned or was deferred.")
@now_option
@pass_desk
def send(desk: Desk, now: datetime | None) -> None:
    """Send what is planned, and what was deferred and may be tried again."""
    log = Log()
    morning = desk.morning(None, now)
    with desk.store() as store:
        with tallied(log, store):
            with run_lock(store, desk.settings.data_dir), log.watching() as watch:
                report = sending(store, desk.catalogue, desk.settings, morning.now, watch)
            show_sent(log, report)
        with store.reading() as connection:
            finish(left_over(connection))


def show_sent(log: Log, report: SendReport) -> None:
    """Say what became of the mails."""
    outcomes = {state.value: count for state, count in report.outcomes.items()}
    log.event("run_ended", **outcomes, orphans=report.orphans, suppressed=report.suppressed)
    words = ", ".join(f"{count} {state}" for state, count in sorted(outcomes.items()))
    click.echo(f"Mails: {words or 'none to send'}.")
    if report.suppressed:
        click.echo(f"Suppressed: {count_of(report.suppressed, 'reader')}, {UNKNOWN}.")


@contextmanager
def tallied(log: Log, store: Store) -> Iterator[None]:
    """Say at the end, however it comes, what became of all who were due of the newest edition."""
    try:
        yield
    except AnotherRun:
        raise
    except NewsletterError:
        with suppress(NewsletterError):  # a store that is gone has been said already
            _show_tally(log, store)
        raise
    else:
        _show_tally(log, store)


def _show_tally(log: Log, store: Store) -> None:
    with store.reading() as connection:
        edition = latest_edition(connection)
        states = counts(connection, edition.number) if edition else {}
    if edition and (due := sum(states.values())):
        told = {state.value: count for state, count in states.items() if count}
        log.event("tally", edition=edition.number, due=due, **told)
        words = ", ".join(f"{count:,} {state}" for state, count in told.items())
        readers = count_of(due, "reader")
        click.echo(f"Edition No. {edition.number} so far, of {readers} due: {words}.")


def finish(open_deliveries: dict[State, int]) -> None:
    """Warn of doubtful deliveries; raise Temporary where a later run has to go on."""
    doubtful = open_deliveries.get(State.DOUBTFUL, 0)
    if doubtful:
        click.echo(
            f"newsletter: {doubtful} doubtful: handed over, and nobody knows whether they arrived."
            " They are not sent again; 'newsletter resolve' lists them, and takes your decision",
            err=True,
        )
    deferred = open_deliveries.get(State.DEFERRED, 0)
    if deferred:
        raise Temporary(f"{deferred} deferred by the relay: the next run tries them again")
