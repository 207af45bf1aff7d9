"""A paper from one JSON object, whether it uses our words or Hugging Face's.

Only a title and an abstract are required; null is the same as absent, absent is not zero, unknown
keys are ignored. A wrong type under a known key makes the whole record unusable: to print half of
a record that is not what it says would be to guess.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from newsletter.editorial.papers import Paper, PaperId
from newsletter.sources.texts import (
    ABSTRACT_LIMIT,
    AUTHORS_LIMIT,
    COMMENT_LIMIT,
    LINK_LIMIT,
    NAME_LIMIT,
    ODD,
    TITLE_LIMIT,
    WORDS_LIMIT,
    cut,
    folded,
    web_link,
)

_COUNT_LIMIT = 2**31 - 1  # what an integer column holds in every database
_ID_LIMIT = 300  # characters; no registered DOI comes near
_SHOWN = 30  # characters of a wrong value in a sentence


# An id of arXiv's with its version at the end; "10.1234/5678v2" is a DOI that ends so.
_VERSION = re.compile(r"\d{4}[./]?\d{3,5}v(?P<version>[1-9]\d?)$")

# What authors and arXiv's own administrators write of a paper that they have taken back. Others
# write about withdrawn drugs and retracted articles, that an earlier version or a duplicate was
# withdrawn, or that the paper was: from a conference, a journal or a review.
_ITSELF = "(?:paper|article|manuscript|submission|preprint|work|version)"
_IS = "(?:has been|is|was|had to be)"
_FROM_ELSEWHERE = r"(?: by (?:us|(?:the |its |all )*authors?))? from (?!(?:the )?arxiv\b)"
_TAKEN = rf"(?:temporarily )?(?:withdrawn|retracted)\b(?!{_FROM_ELSEWHERE})"
_BEGINS = r"(?:^|[-.,;:!(\[] ?)"
_OF_ANOTHER = "".join(
    f"(?<!{word} )"
    for word in ("earlier", "previous", "prior", "companion", "of", "of this", "of the")
)
_WITHDRAWN = re.compile(
    rf"{_OF_ANOTHER}\b(?:(?:this|our) {_ITSELF}(?: {_IS})?|the {_ITSELF} {_IS}|this {_IS}) {_TAKEN}"
    rf"|{_BEGINS}(?:the )?{_ITSELF}(?: {_IS})? {_TAKEN}"
    rf"|\b(?:withdrawn|withdrew|withdraw|retracted|retract) this {_ITSELF}\b(?!{_FROM_ELSEWHERE})"
    rf"|(?:{_BEGINS}|^(?:it )?{_IS} ){_TAKEN}"
    r"(?=$|[.,;:!)\]]| (?:by|due|because|for|as|since|pending|until|owing|from)\b)",
    re.IGNORECASE,
)


class RecordError(ValueError):
    """A record that makes no paper; the text says why, in the words of its keys."""


def paper_of(value: object) -> Paper:
    """The paper that a JSON value describes: an object in our words, or an item of Hugging Face's
    daily papers, wrapped (`{"paper": {…}, "numComments": …}`) or bare. Raises RecordError."""
    if not isinstance(value, dict):
        raise RecordError(f"{_shown(value)} is not an object")
    record = _Record(_unwrapped(value))
    title = record.required("title", limit=TITLE_LIMIT)
    abstract = record.required("abstract", "summary", limit=ABSTRACT_LIMIT)
    comment = record.text("comment", limit=COMMENT_LIMIT)
    pdf = record.link("pdf")
    url = record.link("url", "abs")
    first, *others = record.identities(url, pdf) or [PaperId.of_title(title)]
    return Paper(
        id=first,
        title=title,
        abstract=abstract,
        names=tuple(sorted(others)),
        authors=record.authors("authors"),
        url=url,
        pdf=pdf,
        code=record.link("code", "githubRepo"),
        project=record.link("project", "projectPage"),
        published=record.day("published", "publishedAt"),
        categories=record.categories(),
        keywords=record.words("keywords", "ai_keywords"),
        comment=comment,
        journal=record.text("journal", limit=COMMENT_LIMIT),
        ai_summary=record.text("ai_summary", limit=COMMENT_LIMIT),
        thumbnail=record.link("thumbnail"),
        submitter=record.name("submitter", "submittedOnDailyBy", "submittedBy"),
        organization=record.name("organization"),
        version=record.version(),
        withdrawn=is_withdrawn(abstract, comment),
        votes=record.count("votes", "upvotes"),
        comments=record.count("comments", "numComments"),
        stars=record.count("stars", "githubStars"),
        position=record.count("position", least=1),
    )


def is_withdrawn(abstract: str, comment: str | None) -> bool:
    """Whether the authors or arXiv have taken the paper back, by their own words."""
    if comment and _WITHDRAWN.search(comment):
        return True
    # An abstract may be about something that was withdrawn: only its beginning speaks of itself.
    return bool(_WITHDRAWN.match(abstract))


def mended(value: object) -> str | None:
    """What had to be replaced in the words of a value that `paper_of` took, as a sentence."""
    if not isinstance(value, dict):
        return None
    for key in ("title", "abstract", "summary"):
        text = _unwrapped(value).get(key)
        if isinstance(text, str) and (odd := ODD.search(text)):
            return f'"{key}" holds U+{ord(odd[0]):04X}, which is no text; it was replaced'
    return None


def _unwrapped(item: Mapping[str, object]) -> Mapping[str, object]:
    """The item with what its `paper` holds on top: of two dates the inner is the paper's own."""
    paper = item.get("paper")
    if paper is None:
        return item
    if not isinstance(paper, dict):
        raise RecordError(f'"paper" must be an object, not {_shown(paper)}')
    return {**item, **{key: value for key, value in paper.items() if value is not None}}


