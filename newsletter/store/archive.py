"""The archive: papers as they come in, one row for one work."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import reduce
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from newsletter.editorial.papers import Paper, PaperId, Seen
from newsletter.editorial.works import Identities, canonical, merged, rank, works
from newsletter.store.engine import in_groups
from newsletter.store.findable import make_findable
from newsletter.store.names import absorb, look_up, register
from newsletter.store.tables import papers, revisions

_COUNTS = ("votes", "comments", "stars", "position")
_LISTS = ("authors", "categories", "keywords")
_TEXTS = (
    *("title", "abstract", "url", "pdf", "code", "project", "comment", "journal"),
    *("ai_summary", "thumbnail", "submitter", "organization"),
)
_GROUP = 1000


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of gathered papers: works never seen before, works already known."""

    new: int
    known: int
    keys: tuple[PaperId, ...] = ()
    """Of the new and the known, in the order of first sight, without what is withdrawn."""


@dataclass(frozen=True, slots=True)
class _Record:
    """A paper as it came, and all that it is known by."""

    paper: Paper
    known_by: Identities


@dataclass(frozen=True, slots=True)
class _Row(_Record):
    """A work as it stands in the archive."""

    entered: date | None
    gathered: date

    def seniority(self) -> tuple[date, date, str]:
        """Of rows that turn out to be one work, the first by this stays."""
        return self.entered or date.max, self.gathered, self.paper.id.value


@dataclass(frozen=True, slots=True)
class _Filing:
    """A work as it will stand."""

    paper: Paper
    rows: tuple[_Row, ...]
    """As it stood so far, the senior first; none where it is new."""
    place: int
    """Of its first record among those that came."""
    names: frozenset[str]
    """What all its records are known by."""

    @property
    def key(self) -> str:
        return self.paper.id.value

    @property
    def is_changed(self) -> bool:
        return [row.paper for row in self.rows] != [self.paper]


def file_papers(
    connection: Connection, gathered: Iterable[Paper], day: date, updates: Iterable[Paper] = ()
) -> Filed:
    """File what a source brought on `day`. A known work keeps its key and the best of all its
    records; changed words become a new revision, so that no edition's text ever changes.

    `updates` say more of works that are known or gathered, and nothing of others: the revised
    version of an old paper is not new.
    """
    records = [_record(paper) for paper in gathered]
    ours = len(records)
    records += [_record(paper) for paper in updates]
    bearers = look_up(connection, _names(records))
    rows = _rows(connection, bearers.works)
    # A name of theirs that did not come may be one that they share with a work that did not come.
    bearers = bearers.with_more(look_up(connection, _names(rows) - bearers.names))
    # The key of an absorbed work can be given to no other: what bears it is the survivor.
    records = [
        replace(one, known_by=replace(one.known_by, id=bearers.keys.get(key, key)))
        for one in records
        for key in [one.known_by.id]
    ]
    filings = [
        filing
        for filing in _filings(rows, records, bearers.ambiguous)
        if filing.rows or filing.place < ours
    ]
    _write(connection, [filing for filing in filings if filing.is_changed], day)
    gone = {row.paper.id.value: one.key for one in filings for row in one.rows[1:]}
    absorb(connection, gone)
    borne = ((name, filing.key) for filing in filings for name in filing.names)
    register(connection, bearers.after(gone), borne)
    brought = [filing for filing in filings if filing.place < ours]
    known = sum(bool(filing.rows) for filing in brought)
    keys = tuple(filing.paper.id for filing in brought if not filing.paper.withdrawn)
    return Filed(len(brought) - known, known, keys)


def _record(paper: Paper) -> _Record:
    best = canonical(paper)
    return _Record(best, Identities.of(best))


def _names(records: Iterable[_Record]) -> set[str]:
    return {name for record in records for name in record.known_by.every}


def _rows(connection: Connection, keys: Collection[str]) -> list[_Row]:
    query = select(
        *(papers.c.id, papers.c.entered, papers.c.gathered, papers.c.signals, papers.c.withdrawn),
        revisions.c.words,
    ).join(revisions, revisions.c.number == papers.c.revision)
    found = []
    for group in in_groups(sorted(keys), _GROUP):
        for row in connection.execute(query.where(papers.c.id.in_(group))):
            paper = paper_of_row(row.id, row.words, row.signals)
            paper = replace(paper, withdrawn=True) if row.withdrawn else paper
            found.append(_Row(paper, Identities.of(paper), row.entered, row.gathered))
    return found


