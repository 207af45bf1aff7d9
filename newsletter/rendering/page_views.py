"""What the templates of the public pages see, beside what the mails' templates do."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from newsletter.editorial.editions import Listing
from newsletter.editorial.papers import Paper
from newsletter.editorial.topics import Catalogue
from newsletter.rendering.language import Language
from newsletter.rendering.printable import Words, cut
from newsletter.rendering.tex import to_text
from newsletter.rendering.views import PaperView, paper_view

_TITLE_LIMIT = 300
_ABSTRACT_LIMIT = 10_000  # characters; arXiv takes 1,920
_NAME_LIMIT = 80
_MOST_AUTHORS = 100
_LINE_LIMIT = 300  # of the authors' comment, and of where the paper appeared


@dataclass(frozen=True, slots=True)
class TopicView:
    """A topic, with the papers of the newest edition that belong to it."""

    slug: str
    title: str
    sentence: str
    papers: str = ""
    """How many, in words; "" where nobody counted."""


@dataclass(frozen=True, slots=True)
class ListedView:
    """A paper in a list of a public page."""

    paper: PaperView
    place: int | None
    """In its edition, from 1; none where the list is no edition."""
    remark: str
    """Why everybody should read it: what the community made of it, or the curator's note."""
    topics: tuple[TopicView, ...]
    facts: tuple[str, ...]
    """Those that the remark does not say already."""


@dataclass(frozen=True, slots=True)
class RecordView:
    """A paper on its own page."""

    title: Words
    authors: tuple[str, ...]
    more_authors: int
    """How many are not named, since nobody would read so many."""
    abstract: Words
    topics: tuple[TopicView, ...]
    published: str
    """The day on which its first version appeared; "" where nobody said."""
    comment: str
    journal: str
    arxiv_url: str | None
    doi_url: str | None
    url: str | None
    """Where else it can be read, if neither arXiv nor a DOI says so."""
    pdf_url: str | None
    code_url: str | None
    project_url: str | None
    key: str
    """What the pages know it by, as a part of a web address."""
    withdrawn: bool


def topic_views(slugs: Iterable[str], catalogue: Catalogue) -> tuple[TopicView, ...]:
    """These topics, without those that the catalogue no longer has."""
    known = (catalogue.topic(slug) for slug in slugs if slug in catalogue.slugs)
    return tuple(TopicView(topic.slug, topic.title, topic.sentence) for topic in known)


def listed_view(
    listing: Listing, place: int | None, catalogue: Catalogue, language: Language, pages: str
) -> ListedView:
    """A listing in a list; `pages` is what the addresses of papers' pages begin with."""
    paper = paper_view(listing, catalogue, language, pages)
    remark = listing.standing.words
    topics = topic_views((each.topic for each in listing.topics), catalogue)[: len(paper.topics)]
    facts = tuple(fact for fact in paper.facts if fact not in remark)
    return ListedView(paper, place, remark, topics, facts)


def record_view(
    paper: Paper, topics: Iterable[str], catalogue: Catalogue, language: Language
) -> RecordView:
    """A paper with the slugs of its topics."""
    names = [to_text(cut(name, _NAME_LIMIT)) for name in paper.authors[:_MOST_AUTHORS]]
    doi = f"https://doi.org/{quote(paper.doi)}" if paper.doi else None
    arxiv = f"https://arxiv.org/abs/{paper.arxiv}" if paper.arxiv else None
    return RecordView(
        title=Words.from_tex(cut(paper.title, _TITLE_LIMIT)),
        authors=tuple(name for name in names if any(map(str.isalnum, name))),
        more_authors=max(0, len(paper.authors) - _MOST_AUTHORS),
        abstract=Words.from_tex(cut(paper.abstract, _ABSTRACT_LIMIT)),
        topics=topic_views(topics, catalogue),
        published=_date(paper.published, language),
        comment=to_text(cut(paper.comment or "", _LINE_LIMIT)),
        journal=to_text(cut(paper.journal or "", _LINE_LIMIT)),
        arxiv_url=arxiv,
        doi_url=doi,
        url=None if arxiv or doi else paper.url,
        pdf_url=paper.pdf_url,
        code_url=paper.code,
        project_url=paper.project,
        key=quote(paper.id.value, safe=":"),
        withdrawn=paper.withdrawn,
    )


def _date(day: date | None, language: Language) -> str:
    return language.date(day) if day else ""
