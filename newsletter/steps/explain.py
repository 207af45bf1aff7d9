"""Explain: why a reader got, or did not get, a mail or a paper."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from newsletter.editorial.digests import Digest, Part
from newsletter.editorial.papers import PaperId
from newsletter.editorial.schedule import latest_slot
from newsletter.editorial.topics import Catalogue
from newsletter.errors import WrongUse
from newsletter.settings import Settings
from newsletter.steps.plan import Planner
from newsletter.steps.rhythm import default_rhythm
from newsletter.store import curations, ledger
from newsletter.store.curations import Verb, Work
from newsletter.store.editions import EditionSummary
from newsletter.store.histories import History, histories_of
from newsletter.store.names import kin
from subscribers import roster
from subscribers.addresses import Address
from subscribers.model import Subscriber


@dataclass(frozen=True, slots=True)
class Weighed:
    """One paper of an edition as it is weighed for one reader."""

    paper_id: PaperId
    title: str
    place: int
    """In the edition, from 1."""
    entered: date
    parts: tuple[Part, ...]
    """Of its score, the largest first, before it fades."""
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class MailExplained:
    """How one reader stands to one edition, by her wishes as they are now."""

    reader: Subscriber
    edition: EditionSummary
    delivery: ledger.Delivery | None
    """What the ledger has of it; None where nothing is written yet."""
    slot: datetime
    """When her clock struck last."""
    is_due: bool
    papers: tuple[Weighed, ...]
    """What her mail holds, or would hold if it were planned now."""
    skip: str | None
    """Why it would hold nothing."""
    likes: tuple[str, ...]
    """What she seems to like, in words."""


@dataclass(frozen=True, slots=True)
class PaperExplained:
    """How one paper stands to one reader's mail of an edition, by her wishes as they are now."""

    reader: Subscriber
    edition: EditionSummary
    work: Work
    weighed: Weighed | None
    """None where the edition does not hold it."""
    is_in: bool
    why_not: tuple[str, ...]
    """What stands against it."""
    rank: int | None
    """Its place among all that she could get, from 1."""
    of: int
    """How many these are."""
    limit: int


class Explainer:
    """Answers questions about one reader and one edition."""

    def __init__(
        self,
        connection: Connection,
        address: Address,
        edition: EditionSummary,
        catalogue: Catalogue,
        settings: Settings,
        now: datetime,
    ) -> None:
        reader = roster.find(connection, address)
        if reader is None:
            raise WrongUse(f"nobody subscribes with the address {address}")
        self._connection = connection
        self._reader = reader
        self._edition = edition
        self._settings = settings
        self._now = now
        self._planner = Planner(edition, catalogue, settings)
        self._planner.look_up(connection, [reader])
        self._delivery = ledger.of_subscriber(connection, edition.number, reader.number)
        opened = self._planner.window_opened(connection)
        # What she had had when it was planned, or has had by now.
        before = edition.number if self._delivery else None
        histories = histories_of(connection, [reader.number], opened, before)
        self._history = histories.get(reader.number, History())
        self._liking = self._planner.likings(connection).of(reader.number)
        self._chooser = self._planner.chooser(connection)
        self._scores = self._chooser.scores(reader.preferences, self._history.since, self._liking)

    def mail(self) -> MailExplained:
        """Why she gets this mail, or none."""
        reader, delivery = self._reader, self._delivery
        limit = self._planner.limit(reader)
        chosen = self._chooser.digest_for(
            reader.preferences, self._history.seen, self._history.since, limit, self._liking
        )
        choices = chosen.choices if isinstance(chosen, Digest) else ()
        printed = [choice.paper_id for choice in choices]
        if delivery and delivery.papers:
            printed = [paper.paper_id for paper in delivery.papers]
        skip = None if isinstance(chosen, Digest) else chosen.reason.value
        places = (self._chooser.place_of(paper) for paper in printed)
        rhythm = reader.preferences.rhythm(default_rhythm(self._settings))
        return MailExplained(
            reader,
            self._edition,
            delivery,
            latest_slot(rhythm, self._now),
            self._planner.slot(reader, self._now_history(), self._now) is not None,
            tuple(self._weighed(place) for place in places if place is not None),
            delivery.reason if delivery and not delivery.papers else skip,
            self._planner.likings(self._connection).words_of(reader.number),
        )

    def paper(self, work: Work) -> PaperExplained:
        """Why this paper is in her mail, or is not."""
        explained = self.mail()
        keys = kin(self._connection).get(work.id, frozenset({work.id}))
        places = [place for key in keys if (place := self._chooser.place_of(key)) is not None]
        ranking = self._chooser.ranking(
            self._reader.preferences, self._history.seen, self._history.since, self._liking
        )
        if not places:
            why = (self._not_in_the_edition(work),)
            return PaperExplained(
                self._reader, self._edition, work, None, False, why, None, len(ranking),
                self._planner.limit(self._reader),
            )  # fmt: skip
        place = places[0]
        weighed = self._weighed(place)
        return PaperExplained(
            self._reader,
            self._edition,
            work,
            weighed,
            weighed.paper_id in {one.paper_id for one in explained.papers},
            tuple(self._against(place)),
            ranking.index(place) + 1 if place in ranking else None,
            len(ranking),
            self._planner.limit(self._reader),
        )

    def _now_history(self) -> History:
        opened = self._planner.window_opened(self._connection)
        number = self._reader.number
        return histories_of(self._connection, [number], opened).get(number, History())

    def _weighed(self, place: int) -> Weighed:
        listing = self._chooser.edition.listings[place]
        preferences = self._reader.preferences
        return Weighed(
            listing.paper.id,
            listing.paper.title,
            place + 1,
            listing.entered,
            tuple(self._chooser.parts(place, preferences, self._liking)),
            float(self._scores.value[place]),
            self._chooser.reason(place, preferences, self._liking),
        )

    def _against(self, place: int) -> list[str]:
        """What stands against a paper that the edition holds."""
        preferences = self._reader.preferences
        listing = self._chooser.edition.listings[place]
        mutes = self._chooser.wishes.mutes_met(preferences, place)
        against = [f"she muted {mute}" for mute in mutes]
        if listing.paper.id in self._history.seen:
            against.append("she was sent it before")
        if not self._scores.is_own[place] and listing.pinned is None:
            against.append("it meets none of her wishes, and she wants nothing else")
        return against

    def _not_in_the_edition(self, work: Work) -> str:
        """Why an edition does not hold a paper of the archive."""
        decided = curations.curation_of(self._connection, work.id)
        if work.withdrawn:
            return "it was withdrawn by its authors"
        if decided and decided.verb is Verb.DROP:
            return "the curator dropped it"
        if work.entered is None:
            return "it was gathered after the edition had come out: it stands in the next one"
        if work.entered > self._edition.day:
            return f"it entered later, with the edition of {work.entered}"
        return f"it entered on {work.entered}, and has left the window since"
