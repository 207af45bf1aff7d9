"""What programs read: feeds of the editions, a map of the pages, and word for crawlers."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape

from markupsafe import Markup
from starlette.responses import Response

from newsletter.rendering.feeds import Entry, Feed, atom, json_feed
from newsletter.rendering.page_views import listed_view
from newsletter.store.editions import EditionSummary
from newsletter.store.pages import leading, newest_editions, span
from newsletter.web.asking import Asked
from newsletter.web.pages import Pages
from newsletter.web.public import Printed, answer

_EDITIONS = 5  # in a feed: a reader of feeds that was away for longer has the archive
_MAPPED = 5000  # editions; a map may have ten times as many lines
_SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


def atom_feed(pages: Pages, asked: Asked) -> Response:
    """The newest editions as Atom."""

    def made(_newest: EditionSummary | None) -> Printed:
        url = pages.stationery.url("feed.atom")
        return Printed.of(atom(_feed(pages), url), "application/atom+xml; charset=utf-8")

    return pages.rack.page(asked, "feed.atom", made)


def feed_in_json(pages: Pages, asked: Asked) -> Response:
    """The newest editions as a JSON Feed."""

    def made(_newest: EditionSummary | None) -> Printed:
        url = pages.stationery.url("feed.json")
        return Printed.of(json_feed(_feed(pages), url), "application/feed+json; charset=utf-8")

    return pages.rack.page(asked, "feed.json", made)


def sitemap(pages: Pages, asked: Asked) -> Response:
    """The pages that do not change their address (https://www.sitemaps.org/protocol.html)."""

    def made(_newest: EditionSummary | None) -> Printed:
        with pages.store.reading() as connection:
            days = [each.day.isoformat() for each in newest_editions(connection, _MAPPED)]
        paths = ["", "editions", "topics", "subscribe"]
        paths += [f"topics/{slug}" for slug in pages.catalogue.slugs]
        paths += [f"editions/{day}" for day in days]
        lines = "".join(
            f"<url><loc>{escape(pages.stationery.url(path))}</loc></url>\n" for path in paths
        )
        text = f'<urlset xmlns="{_SITEMAPS}">\n{lines}</urlset>\n'
        return Printed.of(
            f'<?xml version="1.0" encoding="utf-8"?>\n{text}', "application/xml; charset=utf-8"
        )

    return pages.rack.page(asked, "sitemap", made)


def robots(pages: Pages, asked: Asked) -> Response:
    """What crawlers may read (RFC 9309): all but searches, of which there is no end."""
    text = f"User-agent: *\nDisallow: /search\n\nSitemap: {pages.stationery.url('sitemap.xml')}\n"
    return answer(asked, Printed.of(text, "text/plain; charset=utf-8"))


def favicon(pages: Pages, asked: Asked) -> Response:
    """The sign in a browser's tab."""
    text = pages.stationery.templates.rendered("web/favicon.svg", pages.stationery.shared)
    return answer(asked, Printed.of(text, "image/svg+xml"))


def _feed(pages: Pages) -> Feed:
    stationery, size = pages.stationery, pages.settings.edition.size
    with pages.store.reading() as connection:
        days = span(connection)
        found = [
            (each, leading(connection, each, size))
            for each in newest_editions(connection, _EDITIONS)
        ]
    entries = []
    for summary, listings in found:
        view = stationery.edition(summary)
        papers = [
            listed_view(each, n, pages.catalogue, stationery.language, stationery.url("papers"))
            for n, each in enumerate(listings, 1)
        ]
        content = pages.show("feed_entry", edition=view, papers=papers).body
        summed = " · ".join(str(each.paper.title) for each in papers[:3])
        title = stationery.language.gettext("Trending papers, {date}").format(date=view.date)
        entries.append(
            Entry(
                summary.day,
                title,
                view.url,
                summary.published_at,
                summed,
                Markup(bytes(content).decode()),  # noqa: S704  # what a template printed, escaped
            )
        )
    return Feed(
        title=pages.settings.sender.name,
        site=stationery.url(),
        language=stationery.language.tag,
        author=pages.settings.curator or pages.settings.sender.name,
        begun=days[0] if days else datetime.fromtimestamp(0, UTC).date(),
        updated=found[0][0].published_at if found else datetime.fromtimestamp(0, UTC),
        entries=entries,
    )
