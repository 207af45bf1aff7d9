"""What a template sees. `docs/templates.md` lists these names for the designer of templates."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import quote

from newsletter.editorial.editions import Listing
from newsletter.editorial.papers import Paper
from newsletter.editorial.topics import Catalogue
from newsletter.rendering.excerpt import excerpt, shortened
from newsletter.rendering.language import Language
from newsletter.rendering.printable import Printable, Words, cut, isolated
from newsletter.rendering.tex import to_text
from subscribers.model import Frequency

_MOST_AUTHORS = 3
_MOST_TOPICS = 2
_TITLE_LIMIT = 300  # arXiv's own limit is about 250 characters; a longer "title" is a broken record
_HEADLINE_LIMIT = 64  # with "10 papers for you: " before it, what a wide inbox shows of a subject
_MOST_INSIDE = 2  # topics named in the line that says what is inside: it is one on a phone

_NOTHING = Words.plain("")


@dataclass(frozen=True, slots=True)
class PaperView:
    """A paper as printed; the same for every reader but for its number and reason."""

    title: Printable
    authors: Printable
    """Shortened: "A. Turing, G. Hopper and 12 more"; "" where none are known."""
    excerpt: Printable
    """Sentences of its abstract; "" where there is none."""
    url: str | None
    pdf_url: str | None
    code_url: str | None
    topics: tuple[str, ...]
    """Titles of its strongest topics."""
    facts: tuple[str, ...]
    """Short ones, for a quiet line: "212 votes", the line that the authors gave arXiv."""
    ai_summary: Printable = _NOTHING
    """A machine's words about it, to be labelled as such; "" unless the operator wants them."""
    key: str = ""
    """What the pages know it by, as a part of a web address."""
    page_url: str = ""
    """Its page of ours, with the whole abstract."""
    number: Printable = _NOTHING
    """Personal: its place in this mail, from 1."""
    reason: Printable = _NOTHING
    """Personal: why she gets it."""
    more_url: Printable = _NOTHING
    """Personal: where she can ask for more like it."""
    less_url: Printable = _NOTHING


@dataclass(frozen=True, slots=True)
class EditionView:
    """The day's edition."""

    number: int
    date: str
    """Friday, March 13, 2026, as the language writes it."""
    url: str
    """Its page, with all of its papers."""
    note: str = ""
    """The curator's foreword, plain; "" where there is none. Paragraphs are parted by one blank
    line, other white space is single blanks."""


@dataclass(frozen=True, slots=True)
class SenderView:
    """Who the mail is from."""

    name: str
    postal_address: tuple[str, ...]
    """Its lines."""

    @property
    def imprint(self) -> tuple[str, ...]:
        """The lines of the address with the name above them, unless they begin with it."""
        named = re.match(
            rf"{re.escape(self.name)}(?!\w)", " ".join(self.postal_address), re.IGNORECASE
        )
        return self.postal_address if named else (self.name, *self.postal_address)


@dataclass(frozen=True, slots=True)
class Variant:
    """All that a mail's frame may be conditional on. A template tests nothing personal but this."""

    frequency: Frequency = Frequency.DAILY
    named: bool = False
    """Whether we know the reader's name."""
    empty: bool = False
    """Whether there is no paper for her (only where the operator asked for such mails)."""
    rest: bool = False
    """Whether other papers of the edition are listed below hers."""


@dataclass(frozen=True, slots=True)
class ReaderView:
    """What is personal in a digest's frame. Templates print these; they cannot test them."""

    name: Printable
    count: Printable
    """"7 papers", "1 paper", "no new papers"."""
    inside: Printable
    """What they are about: "Robotics, Computer vision, and more"."""
    headline: Printable
    """The first title, cut well."""
    headlines: Printable
    """The next titles, for the preheader; goes on where the subject ends."""
    unsubscribe_url: Printable
    preferences_url: Printable
    taste_url: Printable
    """The beginning of `more_url` and `less_url` of every paper."""
    view_url: Printable
    """The same mail as a page."""


@dataclass(frozen=True, slots=True)
class ReaderLinks:
    """Where a reader's own links lead."""

    unsubscribe: str
    preferences: str
    taste: str
    view: str


