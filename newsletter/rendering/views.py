"""What a template sees. `docs/templates.md` lists these names for the designer of templates."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from markupsafe import Markup

from newsletter.editorial.editions import Listing
from newsletter.editorial.papers import Paper
from newsletter.editorial.topics import Catalogue
from newsletter.rendering.excerpt import excerpt, shortened
from newsletter.rendering.tex import to_html, to_text
from subscribers.model import Frequency

_MOST_AUTHORS = 4
_MOST_TOPICS = 2
_TITLE_LIMIT = 300  # arXiv's own limit is about 250 characters; a longer "title" is a broken record
_HEADLINE_LIMIT = 64  # with "10 papers for you: " before it, what a wide inbox shows of a subject


class Printable(Protocol):
    """Anything a template may print: HTML in .html templates, plain text in .txt ones."""

    def __str__(self) -> str: ...

    def __html__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Words:
    """A text with its HTML form: {{ it }} prints the one that belongs."""

    text: str
    html: Markup

    @classmethod
    def from_tex(cls, source: str) -> "Words":
        return cls(to_text(source), to_html(source))

    @classmethod
    def plain(cls, text: str) -> "Words":
        # & < > only, as lxml's serializer does it: a mail printed from segments and one printed
        # whole are then the same bytes.
        return cls(text, Markup(escape_text(text)))  # noqa: S704  # escaped in the same breath

    def __str__(self) -> str:
        return self.text

    def __html__(self) -> str:
        return self.html


def escape_text(text: str) -> str:
    """The text as lxml writes it into an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


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
    """Short ones, for a quiet line: "212 votes", "12 comments", "850 stars", the authors' line."""
    ai_summary: Printable = _NOTHING
    """A machine's words about it, to be labelled as such; "" unless the operator wants them."""
    number: Printable = _NOTHING
    """Personal: its place in this mail, from 1."""
    reason: Printable = _NOTHING
    """Personal: why she gets it."""


@dataclass(frozen=True, slots=True)
class EditionView:
    """The day's edition."""

    number: int
    date: str
    """Friday, 13 March 2026"""
    note: str = ""
    """The curator's foreword, plain; "" where there is none. Paragraphs are parted by one blank
    line, other white space is single blanks."""


@dataclass(frozen=True, slots=True)
class SenderView:
    """Who the mail is from."""

    name: str
    postal_address: tuple[str, ...]
    """Its lines."""


@dataclass(frozen=True, slots=True)
class Variant:
    """All that a mail's frame may be conditional on. A template tests nothing personal but this."""

    frequency: Frequency
    named: bool
    """Whether we know the reader's name."""
    empty: bool
    """Whether there is no paper for her (only where the operator asked for such mails)."""


@dataclass(frozen=True, slots=True)
class ReaderView:
    """What is personal in a mail's frame. Templates print these; they cannot test them."""

    name: Printable
    count: Printable
    """"7 papers", "1 paper", "no new papers"."""
    headline: Printable
    """The first title, cut well."""
    headlines: Printable
    """The next titles, for the preheader; goes on where the subject ends."""
    unsubscribe_url: Printable
    preferences_url: Printable


def paper_view(listing: Listing, catalogue: Catalogue, *, ai_summary: bool = False) -> PaperView:
    """The listing as a template sees it, with its source's AI summary if that is wanted."""
    paper = listing.paper
    slugs = [assignment.topic for assignment in listing.topics]
    return PaperView(
        title=Words.from_tex(cut(paper.title, _TITLE_LIMIT)),
        authors=Words.from_tex(_author_line(paper.authors)),
        excerpt=Words.from_tex(excerpt(paper.abstract)),
        url=paper.abstract_url,
        pdf_url=paper.pdf_url,
        code_url=paper.code,
        topics=tuple(catalogue.topic(s).title for s in slugs if s in catalogue.slugs)[
            :_MOST_TOPICS
        ],
        facts=tuple(_facts(paper)),
        ai_summary=Words.from_tex(shortened(paper.ai_summary or "") if ai_summary else ""),
    )


def reader_view(
    name: str, titles: tuple[str, ...], unsubscribe_url: str, preferences_url: str
) -> ReaderView:
    """The personal words of a mail with papers of these (plain) titles, the best first."""
    headlines = " · ".join(cut(title, _HEADLINE_LIMIT) for title in titles[1:4])
    return ReaderView(
        name=Words.plain(name),
        count=Words.plain(count_words(len(titles))),
        headline=Words.plain(cut(titles[0], _HEADLINE_LIMIT) if titles else ""),
        headlines=Words.plain(headlines),
        unsubscribe_url=Words.plain(unsubscribe_url),
        preferences_url=Words.plain(preferences_url),
    )


def count_words(papers: int) -> str:
    """How many papers, in words."""
    if papers == 0:
        return "no new papers"
    return "1 paper" if papers == 1 else f"{papers} papers"


def long_date(day: date) -> str:
    """Friday, 13 March 2026: written out, so that no reader takes the month for the day."""
    return f"{day:%A}, {day.day} {day:%B %Y}"


def title_line(title: str, limit: int = 90) -> str:
    """A title as plain text, cut to a line of a terminal or of a reason."""
    return cut(to_text(title), limit)


def cut(text: str, limit: int) -> str:
    """The text, or its beginning up to a word's end and an ellipsis, within `limit` characters."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    beginning = text[: limit - 1]
    words, _, _ = beginning.rpartition(" ")
    # A single word longer than the half of it all is cut inside.
    return (words if len(words) * 2 > limit else beginning).rstrip(" ,;:.-–—") + "…"


def _author_line(authors: tuple[str, ...]) -> str:
    # Some records hold a lone ":" between a group and its members.
    names = [
        name
        for name in (cut(author, 80) for author in authors[:200])
        if any(map(str.isalnum, name))
    ]
    if len(names) <= _MOST_AUTHORS:
        return ", ".join(names)
    rest = len(authors) - _MOST_AUTHORS + 1
    return ", ".join(names[: _MOST_AUTHORS - 1]) + f" and {rest:,} more"


def _facts(paper: Paper) -> list[str]:
    facts = [
        f"{count:,} {noun}{'' if count == 1 else 's'}"
        for count, noun in (
            (paper.votes, "vote"),
            (paper.comments, "comment"),
            (paper.stars, "star"),
        )
        if count
    ]
    if paper.comment:
        facts.append(to_text(cut(paper.comment, 80)))
    return facts
