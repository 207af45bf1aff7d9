"""Specimens: one mail of every kind, to look at and to check the templates with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from pydantic import SecretStr

from newsletter.delivery.message import Message
from newsletter.editorial.editions import Listing
from newsletter.editorial.freshness import Freshness
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.ranking import standing
from newsletter.editorial.texts import Texts
from newsletter.editorial.topics import Assignment, Catalogue
from newsletter.errors import ConfigurationError
from newsletter.rendering.kinds import CHANGED, DIGEST, GOODBYE, MOVED, WELCOME, Kind
from newsletter.rendering.lint import faults
from newsletter.settings import Settings
from newsletter.steps.first import First, Occasion
from newsletter.steps.notices import Notices, kind_of
from newsletter.steps.printing import Printer
from newsletter.steps.stationery import Stationery
from newsletter.store.editions import EditionSummary
from newsletter.store.ledger import Printed
from subscribers.addresses import Address
from subscribers.errands import Invitation, time_for
from subscribers.links import Errand
from subscribers.model import Frequency, Preferences, State, Subscriber
from subscribers.telling import News
from subscribers.terms import Terms

_DAY = date(2026, 3, 13)
_NOW = datetime(2026, 3, 13, 7, tzinfo=UTC)
_MOST_PAPERS, _MOST_REST = 10, 8
_MADE_UP_KEY = "a key for looking at links that lead nowhere"


@dataclass(frozen=True, slots=True)
class Specimen:
    """One mail."""

    name: str
    """"digest, weekly"."""
    kind: Kind
    message: Message
    way_out: str
    """The link without which it must not leave."""

    @property
    def faults(self) -> list[str]:
        return faults(self.message.as_bytes(), self.way_out)


def specimens(
    catalogue: Catalogue, settings: Settings, listings: Sequence[Listing] = ()
) -> Iterator[Specimen]:
    """A mail of every kind to a made-up reader. The digests are made of `listings`, or of two
    made-up papers. Raises ConfigurationError as printing any mail does."""
    listings = listings or _made_up(catalogue, Stationery(settings).language)
    edition = EditionSummary(
        number=12,
        day=_DAY,
        published_at=_NOW,
        listings=len(listings),
        entered_today=len(listings),
        freshness=Freshness.FRESH,
        note="Some days are good days for reading.\n\nSee what you think.",
    )
    reader = _reader(catalogue, Frequency.DAILY)
    weekly = replace(_reader(catalogue, Frequency.WEEKLY), name="")
    by_id = {listing.paper.id: listing for listing in listings}
    printer = Printer(
        edition, catalogue, settings, lambda papers: {paper: by_id[paper] for paper in papers}
    )
    papers = [Printed(x.paper.id, x.standing.words) for x in listings[:_MOST_PAPERS]]
    rest = [x.paper.id for x in listings[_MOST_PAPERS:][:_MOST_REST]] or [listings[0].paper.id]
    out = printer.leaving(reader)
    for name, who, chosen, others in (
        ("digest", reader, papers, rest),
        ("digest, weekly", weekly, papers, ()),
        ("digest, nothing new", reader, (), ()),
    ):
        yield Specimen(name, DIGEST, printer.message(who, chosen, others, _NOW), out)
    notices = Notices(catalogue, settings)
    first = First(_NOW + timedelta(hours=1), Occasion.AT_ONCE)
    welcome = notices.welcome(reader, first, edition, listings[:3], _NOW)
    yield Specimen("welcome", WELCOME, welcome, out)
    yield Specimen("changed", CHANGED, notices.changed(_news(reader), _NOW), out)
    yield Specimen("goodbye", GOODBYE, notices.goodbye(reader, _NOW), out)
    yield from _of_links(notices, Stationery(settings), reader)


def _of_links(notices: Notices, stationery: Stationery, reader: Subscriber) -> Iterator[Specimen]:
    for errand in Errand:
        kind, until = kind_of(errand), _NOW + time_for(errand)
        invitation = Invitation(reader.address, reader.number, 1, until)
        way_out = stationery.once(kind.name, errand, invitation)
        yield Specimen(kind.name, kind, notices.question(errand, invitation, _NOW), way_out)
    stop = stationery.leaving(reader.number).url
    yield Specimen("moved", MOVED, notices.moved(reader, _NOW), stop)


def for_looking(settings: Settings) -> Settings:
    """The settings, with something made up where one is missing that a mail needs, and without
    signatures: nobody has to have set up everything before she looks at a template."""
    known = settings.sender
    postal = None if known.has_example_address else known.postal_address
    sender = known.model_copy(
        update={
            "address": known.address or Address.parse("papers@example.org"),
            "postal_address": postal or "Your postal address",
        }
    )
    try:
        settings.signing_keys()
        keys = settings.secret_keys
    except ConfigurationError:
        keys = (SecretStr(_MADE_UP_KEY),)
    return settings.model_copy(
        update={
            "sender": sender,
            "relay": settings.relay.model_copy(update={"dkim_key": None}),
            "secret_keys": keys,
            "base_url": settings.base_url or "https://papers.example.org",
        }
    )


def proofread(catalogue: Catalogue, settings: Settings) -> None:
    """Print one sample of every mail; raises ConfigurationError for the first that would embarrass
    whoever sends it."""
    try:
        shown = list(specimens(catalogue, settings))
    except ValueError as error:  # such as a name that is too long for a header
        raise ConfigurationError(f"no mail can be made with these settings: {error}") from error
    for specimen in shown:
        if found := specimen.faults:
            raise ConfigurationError(
                f"email/{specimen.kind.name}: a sample of '{specimen.name}' shows that"
                f" {'; '.join(found[:3])}. Nothing was sent: mend the template, and look at"
                " 'newsletter preview'"
            )


def _reader(catalogue: Catalogue, frequency: Frequency) -> Subscriber:
    topics = tuple(topic.slug for topic in catalogue.topics[:2])
    preferences = Preferences(topics=topics, keywords=("pruning",), frequency=frequency)
    address = Address.parse("ada@example.org")
    return Subscriber(1, address, "Ada Lovelace", State.ACTIVE, preferences)


def _news(reader: Subscriber) -> News:
    """That she muted a word and paused, by a link in a mail."""
    now = replace(reader.preferences, muted_keywords=("benchmark",))
    paused = Terms(State.PAUSED, (_NOW + timedelta(weeks=4)).date(), now, 12)
    before = Terms(State.ACTIVE, None, reader.preferences, 12)
    return News(replace(reader, preferences=now), before, paused)


def _made_up(catalogue: Catalogue, texts: Texts) -> list[Listing]:
    """Two papers, one with all that a paper can have and one with as little."""
    much = Paper(
        PaperId("arxiv:2603.00001"),
        "Kites that fly $n^2$ times as high",
        "We tie kites to kites. With ten of them we reach twice the height of one.",
        authors=("Ada Lovelace", "Alan Turing", "Grace Hopper", "Emmy Noether"),
        votes=12,
        code="https://github.com/example/kites",
        comment="12 pages, 3 figures",
        ai_summary="Kites on kites fly higher.",
    )
    little = Paper(PaperId.of_title("A paper of which nothing is known"), "Of nothing", "")
    topics = tuple(Assignment(topic.slug, 2, ("kites",)) for topic in catalogue.topics[:2])
    return [
        Listing(much, _DAY, topics, standing(much, texts)),
        Listing(little, _DAY, (), standing(little, texts)),
    ]
