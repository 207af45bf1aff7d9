"""Preferences: one page with every wish of hers, whose forms come back to it.

Its token opens this, the welcome page and what asks for a link of her own. Whoever holds a
forwarded mail can change what she reads, never to whom it goes; she is told of what is weighty, and
can change it back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from http import HTTPStatus
from zoneinfo import ZoneInfo

from sqlalchemy import Connection
from starlette.exceptions import HTTPException
from starlette.responses import Response

from newsletter.editorial.topics import Topic
from newsletter.rendering.language import Language
from newsletter.rendering.printable import Words, cut
from newsletter.rendering.views import count_words
from newsletter.rendering.wishes import wishes_words
from newsletter.steps import taste as tasting
from newsletter.steps.rhythm import default_rhythm
from newsletter.web.asking import Asked
from newsletter.web.own import reading_owner
from newsletter.web.pages import Pages
from newsletter.web.pausing import pause_of
from newsletter.web.wishes import WishesRefused, filled_in, offered_zones, typed, wishes_in
from subscribers import roster
from subscribers import taste as tastes
from subscribers.errors import PreferencesRefused
from subscribers.model import Preferences, Subscriber

WEEK = timedelta(weeks=1)
LONGEST_PAUSE = timedelta(days=366)

_STANCES = ("follow", "mute", "neither")
_LIGHT = {"max_papers": None, "format": Preferences().format, "breadth": Preferences().breadth}
_MOST_TITLES = 20  # of papers she asked more of, and less of
_TITLE_SHOWN = 200  # characters


@dataclass(frozen=True, slots=True)
class _Liked:
    """Papers that she asked more of, or less."""

    titles: Sequence[Words]
    rest: int
    """How many more there are than these."""
    count: str
    """Of all, in words."""


_Move = Callable[[Pages, Connection, Subscriber, Asked, str], bool]
"""What a button does; whether she should hear of it by mail."""


def show(pages: Pages, asked: Asked) -> Response:
    """Every wish, filled in."""
    reader = reading_owner(pages, asked)
    if reader is None:
        return pages.left()
    return _page(pages, asked, reader)


def change(pages: Pages, asked: Asked) -> Response:
    """Do what the button says, committed before the answer, and show how it stands."""
    reader = reading_owner(pages, asked)
    if reader is None:
        return pages.left()
    verb, _, what = asked.field("do").partition(" ")
    if verb == "look":
        return _look(pages, asked, reader)
    if verb not in _MOVES:
        raise HTTPException(400)
    move, told = _MOVES[verb]
    touched = what if verb in _STANCES else ""
    try:
        return pages.changing(
            reader,
            lambda connection, fresh: move(pages, connection, fresh, asked, what),
            lambda after: _page(pages, asked, after, told=told, touched=touched),
        )
    except WishesRefused as refused:
        return _refused(pages, asked, reader, refused)


def _save(
    pages: Pages, connection: Connection, reader: Subscriber, asked: Asked, _what: str
) -> bool:
    wishes = wishes_in(asked.field, reader.preferences, default_rhythm(pages.settings))
    return _changed(pages, connection, reader, wishes)


def _topic(verb: str) -> _Move:
    """Follow a topic, mute it, or neither."""

    def move(
        pages: Pages, connection: Connection, reader: Subscriber, _asked: Asked, slug: str
    ) -> bool:
        if slug not in pages.catalogue.slugs:
            raise HTTPException(400)
        old = reader.preferences
        topics = [each for each in old.topics if each != slug]
        muted = [each for each in old.muted_topics if each != slug]
        if verb == "follow":
            topics.append(slug)
        elif verb == "mute":
            muted.append(slug)
        try:
            wishes = replace(old, topics=tuple(topics), muted_topics=tuple(muted))
        except PreferencesRefused as refused:
            raise WishesRefused({refused.field}) from refused
        return _changed(pages, connection, reader, wishes)

    return move


def _changed(pages: Pages, connection: Connection, reader: Subscriber, wishes: Preferences) -> bool:
    news = roster.change(connection, reader.number, wishes, pages.clock())
    weighty = replace(wishes, **_LIGHT) != replace(reader.preferences, **_LIGHT)  # type: ignore[arg-type]
    return news and weighty


def _week(
    pages: Pages, connection: Connection, reader: Subscriber, _asked: Asked, _what: str
) -> bool:
    until = _today(pages, reader) + WEEK
    return roster.pause(connection, reader.number, until, pages.clock())


def _until(
    pages: Pages, connection: Connection, reader: Subscriber, asked: Asked, _what: str
) -> bool:
    try:
        until = date.fromisoformat(asked.field("until"))
    except ValueError:
        raise WishesRefused({"until"}) from None
    today = _today(pages, reader)
    if not today < until <= today + LONGEST_PAUSE:
        raise WishesRefused({"until"})
    return roster.pause(connection, reader.number, until, pages.clock())


def _resume(
    pages: Pages, connection: Connection, reader: Subscriber, _asked: Asked, _what: str
) -> bool:
    return roster.resume(connection, reader.number, pages.clock())


def _reset(
    pages: Pages, connection: Connection, reader: Subscriber, _asked: Asked, _what: str
) -> bool:
    return tastes.reset(connection, reader.number, pages.clock()) > 0


def _bring_back(
    pages: Pages, connection: Connection, reader: Subscriber, _asked: Asked, _what: str
) -> bool:
    return tastes.bring_back(connection, reader.number, pages.clock()) > 0


_MOVES: Mapping[str, tuple[_Move, str]] = {
    "save": (_save, "saved"),
    **{verb: (_topic(verb), "saved") for verb in _STANCES},
    "week": (_week, "paused"),
    "until": (_until, "paused"),
    "resume": (_resume, "resumed"),
    "reset": (_reset, "forgotten"),
    "recall": (_bring_back, "recalled"),
}
"""By what a button says: what it does, and what the page then tells."""


def _look(pages: Pages, asked: Asked, reader: Subscriber) -> Response:
    """What the wishes in the form would bring. Nothing is saved."""
    try:
        wishes = wishes_in(asked.field, reader.preferences, default_rhythm(pages.settings))
    except WishesRefused as refused:
        return _refused(pages, asked, reader, refused)
    looking = replace(reader, preferences=wishes)
    return _page(pages, asked, reader, told="looked", looking=looking, fields=typed(asked.field))


def _refused(pages: Pages, asked: Asked, reader: Subscriber, refused: WishesRefused) -> Response:
    own = {} if refused.fields & {"until", "topics", "muted_topics"} else typed(asked.field)
    return _page(pages, asked, reader, told="refused", refused=refused.fields, fields=own or None)


def _page(
    pages: Pages,
    asked: Asked,
    reader: Subscriber,
    *,
    told: str = "",
    looking: Subscriber | None = None,
    fields: Mapping[str, str] | None = None,
    refused: frozenset[str] = frozenset(),
    touched: str = "",
) -> Response:
    """`touched` is the topic that was tapped: its group stays open."""
    default = default_rhythm(pages.settings)
    language, wishes = pages.stationery.language, reader.preferences
    with pages.store.reading() as connection:
        foretold = pages.foretaste.of(connection, looking or reader)
        taste = tasting.asked(connection, reader.number)
        set_aside = tastes.set_aside(connection, reader.number, pages.clock())
    today = _today(pages, reader)
    until = reader.paused_until
    return pages.show(
        "preferences",
        HTTPStatus.UNPROCESSABLE_ENTITY if refused else HTTPStatus.OK,
        path=f"/preferences/{asked.params['token']}",
        leaving=f"/unsubscribe/{pages.stationery.leaving(reader.number).token}",
        masked=reader.address.masked,
        told=told,
        refused=refused,
        wishes=wishes_words(wishes, wishes.rhythm(default), pages.catalogue, language),
        groups=_groups(pages, wishes),
        followed=_known(pages, wishes.topics),
        muted=_known(pages, wishes.muted_topics),
        touched=touched,
        fields=fields or filled_in(wishes, default),
        most_papers=pages.settings.digest.max_papers,
        zones=offered_zones(),
        **pause_of(pages, reader),
        pause_from=(today + timedelta(days=1)).isoformat(),
        pause_to=(today + LONGEST_PAUSE).isoformat(),
        until=until.isoformat() if until else "",
        foretold=foretold,
        foretold_count=count_words(len(foretold.papers), language) if foretold else "",
        edition=pages.stationery.edition(foretold.edition) if foretold else None,
        more=_liked(language, [each for each in taste if each.more]),
        less=_liked(language, [each for each in taste if not each.more]),
        set_aside=set_aside,
    )


def _groups(pages: Pages, wishes: Preferences) -> list[tuple[str, list[tuple[Topic, str]]]]:
    """The catalogue by groups, and how she stands to each topic: "follow", "mute" or ""."""
    states = dict.fromkeys(wishes.topics, "follow") | dict.fromkeys(wishes.muted_topics, "mute")
    return [
        (title, [(topic, states.get(topic.slug, "")) for topic in topics])
        for title, topics in pages.catalogue.groups.items()
    ]


def _known(pages: Pages, slugs: Sequence[str]) -> list[Topic]:
    """These topics, without those that the catalogue no longer has."""
    return [pages.catalogue.topic(slug) for slug in slugs if slug in pages.catalogue.slugs]


def _liked(language: Language, asked: Sequence[tasting.Asked]) -> _Liked:
    titles = [_title(each) for each in asked[:_MOST_TITLES]]
    return _Liked(titles, len(asked) - len(titles), count_words(len(asked), language))


def _title(asked: tasting.Asked) -> Words:
    return (
        Words.from_tex(cut(asked.title, _TITLE_SHOWN)) if asked.title else Words.plain(asked.paper)
    )


def _today(pages: Pages, reader: Subscriber) -> date:
    """On her own calendar, by which pauses end."""
    rhythm = reader.preferences.rhythm(default_rhythm(pages.settings))
    return pages.clock().astimezone(ZoneInfo(rhythm.timezone)).date()