@dataclass(frozen=True, slots=True)
class _Record:
    """Typed readings of an object's values; of several keys the first with a value counts.

    All raise RecordError for a value of another type.
    """

    values: Mapping[str, object]

    def _present(self, *keys: str) -> Iterator[tuple[str, object]]:
        for key in keys:
            value = self.values.get(key)
            if value is not None:
                yield key, value

    def text(self, *keys: str, limit: int) -> str | None:
        for key, value in self._present(*keys):
            if not isinstance(value, str):
                raise _wrong(key, "a text", value)
            if line := folded(value):
                return cut(line, limit)
        return None

    def required(self, *keys: str, limit: int) -> str:
        text = self.text(*keys, limit=limit)
        if text is None:
            fault = "empty" if any(self._present(*keys)) else "missing"
            raise RecordError(" or ".join(f'"{key}"' for key in keys) + f" is {fault}")
        return text

    def identities(self, *links: str | None) -> list[PaperId]:
        """The identity that an id, or else a link, names, and the others that it has besides."""
        ids = [self.text(key, limit=LINK_LIMIT) for key in ("id", "arxiv_id")]
        parsed = (PaperId.parse(name) for name in (*ids, *links) if name and len(name) <= _ID_LIMIT)
        first = next((identity for identity in parsed if identity), None)
        doi = self.text("doi", limit=LINK_LIMIT)
        other = PaperId.parse(doi) if doi and len(doi) <= _ID_LIMIT else None
        return list(dict.fromkeys(identity for identity in (first, other) if identity))

    def version(self) -> int | None:
        """arXiv's version, where the id names it."""
        for key in ("id", "arxiv_id"):
            name = self.text(key, limit=LINK_LIMIT) or ""
            found = _VERSION.search(name)
            if found and (identity := PaperId.parse(name)) and identity.arxiv:
                return int(found["version"])
        return None

    def name(self, *keys: str) -> str | None:
        """Somebody's name, be it a text or an object that has one."""
        for key, value in self._present(*keys):
            if isinstance(value, dict):
                value = value.get("fullname") or value.get("name")
            if not isinstance(value, str | None):
                raise _wrong(key, "a name", value)
            if value and (line := folded(value)):
                return cut(line, NAME_LIMIT)
        return None

    def link(self, *keys: str) -> str | None:
        """The first web link; other schemes (javascript:, data:, file:) are as good as none."""
        links = []
        for key, value in self._present(*keys):
            if not isinstance(value, str):
                raise _wrong(key, "a link", value)
            links.append(web_link(value))
        return next((link for link in links if link), None)

    def count(self, *keys: str, least: int = 0) -> int | None:
        for key, value in self._present(*keys):
            # JSON has one kind of number: 3.0, as table programs write it, is a whole one.
            if isinstance(value, float) and value.is_integer():
                value = int(value)
            if isinstance(value, bool) or not isinstance(value, int):
                raise _wrong(key, "a whole number", value)
            if not least <= value <= _COUNT_LIMIT:
                raise _wrong(key, f"from {least} to {_COUNT_LIMIT:,}", value)
            return value
        return None

    def day(self, *keys: str) -> date | None:
        """The day in UTC, as arXiv counts; a moment without a zone is taken to be in UTC."""
        for key, value in self._present(*keys):
            day = _utc_day(value) if isinstance(value, str) else None
            if day is None:
                raise _wrong(key, "an ISO date", value)
            return day
        return None

    def words(self, *keys: str) -> tuple[str, ...]:
        for key, value in self._present(*keys):
            if not isinstance(value, list):
                raise _wrong(key, "a list of texts", value)
            for word in value:
                if not isinstance(word, str):
                    raise RecordError(f'"{key}" must hold texts, not {_shown(word)}')
            return _distinct(value)
        return ()

    def authors(self, key: str) -> tuple[str, ...]:
        """The names, in their order, without those that Hugging Face hides."""
        names = []
        for _, value in self._present(key):
            if not isinstance(value, list):
                raise _wrong(key, "a list of names", value)
            for author in value:
                name = author.get("name") if isinstance(author, dict) else author
                if isinstance(author, dict) and (author.get("hidden") is True or name is None):
                    continue
                if not isinstance(name, str):
                    raise RecordError(f'"{key}" must hold names, not {_shown(name)}')
                names.append(name)
        return tuple(_names(names[:AUTHORS_LIMIT]))

    def categories(self) -> tuple[str, ...]:
        """The primary one first; a text holds them with blanks between, as arXiv's own dumps do."""
        primary = self.text("primary_category", limit=NAME_LIMIT)
        listed = self.values.get("categories")
        others = listed.split() if isinstance(listed, str) else self.words("categories")
        return _distinct([*([primary] if primary else []), *others])


def _names(texts: list[str]) -> Iterator[str]:
    return (cut(line, NAME_LIMIT) for line in map(folded, texts) if line)


def _distinct(words: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_names(words[:WORDS_LIMIT])))


def _utc_day(text: str) -> date | None:
    try:
        moment = datetime.fromisoformat(text.strip())
        return (moment.astimezone(UTC) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):  # a zone can lead out of the years 1 to 9999
        return None


def _wrong(key: str, expected: str, value: object) -> RecordError:
    return RecordError(f'"{key}" must be {expected}, not {_shown(value)}')


def _shown(value: object) -> str:
    """A value for a sentence: short, and in ASCII, since a terminal will print it."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    shown = json.dumps(value[:_SHOWN] if isinstance(value, str) else value)
    return shown if len(shown) <= 2 * _SHOWN else shown[: 2 * _SHOWN] + "…"
