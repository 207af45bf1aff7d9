"""Run: gather → publish → plan → send for whoever is due. What cron calls every hour."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from newsletter.editorial.freshness import waits
from newsletter.errors import NotYet
from newsletter.sources import Haul
from newsletter.steps.again import offer_again
from newsletter.steps.books import Watch
from newsletter.steps.gather import Asking, Gathering, fetched, gather, put_away
from newsletter.steps.morning import Morning
from newsletter.steps.notify import Noted
from newsletter.steps.plan import PlanReport, plan
from newsletter.steps.publish import publish
from newsletter.steps.retention import forget_old
from newsletter.steps.send import SendReport, send
from newsletter.steps.stationery import Stationery
from newsletter.store.editions import EditionSummary, latest_edition
from newsletter.store.engine import Store
from newsletter.store.library import is_empty
from newsletter.store.lock import run_lock
from newsletter.store.mornings import Judged, verdict_of


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run came to. What did not happen is None: nobody was gathered for, there is no edition
    yet, nothing was planned while it waits for a source, nothing is sent on a dry run."""

    edition: EditionSummary | None
    gathering: Gathering | None = None
    planned: PlanReport | None = None
    sent: SendReport | None = None
    waiting: Judged | None = None
    """Why the day's edition is not out, though its hour has come."""
    troubles: tuple[str, ...] = ()
    """What went wrong beside it and stops nothing: files that could not be moved."""


def run(
    store: Store,
    morning: Morning,
    haul: Haul | None,
    watch: Watch,
    asking: Asking,
    noted: Callable[[Noted], None],
) -> RunReport:
    """The whole morning under the run's lock. Raises AnotherRun, and what its steps raise."""
    settings, catalogue, now = morning.settings, morning.catalogue, morning.now
    with run_lock(store, settings.data_dir):
        offer_again(store, catalogue, settings, now, noted)  # readers wait for it: it goes first
        hauls = _hauls(store, morning, haul, asking)
        with store.writing() as connection:
            report = _composed(connection, morning, hauls)
        troubles = tuple(put_away(hauls or (), morning.day))
        planned = None
        if report.edition:
            planned = plan(store.writing, report.edition, catalogue, settings, now)
        sent = send(store, catalogue, settings, now, watch)
        forget_old(store, settings, now)
    return RunReport(report.edition, report.gathering, planned, sent, report.waiting, troubles)


def dry_run(store: Store, morning: Morning, haul: Haul | None, asking: Asking) -> RunReport:
    """What `run` would gather, publish and plan; nothing is kept but the answers of the sources,
    and nothing is sent."""
    settings, catalogue, now = morning.settings, morning.catalogue, morning.now
    with run_lock(store, settings.data_dir):
        hauls = _hauls(store, morning, haul, asking)
    with store.trying() as connection:
        report = _composed(connection, morning, hauls)
        planned = None
        if report.edition:
            one = nullcontext(connection)
            planned = plan(lambda: one, report.edition, catalogue, settings, now)
    return RunReport(report.edition, report.gathering, planned, None, report.waiting)


def _hauls(store: Store, morning: Morning, haul: Haul | None, asking: Asking) -> Sequence[Haul]:
    """The file that was named, or else what the live sources have, unless the day's edition is out
    already or its hour has not come."""
    if haul:
        return (haul,)
    with store.reading() as connection:
        out = latest_edition(connection, morning.day)
    if out or morning.now < morning.opens or not morning.settings.sources.enabled:
        return ()
    return fetched(store, morning.settings, morning.day, morning.now, asking)


def _composed(connection: Connection, morning: Morning, hauls: Sequence[Haul]) -> RunReport:
    """File what was brought and publish the day's edition, unless it has to wait."""
    day, now = morning.day, morning.now
    gathering = gather(connection, hauls, day, now) if hauls else None
    if latest_edition(connection, day) is None:
        if now < morning.opens:
            return RunReport(latest_edition(connection), gathering)
        judged = verdict_of(connection, day) if gathering and gathering.verdict else None
        if judged and _waits(connection, judged, morning):
            return RunReport(None, gathering, waiting=judged)
    return RunReport(_published(connection, morning), gathering)


def published(store: Store, morning: Morning, *, force: bool) -> EditionSummary:
    """The day's edition, composed now from what was gathered unless it is out. With `force` before
    its hour, and whatever is missing. Raises NotYet where it has to wait."""
    with run_lock(store, morning.settings.data_dir), store.writing() as connection:
        judged = verdict_of(connection, morning.day)
        out = latest_edition(connection, morning.day)
        if not out and not force:
            if morning.now < morning.opens:
                raise NotYet(f"{too_early(morning)}; publish it now with --force")
            if judged and _waits(connection, judged, morning):
                raise NotYet(waiting(judged, morning))
        return _published(connection, morning)


def _published(connection: Connection, morning: Morning) -> EditionSummary:
    settings = morning.settings
    days, language = settings.edition.window_days, Stationery(settings).language
    return publish(connection, morning.day, morning.catalogue, days, morning.now, language)


def too_early(morning: Morning) -> str:
    """That the edition's hour has not come, in words."""
    return (
        f"the edition of {morning.day} comes out from {_clock(morning, morning.opens)} on"
        " (edition.publish_hour)"
    )


def _waits(connection: Connection, judged: Judged, morning: Morning) -> bool:
    """Whether the edition waits; a first one that would hold nothing always does."""
    patience = morning.patience(judged.begun_at)
    return is_empty(connection) or waits(judged.verdict, patience, morning.now)


def waiting(judged: Judged, morning: Morning) -> str:
    """What the edition waits for and how long, in words."""
    verdict, patience = judged.verdict, morning.patience(judged.begun_at)
    why = f"no edition of {morning.day} yet: the day is {verdict.freshness} ({verdict.sentence})"
    if not waits(verdict, patience, morning.now):
        return f"{why}, and no paper was ever gathered; the next run asks again"
    return (
        f"{why}; the next run asks again, and from {_clock(morning, patience.until)} on it goes"
        " ahead with what there is (edition.patience_hours)"
    )


def _clock(morning: Morning, moment: datetime) -> str:
    return f"{moment.astimezone(ZoneInfo(morning.settings.timezone)):%H:%M}"
