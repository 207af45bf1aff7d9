"""Search: the papers that some edition listed, by the words of their titles and abstracts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, text

from newsletter.editorial.papers import Paper
from newsletter.store.archive import paper_of_row
from newsletter.store.findable import stems
from newsletter.store.tables import papers, revisions

_ASKED = 300  # characters of a question
_PHRASES = 12
_QUOTES = re.compile("[“”„«»]")

_LISTED = """
    JOIN papers ON papers.revision = {revision}
    JOIN revisions ON revisions.number = papers.revision
    WHERE {match} AND papers.entered IS NOT NULL AND papers.absorbed_by IS NULL
        AND NOT papers.withdrawn"""
_MATCHING = {
    "sqlite": "FROM findable"
    + _LISTED.format(revision="findable.rowid", match="findable MATCH :question"),
    "postgresql": "FROM findable"
    + _LISTED.format(
        revision="findable.revision", match="findable.words @@ CAST(:question AS tsquery)"
    ),
}
# A word of the title weighs as much as four of the abstract; the least comes first.
_RANK = {
    "sqlite": "bm25(findable, 4.0, 1.0)",
    "postgresql": "-ts_rank_cd('{0, 0, 0.25, 1}', findable.words, CAST(:question AS tsquery), 1)",
}


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper that was found, in its current words."""

    paper: Paper
    entered: date


@dataclass(frozen=True, slots=True)
class Hits:
    """One page of what was found."""

    total: int
    papers: tuple[Hit, ...]
    """The best first."""


def search(connection: Connection, question: str, start: int, most: int) -> Hits:
    """The papers in which all words of the question occur, at most so many from `start` on.

    Words in quotation marks must stand beside each other. Nothing else is syntax, and of a question
    that is too long only the beginning is asked; one without a word finds nothing.
    """
    dialect = connection.dialect.name
    phrases = list(_phrases(question[:_ASKED]))[:_PHRASES]
    if not phrases:
        return Hits(0, ())
    asked = {"question": _written(dialect, phrases)}
    matching = _MATCHING[dialect]
    total = connection.execute(text(f"SELECT count(*) {matching}"), asked).scalar_one()
    rows = connection.execute(
        text(  # all that is put together here stands above
            "SELECT papers.id, papers.entered, papers.signals, revisions.words"
            f" {matching} ORDER BY {_RANK[dialect]}, papers.entered DESC, papers.id"
            " LIMIT :most OFFSET :start"
        ).columns(papers.c.id, papers.c.entered, papers.c.signals, revisions.c.words),
        {**asked, "most": most, "start": start},
    )
    return Hits(
        total,
        tuple(
            Hit(paper_of_row(key, words, signals), entered) for key, entered, signals, words in rows
        ),
    )


def _phrases(question: str) -> Iterator[list[str]]:
    """The stems that must stand together: those in quotation marks, and every other one alone."""
    pieces = _QUOTES.sub('"', question).split('"')
    for place, piece in enumerate(pieces):
        found = stems(piece)
        if place % 2 and place < len(pieces) - 1:
            yield from [found] if found else []
        else:
            yield from ([word] for word in found)


def _written(dialect: str, phrases: list[list[str]]) -> str:
    """The phrases in the database's own notation. Stems are letters and digits: no quotation mark
    of theirs can end what stands between ours."""
    if dialect == "sqlite":
        return " ".join(f'"{" ".join(phrase)}"' for phrase in phrases)
    return " & ".join(
        "(" + " <-> ".join(f"'{word}'" for word in phrase) + ")" for phrase in phrases
    )