def _filings(
    rows: Sequence[_Row], records: Sequence[_Record], ambiguous: Collection[str]
) -> list[_Filing]:
    """The works that the records tell of, in the order of first sight."""
    filings = []
    for places in works([one.known_by for one in (*rows, *records)], ambiguous):
        before = sorted((rows[n] for n in places if n < len(rows)), key=_Row.seniority)
        here = [n - len(rows) for n in places if n >= len(rows)]
        if here:
            told = [records[n] for n in here]
            best = reduce(merged, (one.paper for one in (*before, *told)))
            key = before[0].paper.id if before else min((x.paper.id for x in told), key=rank)
            names = frozenset(_names([*before, *told]))
            filings.append(_Filing(_under(key, best), tuple(before), here[0], names))
    return sorted(filings, key=lambda filing: filing.place)


def _under(key: PaperId, paper: Paper) -> Paper:
    """The paper under the key of its row, with its own identity among the names."""
    if paper.id == key:
        return paper
    return replace(paper, id=key, names=tuple(sorted({paper.id, *paper.names} - {key})))


def _write(connection: Connection, filings: Sequence[_Filing], day: date) -> None:
    numbers = _revisions_of(connection, [filing.paper for filing in filings])
    written: dict[str, Any] = {
        "revision": bindparam("revision_number"),
        "signals": bindparam("signals_json"),
        "withdrawn": bindparam("is_withdrawn"),
    }
    new, known = (
        [
            {
                "key": filing.key,
                "revision_number": numbers[filing.key],
                "signals_json": signals_of(filing.paper),
                "is_withdrawn": filing.paper.withdrawn,
            }
            for filing in filings
            if bool(filing.rows) == is_known
        ]
        for is_known in (False, True)
    )
    if new:
        connection.execute(insert(papers).values(id=bindparam("key"), gathered=day, **written), new)
    if known:
        connection.execute(
            update(papers).where(papers.c.id == bindparam("key")).values(**written), known
        )


def _revisions_of(connection: Connection, changed: Sequence[Paper]) -> Mapping[str, int]:
    """The number of the revision that holds each paper's words, by key; made where there is none
    yet."""
    numbers: dict[str, int] = {}
    for group in in_groups(changed, _GROUP):
        words = {paper.id.value: _words(paper) for paper in group}
        hashes = {key: hashlib.sha256(text.encode()).hexdigest() for key, text in words.items()}
        query = select(revisions.c.paper, revisions.c.words_hash, revisions.c.number).where(
            revisions.c.paper.in_(hashes)
        )
        have = {(key, digest): number for key, digest, number in connection.execute(query)}
        missing = [
            {"paper": key, "words_hash": digest, "words": words[key]}
            for key, digest in hashes.items()
            if (key, digest) not in have
        ]
        if missing:
            connection.execute(insert(revisions), missing)
            have = {(key, digest): number for key, digest, number in connection.execute(query)}
            made = [(have[row["paper"], row["words_hash"]], row["words"]) for row in missing]
            make_findable(connection, made)
        numbers.update((key, have[key, digest]) for key, digest in hashes.items())
    return numbers


def _words(paper: Paper) -> str:
    """What is printed of a paper, as JSON; `signals_of` is the rest of it."""
    record: dict[str, Any] = {name: getattr(paper, name) for name in (*_TEXTS, *_LISTS)}
    record["published"] = paper.published.isoformat() if paper.published else None
    record["names"] = [name.value for name in paper.names]
    return json.dumps(
        {key: value for key, value in record.items() if value}, ensure_ascii=False, sort_keys=True
    )


def signals_of(paper: Paper) -> str:
    """The counts of a paper, when each was seen, and its version, as JSON."""
    record = {name: getattr(paper, name) for name in (*_COUNTS, "version")}
    seen = {name: getattr(paper.seen, name) for name in _COUNTS}
    record["seen"] = {name: moment.isoformat() for name, moment in seen.items() if moment}
    return json.dumps({key: value for key, value in record.items() if value not in (None, {})})


def paper_of_row(key: str, words: str, signals: str) -> Paper:
    """The paper that was stored as these words and signals."""
    record = json.loads(words) | json.loads(signals)
    for name in _LISTS:
        record[name] = tuple(record.get(name, ()))
    if "published" in record:
        record["published"] = date.fromisoformat(record["published"])
    record["names"] = tuple(PaperId(name) for name in record.get("names", ()))
    seen = {name: datetime.fromisoformat(at) for name, at in record.pop("seen", {}).items()}
    return Paper(id=PaperId(key), abstract=record.pop("abstract", ""), seen=Seen(**seen), **record)
