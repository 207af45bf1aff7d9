"""`newsletter run`, and its steps alone: gather, publish, plan, send."""

from datetime import date, datetime
from pathlib import Path

import click

from newsletter.cli.desk import Desk, day_option, now_option, papers_option, pass_desk
from newsletter.cli.events import Log
from newsletter.errors import Temporary, WrongUse
from newsletter.steps import gather as gathering
from newsletter.steps import plan as planning
from newsletter.steps import publish as publishing
from newsletter.steps import run as running
from newsletter.steps import send as sending
from newsletter.store.archive import EditionSummary, latest_edition
from newsletter.store.ledger import State, left_over
from newsletter.store.lock import run_lock


@click.command(short_help="Serve whoever is due: cron's line.")
@day_option
@papers_option
@now_option
@click.option("--dry-run", is_flag=True, help="Say what would be sent; keep and send nothing.")
@pass_desk
def run(
    desk: Desk, day: date | None, papers: Path | None, now: datetime | None, dry_run: bool
) -> None:
    """Gather, publish, plan and send for whoever is due: cron's line."""
    log = Log()
    morning = desk.morning(day, now)
    haul = gathering.haul_of(papers) if papers else None
    with desk.store() as store:
        if dry_run:
            report = running.dry_run(store, morning, haul)
        else:
            with log.watching() as watch:
                report = running.run(store, morning, haul, watch)
        if report.gathered:
            show_gathered(log, report.gathered)
        show_edition(log, report.edition)
        show_plan(log, report.planned)
        if report.sent is None:
            click.echo("Dry run: nothing was kept, nothing was sent.")
            return
        show_sent(log, report.sent)
        with store.reading() as connection:
            _finish(left_over(connection))


@click.command()
@click.option(
    "--papers",
    type=click.Path(path_type=Path),
    required=True,
    help="A file of papers: JSONL, Hugging Face's JSON, or a trending page's text.",
)
@day_option
@now_option
@pass_desk
def gather(desk: Desk, papers: Path, day: date | None, now: datetime | None) -> None:
    """Bring papers into the archive."""
    haul = gathering.haul_of(papers)
    morning = desk.morning(day, now)
    with (
        desk.store() as store,
        run_lock(store, desk.settings.data_dir),
        store.writing() as connection,
    ):
        gathered = gathering.gather(connection, haul, morning.day)
    show_gathered(Log(), gathered)


@click.command(short_help="Compose the day's edition, once.")
@day_option
@now_option
@pass_desk
def publish(desk: Desk, day: date | None, now: datetime | None) -> None:
    """Compose the day's edition; once it is out it never changes."""
    morning = desk.morning(day, now)
    days = desk.settings.edition.window_days
    with (
        desk.store() as store,
        run_lock(store, desk.settings.data_dir),
        store.writing() as connection,
    ):
        edition = publishing.publish(connection, morning.day, desk.catalogue, days, morning.now)
    show_edition(Log(), edition)


@click.command(short_help="Decide what everyone who is due gets.")
@now_option
@pass_desk
def plan(desk: Desk, now: datetime | None) -> None:
    """Decide what everyone who is due gets of the newest edition."""
    morning = desk.morning(None, now)
    with desk.store() as store, run_lock(store, desk.settings.data_dir):
        with store.reading() as connection:
            edition = latest_edition(connection)
        if edition is None:
            raise WrongUse("no edition is out yet: run 'newsletter publish' first")
        report = planning.plan(store.writing, edition, desk.catalogue, desk.settings, morning.now)
    show_plan(Log(), report)


@click.command(short_help="Send what is planned or was deferred.")
@now_option
@pass_desk
def send(desk: Desk, now: datetime | None) -> None:
    """Send what is planned, and what was deferred and may be tried again."""
    log = Log()
    morning = desk.morning(None, now)
    with desk.store() as store:
        with run_lock(store, desk.settings.data_dir), log.watching() as watch:
            report = sending.send(store, desk.catalogue, desk.settings, morning.now, watch)
        show_sent(log, report)
        with store.reading() as connection:
            _finish(left_over(connection))


def count_of(number: int, noun: str) -> str:
    """1 paper, 2 papers."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def show_gathered(log: Log, gathered: gathering.Gathered) -> None:
    """Say what came in, and what could not be read."""
    log.faults(gathered.faults)
    faults = sum(not fault.mended for fault in gathered.faults)
    log.event(
        "papers_gathered",
        source=gathered.source,
        papers=gathered.papers,
        new=gathered.new,
        refused=faults,
    )
    refused = f", {count_of(faults, 'record')} refused" if faults else ""
    click.echo(f"Gathered {count_of(gathered.papers, 'paper')}, {gathered.new} new{refused}.")


def show_edition(log: Log, edition: EditionSummary) -> None:
    """Say which edition is out."""
    log.event(
        "edition",
        number=edition.number,
        day=edition.day.isoformat(),
        papers=edition.listings,
        new=edition.entered_today,
        freshness=edition.freshness,
    )
    click.echo(
        f"Edition No. {edition.number} of {edition.day}:"
        f" {count_of(edition.listings, 'paper')} to choose from, {edition.entered_today} new."
    )


def show_plan(log: Log, report: planning.PlanReport) -> None:
    """Say who was due and who gets no mail, and why."""
    log.event("planned", due=report.due, queued=report.queued, skipped=dict(report.skipped))
    reasons = ", ".join(f"{count} {reason}" for reason, count in report.skipped.most_common())
    skipped = f", {report.skipped.total()} skipped ({reasons})" if reasons else ""
    click.echo(f"Due: {count_of(report.due, 'reader')}, {report.queued} to be mailed{skipped}.")


def show_sent(log: Log, report: sending.SendReport) -> None:
    """Say what became of the mails."""
    counts = {state.value: count for state, count in report.outcomes.items()}
    log.event("run_ended", **counts, orphans=report.orphans)
    words = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    click.echo(f"Mails: {words or 'none to send'}.")


def _finish(open_deliveries: dict[State, int]) -> None:
    """Warn of doubtful deliveries; raise Temporary where a later run has to go on."""
    doubtful = open_deliveries.get(State.DOUBTFUL, 0)
    if doubtful:
        click.echo(
            f"newsletter: {doubtful} doubtful: handed over, and nobody knows whether they arrived."
            " They are not sent again; 'newsletter status' counts them",
            err=True,
        )
    deferred = open_deliveries.get(State.DEFERRED, 0)
    if deferred:
        raise Temporary(f"{deferred} deferred by the relay: the next run tries them again")
