"""Today and the archive: editions, papers, topics and search, for everybody."""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from newsletter.editorial.editions import Listing
from newsletter.editorial.papers import PaperId
from newsletter.editorial.ranking import Standing
from newsletter.rendering.bibtex import bibtex
from newsletter.rendering.page_views import ListedView, TopicView, listed_view, record_view
from newsletter.rendering.views import count_words
from newsletter.store.editions import EditionSummary, latest_edition
from newsletter.store.pages import (
    Record,
    Shelf,
    day_after,
    editions_of_year,
    leading,
    newest_editions,
    record_of,
    shelf,
    span,
    topic_counts,
)
from newsletter.store.search import Hit, Hits, search
from newsletter.web.asking import Asked, printable
from newsletter.web.pages import Pages
from newsletter.web.public import Printed, answer

PAPERS = "/papers"
"""What the addresses of papers' pages begin with."""

_A_PAGE = 20  # papers of a topic or a search
_LAST_PAGE = 50
_LONGEST_QUESTION = 300  # characters
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"[1-9][0-9]?")
_YEAR = re.compile(r"[1-9][0-9]{3}")


def today(pages: Pages, asked: Asked) -> Response:
    """The newest edition, or kind words where there is none yet."""

    def made(newest: EditionSummary | None) -> Printed:
        return _edition(pages, newest, newest) if newest else _html(pages, "nothing_yet")

    return pages.rack.page(asked, "today", made)


def edition(pages: Pages, asked: Asked) -> Response:
    """The edition of a day, or all of a year."""
    named = asked.params["day"]
    if _YEAR.fullmatch(named):
        return editions(pages, asked, int(named))
    day = _day(named)

    def made(newest: EditionSummary | None) -> Printed:
        with pages.store.reading() as connection:
            found = latest_edition(connection, day)
        if found is None:
            raise HTTPException(404)
        return _edition(pages, found, newest)

    return pages.rack.page(asked, ("edition", day), made)


def editions(pages: Pages, asked: Asked, year: int | None = None) -> Response:
    """All editions of a year, by default the newest, by month."""

    def made(_newest: EditionSummary | None) -> Printed:
        with pages.store.reading() as connection:
            days = span(connection)
            shown = year or (days[1].year if days else None)
            found = editions_of_year(connection, shown) if shown else []
        if year and not found:
            raise HTTPException(404)
        language = pages.stationery.language
        months = [
            (language.month(first), [_line(pages, each) for each in month])
            for first, month in groupby(found, key=lambda each: each.day.replace(day=1))
        ]
        years = range(days[1].year, days[0].year - 1, -1) if days else ()
        return _html(pages, "editions", months=months, years=years, year=shown)

    return pages.rack.page(asked, ("editions", year), made)


def paper(pages: Pages, asked: Asked) -> Response:
    """One paper, whole."""
    record = _record(pages, asked)
    view = record_view(record.paper, record.topics, pages.catalogue, pages.stationery.language)
    language = pages.stationery.language
    seen = [(each.day.isoformat(), language.date(each.day)) for each in record.appearances[:14]]
    address = pages.stationery.url("papers", view.key)
    return answer(asked, _html(pages, "paper", paper=view, address=address, editions=seen))


def citation(pages: Pages, asked: Asked) -> Response:
    """A paper as BibTeX."""
    text = bibtex(_record(pages, asked).paper)
    return answer(asked, Printed.of(text, "application/x-bibtex; charset=utf-8"))


def topics(pages: Pages, asked: Asked) -> Response:
    """All topics, with what the newest edition has of each."""

    def made(newest: EditionSummary | None) -> Printed:
        with pages.store.reading() as connection:
            counts = topic_counts(connection, newest) if newest else Counter()
        views = [
            TopicView(each.slug, each.title, each.sentence, _count(pages, counts[each.slug]))
            for each in pages.catalogue.topics
        ]
        return _html(pages, "topics", topics=views)

    return pages.rack.page(asked, "topics", made)


