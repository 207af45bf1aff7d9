"""One paper, once: which records are one work, and the best of them.

Records with the same arXiv number are one work. A DOI or a title joins a record to the one work
that bears it, and joins nothing where several do: journals reuse DOIs for a paper and its erratum,
and "Technical Report" is many papers.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce
from itertools import product

from newsletter.editorial.papers import Paper, PaperId, Seen, letters_of

# Letters and digits of a title below which equal titles say nothing ("Introduction", "Editorial",
# "Technical Report"); "Attention Is All You Need" has 21.
_TELLING = 18

_NEVER = datetime.min.replace(tzinfo=UTC)
_LONGEST = (
    *("authors", "url", "pdf", "code", "project", "categories", "keywords", "comment", "journal"),
    *("ai_summary", "thumbnail", "submitter", "organization"),
)
_RANKS = {"arxiv": 0, "doi": 1, "title": 2}


def title_name(paper: Paper) -> PaperId | None:
    """The identity that a paper's title gives it, None where the title is too short to tell."""
    letters = letters_of(paper.title)
    return PaperId.of_letters(letters) if len(letters) >= _TELLING else None


def merged(one: Paper, other: Paper) -> Paper:
    """The same work with the best of both records.

    Commutative, associative and idempotent, so that the order in which sources answer does not
    matter. Title and abstract are those of the newest version; of other texts the longer wins; of
    counts the one that was seen last, of dates the earlier. A title that gave way stays among the
    names. Raises ValueError for two arXiv numbers: whatever else they share, they are two works.
    """
    if one.arxiv and other.arxiv and one.arxiv != other.arxiv:
        raise ValueError(f"arXiv {one.arxiv} and {other.arxiv} are two papers")
    best: dict[str, object] = {}
    for name in _LONGEST:
        pair = [x for x in (getattr(one, name), getattr(other, name)) if x is not None]
        best[name] = max(pair, key=lambda value: (len(value), value), default=None)
    published = [paper.published for paper in (one, other) if paper.published]
    versions = [paper.version for paper in (one, other) if paper.version is not None]
    winner = max(one, other, key=lambda paper: _worth(paper, paper.title))
    counts, seen = _latest(one, other)
    identity, names = _united_names(one, other, title_name(winner))
    return replace(
        one,
        id=identity,
        names=names,
        title=winner.title,
        abstract=max((_worth(one, one.abstract), _worth(other, other.abstract)))[-1],
        published=min(published, default=None),
        version=max(versions, default=None),
        withdrawn=one.withdrawn or other.withdrawn,
        seen=seen,
        **best,  # type: ignore[arg-type]  # each value came from its own field
        **counts,  # type: ignore[arg-type]
    )


def canonical(paper: Paper) -> Paper:
    """The same record under the best of its identities."""
    if not paper.names or (paper.id.arxiv and len(paper.names) == 1 and paper.names[0].doi):
        return paper  # as nearly all are
    return merged(paper, paper)


def _united_names(
    one: Paper, other: Paper, own: PaperId | None
) -> tuple[PaperId, tuple[PaperId, ...]]:
    """The best identity, and the others but for the title's `own`, which needs no writing down."""
    number = one.arxiv or other.arxiv
    told = {one.id, *one.names, other.id, *other.names}
    if one.title != other.title:
        told |= {name for name in (title_name(one), title_name(other)) if name}
    # An author may have entered another paper's arXiv DOI as the journal's.
    kept = {name for name in told if name.arxiv in (None, number)} | ({own} if own else set())
    best = min(kept, key=rank)
    return best, tuple(sorted(kept - {best, own}))


def rank(identity: PaperId) -> tuple[int, str]:
    """A key that sorts the better identity to the front: arXiv, DOI, title."""
    scheme, _, _ = identity.value.partition(":")
    return _RANKS[scheme], identity.value


def _worth(paper: Paper, text: str) -> tuple[int, int, str]:
    return paper.version or 0, len(text), text


def _latest(one: Paper, other: Paper) -> tuple[dict[str, int | None], Seen]:
    counts: dict[str, int | None] = {}
    seen: dict[str, datetime | None] = {}
    for name in Seen.__dataclass_fields__:
        # A place is the better the smaller it is.
        sign = -1 if name == "position" else 1
        found = [
            (count is not None, getattr(paper.seen, name) or _NEVER, sign * (count or 0))
            for paper in (one, other)
            for count in [getattr(paper, name)]
        ]
        given, moment, count = max(found)
        counts[name] = sign * count if given else None
        seen[name] = None if moment == _NEVER else moment
    return counts, Seen(**seen)


def unified(papers: Sequence[Paper]) -> list[Paper]:
    """The same papers with every work once, in the order of first sight.

    Which records are one work does not depend on their order.
    """
    return [
        reduce(merged, (papers[place] for place in places[1:]), canonical(papers[places[0]]))
        for places in works([Identities.of(paper) for paper in papers])
    ]