def paper_view(
    listing: Listing,
    catalogue: Catalogue,
    language: Language,
    pages: str,
    *,
    ai_summary: bool = False,
) -> PaperView:
    """The listing as a template sees it, with its source's AI summary if that is wanted; `pages` is
    what the addresses of papers' pages begin with."""
    paper = listing.paper
    key = quote(paper.id.value, safe=":")
    slugs = [assignment.topic for assignment in listing.topics]
    return PaperView(
        title=Words.from_tex(cut(paper.title, _TITLE_LIMIT)),
        authors=Words.from_tex(_author_line(paper.authors, language)),
        excerpt=Words.from_tex(excerpt(paper.abstract)),
        url=paper.abstract_url,
        pdf_url=paper.pdf_url,
        code_url=paper.code,
        topics=tuple(catalogue.topic(s).title for s in slugs if s in catalogue.slugs)[
            :_MOST_TOPICS
        ],
        facts=tuple(_facts(paper, language)),
        ai_summary=Words.from_tex(shortened(paper.ai_summary or "") if ai_summary else ""),
        key=key,
        page_url=f"{pages}/{key}",
    )


def tasting(paper: PaperView, taste_url: Printable) -> PaperView:
    """The paper with the links of a reader's taste: `taste_url` is hers, or a mark."""
    more, less = (f"{taste_url}/{verb}/{paper.key}" for verb in ("more", "less"))
    return replace(paper, more_url=Words.plain(more), less_url=Words.plain(less))


def reader_view(
    name: str, papers: Sequence[PaperView], links: ReaderLinks, language: Language
) -> ReaderView:
    """The personal words of a mail with these papers, the best first."""
    first, *others = [_headline(str(paper.title)) for paper in papers[:4]] or [""]
    return ReaderView(
        name=Words.plain(isolated(name)),
        count=_count(len(papers), language),
        inside=_inside(papers, language),
        headline=Words.plain(first),
        headlines=Words.plain(" · ".join(others)),
        unsubscribe_url=Words.plain(links.unsubscribe),
        preferences_url=Words.plain(links.preferences),
        taste_url=Words.plain(links.taste),
        view_url=Words.plain(links.view),
    )


@lru_cache(maxsize=1024)
def _headline(title: str) -> str:
    return isolated(cut(title, _HEADLINE_LIMIT))


def reason_words(number: int, reason: str) -> Words:
    """The reason of the paper of this number, which stands before it."""
    return Words.folded(reason, "    ", len(f"{number} · "))


def count_words(papers: int, language: Language) -> str:
    """How many papers, in words."""
    if papers == 0:
        return language.gettext("no new papers")
    return language.counted("1 paper", "{n} papers", papers)


@lru_cache(maxsize=256)
def _count(papers: int, language: Language) -> Words:
    return Words.plain(count_words(papers, language))


def _inside(papers: Sequence[PaperView], language: Language) -> Words:
    topics: dict[str, int] = {}
    for paper in papers:
        for topic in paper.topics:
            topics[topic] = topics.get(topic, 0) + 1
    most = sorted(topics, key=topics.__getitem__, reverse=True)[:_MOST_INSIDE]
    return _inside_words(tuple(most), len(topics) > len(most), language)


@lru_cache(maxsize=1024)
def _inside_words(named: tuple[str, ...], more: bool, language: Language) -> Words:
    if not named:
        return Words.folded(language.gettext("What the research community puts forward"))
    rest = [language.gettext("more")] if more else []
    return Words.folded(language.list([*named, *rest]))


def _author_line(authors: tuple[str, ...], language: Language) -> str:
    # Some records hold a lone ":" between a group and its members.
    names = [
        name
        for name in (cut(author, 80) for author in authors[:200])
        if any(map(str.isalnum, name))
    ]
    if len(names) <= _MOST_AUTHORS:
        return ", ".join(names)
    rest = len(authors) - _MOST_AUTHORS + 1
    names = names[: _MOST_AUTHORS - 1]
    return language.gettext("{authors} and {n} more").format(
        authors=", ".join(names), n=language.number(rest)
    )


def _facts(paper: Paper, language: Language) -> list[str]:
    facts = []
    # One of them says enough: a line of facts is one line on a phone.
    if paper.votes:
        facts.append(language.counted("1 vote", "{n} votes", paper.votes))
    elif paper.stars:
        facts.append(language.counted("1 star", "{n} stars", paper.stars))
    elif paper.comments:
        facts.append(language.counted("1 comment", "{n} comments", paper.comments))
    if paper.comment:
        facts.append(to_text(cut(paper.comment, 80)))
    return facts