def topic(pages: Pages, asked: Asked) -> Response:
    """The newest edition's papers of one topic."""
    slug, number = asked.params["slug"], _number(asked)
    if slug not in pages.catalogue.slugs:
        raise HTTPException(404)
    of = pages.catalogue.topic(slug)

    def made(newest: EditionSummary | None) -> Printed:
        here = Shelf(0, ())
        if newest:
            with pages.store.reading() as connection:
                here = shelf(connection, newest, slug, (number - 1) * _A_PAGE, _A_PAGE)
        view = TopicView(of.slug, of.title, of.sentence, _count(pages, here.total))
        papers, turns = _listed(pages, here.listings), _turns(number, here.total)
        return _html(pages, "topic", topic=view, papers=papers, turns=turns)

    return pages.rack.page(asked, ("topic", slug, number), made)


def found(pages: Pages, asked: Asked) -> Response:
    """What a search comes to. It is not kept: nobody counts the questions."""
    question = printable(" ".join(asked.query.get("q", "").split()))[:_LONGEST_QUESTION]
    number = _number(asked)
    named = PaperId.named(question)
    with pages.store.reading() as connection:
        exact = record_of(connection, named) if named else None
        hits = search(connection, question, (number - 1) * _A_PAGE, _A_PAGE)
    if exact:
        hits = Hits(1, (Hit(exact.paper, exact.entered),))
    language = pages.stationery.language
    listings = [
        Listing(hit.paper, hit.entered, (), Standing(0.0, language.date(hit.entered)))
        for hit in hits.papers
    ]
    page = _html(
        pages,
        "search",
        question=question,
        count=_count(pages, hits.total),
        papers=_listed(pages, listings),
        turns=_turns(number, hits.total),
    )
    return answer(asked, page, **{"X-Robots-Tag": "noindex"})


def _edition(pages: Pages, summary: EditionSummary, newest: EditionSummary | None) -> Printed:
    with pages.store.reading() as connection:
        listings = leading(connection, summary, pages.settings.edition.size)
        older = newest_editions(connection, 1, before=summary.day)
        newer = day_after(connection, summary.day)
    rest = summary.listings - len(listings)
    return _html(
        pages,
        "edition",
        edition=pages.stationery.edition(summary),
        day=summary.day.isoformat(),
        is_today=summary == newest,
        papers=_listed(pages, listings, 1),
        rest=_count(pages, rest),
        older=older[0].day.isoformat() if older else None,
        newer=newer.isoformat() if newer else None,
    )


def _listed(
    pages: Pages, listings: Iterable[Listing], first: int | None = None
) -> tuple[ListedView, ...]:
    language = pages.stationery.language
    return tuple(
        listed_view(each, first and first + n, pages.catalogue, language, PAPERS)
        for n, each in enumerate(listings)
    )


def _record(pages: Pages, asked: Asked) -> Record:
    name = PaperId.named(asked.params["paper"])
    with pages.store.reading() as connection:
        record = record_of(connection, name) if name else None
    if record is None:
        raise HTTPException(404)
    return record


def _line(pages: Pages, edition: EditionSummary) -> dict[str, str]:
    language = pages.stationery.language
    return {
        "day": edition.day.isoformat(),
        "date": language.day(edition.day),
        "new": language.counted("1 new paper", "{n} new papers", edition.entered_today),
    }


def _count(pages: Pages, papers: int) -> str:
    return count_words(papers, pages.stationery.language) if papers else ""


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        raise HTTPException(404) from None


def _number(asked: Asked) -> int:
    """Of the page of a long list, from 1."""
    text = asked.query.get("page", "1")
    if not _NUMBER.fullmatch(text) or int(text) > _LAST_PAGE:
        raise HTTPException(404)
    return int(text)


def _turns(number: int, total: int) -> dict[str, int | None]:
    """The numbers of the pages before and after one."""
    last = min(_LAST_PAGE, -(-total // _A_PAGE))
    return {
        "before": number - 1 if number > 1 else None,
        "after": number + 1 if number < last else None,
    }


def _html(pages: Pages, template: str, **context: Any) -> Printed:
    return Printed.of(bytes(pages.show(template, **context).body))
