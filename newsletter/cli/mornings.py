"""`newsletter run`, and its steps alone: gather, publish, plan; for `send` see cli/send.py."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

import click

from newsletter.cli.desk import (
    DAY,
    Desk,
    count_of,
    day_option,
    now_option,
    papers_option,
    pass_desk,
)
from newsletter.cli.events import Log
from newsletter.cli.send import finish, show_sent, tallied
from newsletter.errors import NotYet, WrongUse
from newsletter.sources import Haul
from newsletter.steps import gather as gathering
from newsletter.steps import plan as planning
from newsletter.steps import run as running
from newsletter.steps.morning import Morning
from newsletter.store.editions import EditionSummary, latest_edition
from newsletter.store.engine import Store
from newsletter.store.ledger import left_over
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
            report = running.dry_run(store, morning, haul, log.asking)
            _show(log, report, morning)
            click.echo("Dry run: nothing was kept, nothing was sent.")
        else:
            with tallied(log, store):
                with log.watching() as watch:
                    report = running.run(store, morning, haul, watch, log.asking, log.notice)
                _show(log, report, morning)
        if report.waiting:
            raise NotYet(running.waiting(report.waiting, morning))
        if not dry_run:
            with store.reading() as connection:
                finish(left_over(connection))


def _show(log: Log, report: running.RunReport, morning: Morning) -> None:
    if report.gathering:
        show_gathering(log, report.gathering)
    _warn(report.troubles)
    if report.edition:
        show_edition(log, report.edition)
        if report.gathering and not report.edition.verdict.is_good:
            sentence = report.edition.sentence
            click.echo(f"newsletter: the edition went ahead without it: {sentence}", err=True)
    if not report.waiting and (report.edition is None or report.edition.day != morning.day):
        click.echo(f"Too early: {running.too_early(morning)}.")
    if report.planned:
        show_plan(log, report.planned)
    if report.sent:
        show_sent(log, report.sent)


@click.command(short_help="Bring papers into the archive.")
@papers_option
@day_option
@now_option
@click.option("--replay", type=DAY, help="From the answers that were kept of that day.")
@pass_desk
def gather(
    desk: Desk,
    papers: Path | None,
    day: date | None,
    now: datetime | None,
    replay: date | None,
) -> None:
    """Bring papers into the archive: from the sources, from --papers FILE, or once more from what
    the sources answered on a day (--replay)."""
    if replay and (papers or day or now):
        raise WrongUse("--replay reads a day as it was: it goes with no other option")
    log = Log()
    with desk.store() as store:
        morning = desk.morning(replay or day, now)
        with run_lock(store, desk.settings.data_dir):
            for hauls in _hauls(store, morning, papers, log, replayed=replay is not None):
                with store.writing() as connection:
                    gathered = gathering.gather(connection, hauls, morning.day, morning.now)
                _warn(gathering.put_away(hauls, morning.day))
        show_gathering(log, gathered)
    if gathered.verdict and not gathered.verdict.is_good:
        raise NotYet(f"the day is {gathered.verdict.freshness}: {gathered.verdict.sentence}")


def _warn(troubles: Iterable[str]) -> None:
    for trouble in troubles:
        click.echo(f"newsletter: {trouble}", err=True)


def _hauls(
    store: Store, morning: Morning, papers: Path | None, log: Log, *, replayed: bool
) -> Sequence[Sequence[Haul]]:
    """Gathering by gathering what there is to file."""
    settings = morning.settings
    if replayed:
        return gathering.replayed(store, settings, morning.day)
    if papers:
        return [[gathering.haul_of(papers)]]
    if not settings.sources.enabled:
        raise WrongUse("no source is enabled (sources.enabled): name a file with --papers")
    return [gathering.fetched(store, settings, morning.day, morning.now, log.asking)]


@click.command(short_help="Compose the day's edition, once.")
@day_option
@now_option
@click.option("--force", is_flag=True, help="Before its hour too, and whatever is missing.")
@pass_desk
def publish(desk: Desk, day: date | None, now: datetime | None, force: bool) -> None:
    """Compose the day's edition; once it is out it never changes."""
    morning = desk.morning(day, now)
    with desk.store() as store:
        edition = running.published(store, morning, force=force)
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


def show_gathering(log: Log, gathering: gathering.Gathering) -> None:
    """Say what came in from each source, and what is to be thought of it."""
    for gathered in gathering.sources:
        show_gathered(log, gathered)
    if gathering.verdict:
        verdict = gathering.verdict
        log.event("day_judged", freshness=verdict.freshness, sentence=verdict.sentence)
        if len(gathering.sources) > 1 or verdict.is_good:
            click.echo(f"The day is {verdict.freshness}.")


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
    for verdict in gathered.verdicts:
        log.event("list_judged", freshness=verdict.freshness, sentence=verdict.sentence)
    refused = f", {count_of(faults, 'fault')}" if faults else ""
    source = f" from {gathered.source}" if gathered.verdicts else ""
    papers = count_of(gathered.papers, "paper")
    click.echo(f"Gathered {papers}{source}, {gathered.new} new{refused}.")
    for verdict in gathered.verdicts:
        click.echo(f"  {verdict.sentence}")


def show_edition(log: Log, edition: EditionSummary) -> None:
    """Say which edition is out."""
    log.event(
        "edition",
        number=edition.number,
        day=edition.day.isoformat(),
        papers=edition.listings,
        new=edition.entered_today,
        freshness=edition.freshness,
        sentence=edition.sentence,
    )
    click.echo(
        f"Edition No. {edition.number} of {edition.day} ({edition.freshness}):"
        f" {count_of(edition.listings, 'paper')} to choose from, {edition.entered_today} new."
    )


def show_plan(log: Log, report: planning.PlanReport) -> None:
    """Say who was due and who gets no mail, and why."""
    log.event("planned", due=report.due, queued=report.queued, skipped=dict(report.skipped))
    reasons = ", ".join(f"{count} {reason}" for reason, count in report.skipped.most_common())
    skipped = f", {report.skipped.total()} skipped ({reasons})" if reasons else ""
    click.echo(f"Due: {count_of(report.due, 'reader')}, {report.queued} to be mailed{skipped}.")
