"""What search looks into: the words of every revision, folded and stemmed.

A revision never changes, so its words are written once, when it is made. Folding is done here and
not by the database: SQLite and PostgreSQL then find the same, whatever their own dictionaries know.
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from sqlalchemy import Connection, text

from newsletter.editorial.words import stem, words_of

_READ = 20_000  # characters of a text; arXiv takes 1,920, and PostgreSQL a megabyte of vector

_INSERT = {
    "sqlite": "INSERT INTO findable (rowid, title, abstract) VALUES (:number, :title, :abstract)",
    "postgresql": "INSERT INTO findable (revision, words)"
    " VALUES (:number, CAST(:words AS tsvector))",
}


def stems(words: str) -> list[str]:
    """The words of a text as search compares them: letters and digits only."""
    return [stem(word) for word in words_of(words[:_READ])]


def make_findable(connection: Connection, revisions: Iterable[tuple[int, str]]) -> None:
    """Write down the words of new revisions, by number: the JSON that the archive keeps of each."""
    rows = [_row(number, json.loads(words)) for number, words in revisions]
    if rows:
        connection.execute(text(_INSERT[connection.dialect.name]), rows)


def _row(number: int, record: dict[str, str]) -> dict[str, object]:
    title, abstract = stems(record.get("title", "")), stems(record.get("abstract", ""))
    return {
        "number": number,
        "title": " ".join(title),
        "abstract": " ".join(abstract),
        "words": _vector(title, abstract),
    }


def _vector(title: list[str], abstract: list[str]) -> str:
    """As PostgreSQL writes a tsvector, the title's words of weight A, the abstract's of B."""
    places: dict[str, list[str]] = defaultdict(list)
    beyond = len(title) + 2  # no phrase begins in the title and ends in the abstract
    for place, word in chain(enumerate(title, 1), enumerate(abstract, beyond)):
        places[word].append(f"{place}{'A' if place < beyond else 'B'}")
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())