@dataclass(frozen=True, slots=True)
class Identities:
    """All that one record is known by, as texts of `PaperId`."""

    id: str
    arxiv: str | None
    dois: tuple[str, ...]
    titles: tuple[str, ...]
    """Telling ones."""

    @classmethod
    def of(cls, paper: Paper) -> "Identities":
        """What a paper's own identity, its names and its title say."""
        title = title_name(paper)
        others = {name.value for name in paper.names} | {paper.id.value}
        titles = {name for name in others if name.startswith("title:")}
        return cls(
            paper.id.value,
            f"arxiv:{paper.arxiv}" if paper.arxiv else None,
            tuple(name for name in others if name.startswith("doi:")),
            tuple(titles | {title.value} if title else titles),
        )

    @property
    def every(self) -> set[str]:
        return {self.id, *self.dois, *self.titles} | ({self.arxiv} if self.arxiv else set())


def works(records: Sequence[Identities], ambiguous: Collection[str] = ()) -> list[list[int]]:
    """The places of the records of each work, both in the order of first sight.

    `ambiguous` are names that several works are known to bear, here or elsewhere. No step looks at
    what an earlier name of the same step has joined, so the order of the records does not matter.
    """
    sets = _Sets(len(records))
    for places in _shared((record.arxiv,) if record.arxiv else () for record in records).values():
        sets.join(places)
    for places in _shared((record.id,) for record in records).values():
        if len({records[place].arxiv for place in places} - {None}) <= 1:
            sets.join(places)
    numbered = sets.of_those(place for place, record in enumerate(records) if record.arxiv)
    _attach(sets, _shared(record.dois for record in records), numbered, ambiguous)

    titles = _shared(record.titles for record in records)
    _pair(sets, titles, records, ambiguous)
    named = sets.of_those(
        place for place, record in enumerate(records) if record.arxiv or record.dois
    )
    _attach(sets, titles, named, ambiguous)
    return sets.members()


class _Sets:
    """Records that are one work, as sets of their places; each is called by its first place."""

    def __init__(self, size: int) -> None:
        self._above = list(range(size))

    def of(self, place: int) -> int:
        while self._above[place] != place:
            self._above[place] = place = self._above[self._above[place]]
        return place

    def of_those(self, places: Iterable[int]) -> set[int]:
        return {self.of(place) for place in places}

    def join(self, places: Sequence[int]) -> None:
        for place in places[1:]:
            first, second = sorted((self.of(places[0]), self.of(place)))
            self._above[second] = first

    def members(self) -> list[list[int]]:
        found: dict[int, list[int]] = {}
        for place in range(len(self._above)):
            found.setdefault(self.of(place), []).append(place)
        return list(found.values())


def _shared(names: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    """The places of each name that stands at more than one of them."""
    bearers: dict[str, list[int]] = {}
    for place, borne in enumerate(names):
        for name in borne:
            bearers.setdefault(name, []).append(place)
    return {name: places for name, places in bearers.items() if len(places) > 1}


def _attach(
    sets: _Sets,
    bearers: Mapping[str, list[int]],
    firm: set[int],
    ambiguous: Collection[str],
) -> None:
    """Join the loose records that share a name, and what has come together so to the one firm set
    that bears a name of it."""
    for places in bearers.values():
        sets.join([place for place in places if sets.of(place) not in firm])
    touched: dict[int, set[int]] = {}
    for name, places in bearers.items():
        found = sets.of_those(places)
        bearing = found & firm
        if len(bearing) == 1 and name not in ambiguous:
            for loose in found - firm:
                touched.setdefault(loose, set()).update(bearing)
    for loose, bearing in touched.items():
        if len(bearing) == 1:
            sets.join([loose, *bearing])


def _pair(
    sets: _Sets,
    titles: Mapping[str, list[int]],
    records: Sequence[Identities],
    ambiguous: Collection[str],
) -> None:
    """Join a work with an arXiv number and one with a DOI that share a title with each other and
    with no third, where the former has no DOI or shares that too, ambiguous as it is."""
    numbered = sets.of_those(place for place, record in enumerate(records) if record.arxiv)
    dois: dict[int, set[str]] = {}
    for place, record in enumerate(records):
        if record.dois:
            dois.setdefault(sets.of(place), set()).update(record.dois)
    sharing: set[tuple[int, int]] = set()
    pairs: set[tuple[int, int]] = set()
    for name, places in titles.items():
        found = sets.of_those(places)
        preprints, articles = found & numbered, (found & dois.keys()) - numbered
        both = set(product(preprints, articles))
        sharing |= both
        if len(both) == 1 and name not in ambiguous:
            pairs |= both
    partners = Counter(work for pair in sharing for work in pair)
    for preprint, article in pairs:
        alone = partners[preprint] == partners[article] == 1
        if alone and (preprint not in dois or dois[preprint] & dois[article]):
            sets.join([preprint, article])
