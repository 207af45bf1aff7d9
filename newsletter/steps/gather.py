"""Gather: the day's papers into the archive, from a file, from the live sources, or once more from
the answers that were kept."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from newsletter.editorial.freshness import Freshness, Verdict, judged, of_the_day
from newsletter.editorial.papers import PaperId
from newsletter.errors import InputError
from newsletter.settings import Settings
from newsletter.sources import Fault, Haul, Listed, Source, Wanted, folder
from newsletter.sources.answers import AnswerBook
from newsletter.sources.arxiv import Arxiv
from newsletter.sources.files import read_papers
from newsletter.sources.http import Client
from newsletter.sources.huggingface import HuggingFace
from newsletter.store import mornings
from newsletter.store.archive import file_papers
from newsletter.store.engine import Store
from newsletter.store.library import incomplete, unknown, unlisted

_LATE = {Freshness.STALE, Freshness.BROKEN}


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a source brought: works in it, those never seen before, and what could not be read."""

    source: str
    papers: int
    new: int
    faults: tuple[Fault, ...]
    verdicts: tuple[Verdict, ...] = ()
    """One for each of its lists; none where it is a file."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """What a morning brought. `verdict` is None where it was only files."""

    sources: tuple[Gathered, ...]
    verdict: Verdict | None


def haul_of(path: Path) -> Haul:
    """The papers of a file; raises InputError where none is usable."""
    return read_papers(path)


_BY_HAND = Verdict(Freshness.FRESH, "a file took the place of the sources")
"""The word for a day whose sources were asked before a file was named."""

Asking = Callable[[str], None]
"""Told the name of each source as it is asked, which may take a minute."""


def fetched(
    store: Store, settings: Settings, day: date, now: datetime, asking: Asking
) -> list[Haul]:
    """What the live sources have for `day`. One that fails is a haul that says so."""
    page = answer_book(settings).begin(day, now)
    hauls: list[Haul] = []
    if "folder" in settings.sources.enabled:
        hauls.append(folder.read(settings.sources.folder.path))
    with store.reading() as connection:
        wanted = _wanted(connection, settings, day, now)
    page.note("covered", wanted.covered)
    page.note("first", wanted.first)
    for source in sources_of(settings):
        with store.reading() as connection:
            new = unknown(connection, _bare(hauls))
        wanted = replace(wanted, incomplete=tuple(dict.fromkeys([*wanted.incomplete, *new])))
        asking(source.name)
        with Client(source.etiquette, page) as client:
            source.ask(client, wanted)
        hauls.append(source.read(client.answers, wanted))
    return hauls


def replayed(store: Store, settings: Settings, day: date) -> list[list[Haul]]:
    """What the live sources had for `day`, gathering by gathering, read again from the answers that
    were kept. Raises InputError where none were."""
    recordings = answer_book(settings).recordings(day)
    if not recordings:
        raise InputError(f"no answers are kept of {day}: was anything gathered for that day?")
    found = []
    for recording in recordings:
        with store.reading() as connection:
            wanted = _wanted(connection, settings, day, recording.now)
        # As it was that morning, which another store cannot know.
        covered, first = recording.days("covered"), recording.days("first")
        wanted = replace(
            wanted,
            covered=wanted.covered if covered is None else covered,
            first=wanted.first if first is None else first,
        )
        answers = list(recording)
        found.append(
            [
                source.read((a for a in answers if a.source == source.name), wanted)
                for source in sources_of(settings)
            ]
        )
    return found


def gather(connection: Connection, hauls: Iterable[Haul], day: date, now: datetime) -> Gathering:
    """File what was brought as gathered on `day`, and pass the verdict on it; a paper that is known
    keeps its first day."""
    gathered = []
    for haul in hauls:
        filed = file_papers(connection, haul.papers, day, haul.updates)
        verdicts = _judged(connection, haul.lists, filed.keys, day)
        gathered.append(
            Gathered(haul.source, filed.new + filed.known, filed.new, haul.faults, verdicts)
        )
    verdicts = tuple(verdict for source in gathered for verdict in source.verdicts)
    verdict = of_the_day(verdicts) if verdicts else None
    if verdict:
        mornings.keep_verdict(connection, day, verdict, now)
    elif any(source.papers for source in gathered) and mornings.verdict_of(connection, day):
        mornings.keep_verdict(connection, day, _BY_HAND, now)
    return Gathering(tuple(gathered), verdict)


def put_away(hauls: Iterable[Haul], day: date) -> list[str]:
    """Move the files away whose papers are filed, and safely so; a sentence for each that stays."""
    return [trouble for haul in hauls for trouble in folder.take(haul.files, day)]


def sources_of(settings: Settings) -> list[Source]:
    """The services that are enabled, in the order in which they are asked: arXiv last, since it
    knows the authors and categories of what the others put forward."""
    contact = contact_of(settings)
    enabled = settings.sources.enabled
    sources: list[Source] = []
    if "huggingface" in enabled:
        sources.append(HuggingFace(settings.sources, contact))
    if "arxiv" in enabled:
        sources.append(Arxiv(settings.sources, contact))
    return sources


def answer_book(settings: Settings) -> AnswerBook:
    """Where the answers of services are kept."""
    return AnswerBook(settings.data_dir / "answers", settings.sources.keep_days)


def contact_of(settings: Settings) -> str:
    """Where a service can reach the operator."""
    address = settings.sender.reply_to or settings.sender.address
    if address:
        return f"mailto:{address}"
    return settings.base_url or "an operator who set no address"


def _wanted(connection: Connection, settings: Settings, day: date, now: datetime) -> Wanted:
    parts = [part for source in sources_of(settings) for part in source.parts()]
    covered = {part: mornings.covered_until(connection, part, day) for part in parts}
    first = {part: mornings.first_read(connection, part) for part in parts}
    days = settings.edition.window_days
    return Wanted(
        now,
        days,
        tuple(incomplete(connection, day - timedelta(days=days))),
        {part: until for part, until in covered.items() if until},
        {part: since for part, since in first.items() if since},
    )


def _bare(hauls: Iterable[Haul]) -> list[PaperId]:
    """The papers of these hauls that arXiv can complete."""
    papers = (paper for haul in hauls for paper in haul.papers)
    return [paper.id for paper in papers if paper.id.arxiv and not paper.categories]


def _judged(
    connection: Connection, lists: Sequence[Listed], keys: Collection[PaperId], day: date
) -> tuple[Verdict, ...]:
    """The verdict on each list of a source that brought the works of these keys."""
    whole = unlisted(connection, keys, day)
    verdicts = []
    for listed in lists:
        batch = listed.batch
        past = mornings.past_of(connection, batch.part, day, batch.listed)
        new = unlisted(connection, batch.ids, day)
        # Which of several lists the other new works belong to, nobody can say.
        verdict = judged(batch, past, new, whole - new if len(lists) == 1 else 0)
        verdicts.append(_kept(connection, listed, verdict, day))
    return tuple(verdicts)


def _kept(connection: Connection, listed: Listed, verdict: Verdict, day: date) -> Verdict:
    """Remember a list; the verdict that counts: what was read well for the same day's edition once
    is not undone by a service that fails later."""
    batch = listed.batch
    earlier = mornings.list_of(connection, batch.part, day)
    if earlier and earlier.is_good and not verdict.is_good:
        return earlier
    before = mornings.covered_until(connection, batch.part, day)
    # A list that is not today's covers nothing that an earlier one did not.
    covered = before if verdict.freshness in _LATE else listed.covered
    if verdict.is_good and batch.listed and batch.due:  # empty ones too, where that is no wonder
        covered = max(filter(None, (covered, min(batch.listed, batch.due))))
    mornings.keep_list(connection, day, batch, covered, verdict)
    return verdict
