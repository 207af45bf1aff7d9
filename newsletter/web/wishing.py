"""The form to subscribe by: what it offers, and what it was filled with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from newsletter.editorial.editions import Listing
from newsletter.editorial.topics import Topic
from newsletter.rendering.page_views import TopicView
from newsletter.rendering.printable import Printable
from newsletter.rendering.views import count_words, paper_view
from newsletter.steps.rhythm import default_rhythm
from newsletter.store.editions import EditionSummary
from newsletter.store.pages import firsts, topic_counts
from newsletter.web.asking import Asked, printable
from newsletter.web.pages import Pages
from newsletter.web.wishes import offered_zones
from subscribers.addresses import Address
from subscribers.model import Frequency, Preferences, timezones

_Value = TypeVar("_Value")
_Default = TypeVar("_Default")

_SHOWN = 254  # characters of what she typed: no address is longer


@dataclass(frozen=True, slots=True)
class Choice:
    """A topic to choose."""

    topic: TopicView
    example: Printable | None
    """The title of the newest edition's first paper in it."""


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was filled, fit to be shown again."""

    address: str
    topics: frozenset[str]
    frequency: str
    hour: int
    timezone: str
    refused: frozenset[str] = frozenset()
    """The fields that cannot be taken."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A form that can be taken."""

    address: Address
    preferences: Preferences


def empty(pages: Pages) -> Filled:
    """The form with the operator's defaults."""
    default = default_rhythm(pages.settings)
    return Filled("", frozenset(), default.frequency, default.hour, default.timezone)


def read_wish(pages: Pages, asked: Asked) -> Wish | Filled:
    """What she asks for, or the form to be shown again. A field that did not come is the
    operator's default."""
    fields = _Fields(asked)
    default, slugs = default_rhythm(pages.settings), pages.catalogue.slugs
    address = fields.taken("address", Address.parse, None)
    chosen = dict.fromkeys(asked.form.get("topic", ()))
    topics = tuple(slug for slug in slugs if slug in chosen)
    if len(topics) < len(chosen):
        fields.refused.add("topic")
    frequency = fields.taken("frequency", Frequency, default.frequency)
    hour = fields.taken("hour", _hour, default.hour)
    timezone = fields.taken("timezone", _timezone, default.timezone)
    if address is None:
        fields.refused.add("address")
    elif not fields.refused:
        wishes = Preferences(topics=topics, frequency=frequency, hour=hour, timezone=timezone)
        return Wish(address, wishes)
    typed = printable(asked.field("address"))[:_SHOWN]
    refused = frozenset(fields.refused)
    return Filled(typed, frozenset(topics), frequency, hour, timezone, refused)


class _Fields:
    """Reads fields, and remembers those that cannot be taken."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self.refused: set[str] = set()

    def taken(
        self, field: str, parse: Callable[[str], _Value], default: _Default
    ) -> _Value | _Default:
        text = self._asked.field(field)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError:
            self.refused.add(field)
            return default


def offered(pages: Pages, newest: EditionSummary | None) -> dict[str, Any]:
    """What the form offers, as its template sees it."""
    language = pages.stationery.language
    return {
        "groups": _choices(pages, newest),
        "hours": [(hour, language.hour(hour)) for hour in range(24)],
        "zones": offered_zones(),
        "script": f"/static/{pages.script.name}",
    }


def _choices(pages: Pages, newest: EditionSummary | None) -> list[tuple[str, list[Choice]]]:
    """The topics by the titles of their groups."""
    stationery, catalogue = pages.stationery, pages.catalogue
    counts: Mapping[str, int] = {}
    examples: Mapping[str, Listing] = {}
    if newest:
        with pages.store.reading() as connection:
            counts, examples = topic_counts(connection, newest), firsts(connection, newest)
    titles = {
        slug: paper_view(listing, catalogue, stationery.language, "").title
        for slug, listing in examples.items()
    }

    def choice(topic: Topic) -> Choice:
        count = counts.get(topic.slug)
        papers = "" if count is None else count_words(count, stationery.language)
        view = TopicView(topic.slug, topic.title, topic.sentence, papers)
        return Choice(view, titles.get(topic.slug))

    return [(title, list(map(choice, topics))) for title, topics in catalogue.groups.items()]


def _hour(text: str) -> int:
    if text not in map(str, range(24)):
        raise ValueError(text)
    return int(text)


def _timezone(text: str) -> str:
    if text not in timezones():
        raise ValueError(text)
    return text
