"""Taste: what a reader asks more and less of, by the papers that the archive knows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from newsletter.editorial.papers import PaperId
from newsletter.errors import WrongUse
from newsletter.steps.curate import find
from newsletter.store import curations
from newsletter.store.curations import Work
from newsletter.store.names import look_up
from subscribers import taste

_LONGEST = 400  # characters of an identity: PostgreSQL's indices hold about 2,700 octets


@dataclass(frozen=True, slots=True)
class Asked:
    """A paper that she asked more or less of."""

    paper: str
    more: bool
    title: str | None
    """None while the archive does not know the paper."""


def paper_of(text: str) -> str | None:
    """The identity that an id or a link names, whether the archive knows it or not; None where it
    names none. Those of papers without an arXiv id or a DOI are taken as an export writes them."""
    if len(text) > _LONGEST:
        return None
    paper = PaperId.named(text)
    return paper.value if paper else None


def liked(connection: Connection, text: str) -> str:
    """The same, or that of the paper whose title has these words. Raises WrongUse."""
    return paper_of(text) or find(connection, text).id.value


def ask(connection: Connection, subscriber: int, text: str, more: bool, now: datetime) -> Work:
    """Let her ask for more, or for less, like the paper that the text names, in place of what she
    asked about it before, under whatever name. Raises WrongUse."""
    work = find(connection, text)
    take_back(connection, subscriber, work)
    taste.ask(connection, subscriber, work.id.value, more, now)
    return work


def forget(connection: Connection, subscriber: int, text: str) -> str:
    """Take back what she asked about the paper that the text names; its identity. Raises WrongUse
    where she asked nothing about it."""
    paper = paper_of(text)
    if paper and taste.forget(connection, subscriber, paper):
        return paper
    work = find(connection, text)
    if not take_back(connection, subscriber, work):
        raise WrongUse(f"she asked neither more nor less of {work.id}: nothing is to be forgotten")
    return work.id.value


def take_back(connection: Connection, subscriber: int, work: Work) -> bool:
    """Take back what she asked about this work, under whatever name; whether she had."""
    papers = _names_of(connection, subscriber, work)
    for paper in papers:
        taste.forget(connection, subscriber, paper)
    return bool(papers)


def asked(connection: Connection, subscriber: int) -> list[Asked]:
    """What counts of what she asked: more first, then less, the newest first."""
    hers = taste.of(connection, [subscriber])[subscriber]
    signs = [(paper, True) for paper in hers.more] + [(paper, False) for paper in hers.less]
    return [
        Asked(paper, more, work.title if (work := _known(connection, paper)) else None)
        for paper, more in signs
    ]


def _known(connection: Connection, paper: str) -> Work | None:
    return curations.known(connection, PaperId(paper))


def _names_of(connection: Connection, subscriber: int, work: Work) -> Collection[str]:
    """The papers she asked about that are this work: one liked at sign-up may have been filed under
    another name since, or been absorbed."""
    papers = taste.of(connection, [subscriber], most=None)[subscriber].papers
    bearers = look_up(connection, papers)
    keys = {**bearers.others, **bearers.keys}
    return [paper for paper in papers if keys.get(paper) == work.id.value]
