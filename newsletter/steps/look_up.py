"""Look up: one paper that the curator names, as the services have it, into the archive."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce

from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.works import merged
from newsletter.errors import InputError, SourceUnavailable, WrongUse
from newsletter.settings import Settings
from newsletter.sources import Haul, Wanted
from newsletter.sources.arxiv import Arxiv
from newsletter.sources.http import Client
from newsletter.sources.huggingface import HuggingFace
from newsletter.steps.curate import Decided, find, known, pin
from newsletter.steps.gather import answer_book, contact_of
from newsletter.store.archive import file_papers
from newsletter.store.curations import Work
from newsletter.store.engine import Store
from newsletter.store.lock import run_lock

_UNKNOWN = 404


@dataclass(frozen=True, slots=True)
class Added:
    """A paper that the curator brought in."""

    work: Work
    was_known: bool
    """Whether the archive had it before, so that nobody was asked."""
    pinned: Decided | None
    """The pin, where she wrote a note."""


def add(store: Store, settings: Settings, text: str, note: str, day: date, now: datetime) -> Added:
    """Bring in the paper that an arXiv id or a link names, for the edition to come; with a note it
    is pinned too. Raises what `look_up` raises, and AnotherRun where a run asks the services."""
    with run_lock(store, settings.data_dir):
        with store.reading() as connection:
            was_known = known(connection, text)
        found = None if was_known else look_up(settings, text, day, now)
        with store.writing() as connection:
            if found:
                file_papers(connection, [found], day)
            work = find(connection, found.id.value if found else text)
            days = settings.edition.window_days
            pinned = pin(connection, work, note, day, now, days) if note else None
    return Added(work, was_known, pinned)


def look_up(settings: Settings, text: str, day: date, now: datetime) -> Paper:
    """The paper that an arXiv id or a link names, as arXiv and Hugging Face have it, whether they
    are enabled or not.

    Raises WrongUse for what names no paper of arXiv's, InputError for one that does not exist or
    was withdrawn, and SourceUnavailable where nobody could be asked.
    """
    name = PaperId.parse(text)
    if name is None or not name.arxiv:
        raise WrongUse(
            f"{text!r} is no arXiv id and no link to one: only those can be looked up;"
            " bring other papers with 'newsletter gather --papers FILE'"
        )
    records, failures = _asked(settings, name, day, now)
    if not records and failures:
        raise SourceUnavailable(f"{name} cannot be looked up: {'; '.join(failures)}")
    if not records:
        raise InputError(f"there is no paper {name.arxiv} at arXiv: is the number right?")
    paper = reduce(merged, records)
    if paper.withdrawn:
        raise InputError(f"{name} was withdrawn by its authors: no edition holds it")
    return paper


def _asked(
    settings: Settings, name: PaperId, day: date, now: datetime
) -> tuple[list[Paper], list[str]]:
    """What was said of the paper, and why who said nothing could not be asked."""
    page = answer_book(settings).begin(day)
    wanted = Wanted(now, settings.edition.window_days)
    hauls: list[Haul] = []
    arxiv = Arxiv(settings.sources, contact_of(settings))
    with Client(arxiv.etiquette, page) as client:
        arxiv.look_up(client, [name], once_a_day=False)  # its index may know it by now
    hauls.append(arxiv.read(client.answers, wanted))
    hugging_face = HuggingFace(settings.sources, contact_of(settings))
    with Client(hugging_face.etiquette, page) as other:
        hugging_face.paper(other, name)
    hauls.append(hugging_face.read(other.answers, wanted))
    failures = [
        f"{answer.source}: {answer.failure}"
        for answer in (*client.answers, *other.answers)
        if answer.failure and answer.status != _UNKNOWN
    ]
    found = [paper for haul in hauls for paper in haul.updates if paper.arxiv == name.arxiv]
    return [replace(paper, position=None) for paper in found], failures
