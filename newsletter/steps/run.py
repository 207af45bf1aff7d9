"""Run: gather → publish → plan → send for whoever is due. What cron calls every hour."""

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime

from newsletter.editorial.topics import Catalogue
from newsletter.settings import Settings
from newsletter.sources import Haul
from newsletter.steps.gather import Gathered, gather
from newsletter.steps.plan import PlanReport, plan
from newsletter.steps.publish import publish
from newsletter.steps.send import SendReport, Watch, send
from newsletter.store.archive import EditionSummary
from newsletter.store.engine import Store
from newsletter.store.lock import run_lock


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run came to. `gathered` is None where there was no file, `sent` on a dry run."""

    edition: EditionSummary
    gathered: Gathered | None
    planned: PlanReport
    sent: SendReport | None


@dataclass(frozen=True, slots=True)
class Morning:
    """One moment of one day, and what goes with it."""

    day: date
    now: datetime
    catalogue: Catalogue
    settings: Settings


def run(store: Store, morning: Morning, haul: Haul | None, watch: Watch) -> RunReport:
    """The whole morning under the run's lock. Raises AnotherRun, and what its steps raise."""
    settings, catalogue, now = morning.settings, morning.catalogue, morning.now
    with run_lock(store, settings.data_dir):
        with store.writing() as connection:
            gathered = gather(connection, haul, morning.day) if haul else None
            days = settings.edition.window_days
            edition = publish(connection, morning.day, catalogue, days, now)
        planned = plan(store.writing, edition, catalogue, settings, now)
        sent = send(store, catalogue, settings, now, watch)
    return RunReport(edition, gathered, planned, sent)


def dry_run(store: Store, morning: Morning, haul: Haul | None) -> RunReport:
    """What `run` would gather, publish and plan; nothing is kept and nothing is sent."""
    settings, catalogue, now = morning.settings, morning.catalogue, morning.now
    with store.trying() as connection:
        gathered = gather(connection, haul, morning.day) if haul else None
        days = settings.edition.window_days
        edition = publish(connection, morning.day, catalogue, days, now)
        planned = plan(lambda: nullcontext(connection), edition, catalogue, settings, now)
    return RunReport(edition, gathered, planned, None)
