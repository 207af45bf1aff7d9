"""Notices: the mails that answer something a reader did, one at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from newsletter.delivery.message import (
    Message,
    Personal,
    compose_message,
    delivery_identity,
)
from newsletter.editorial.editions import Listing
from newsletter.editorial.topics import Catalogue
from newsletter.rendering.changes import changes_in
from newsletter.rendering.kinds import (
    ADDRESS,
    CHANGED,
    CONFIRM,
    COPY,
    ERASE,
    GOODBYE,
    MOVE,
    MOVED,
    WELCOME,
    ChangedView,
    GoodbyeView,
    Kind,
    MovedView,
    WelcomeView,
)
from newsletter.rendering.printable import Words, isolated
from newsletter.rendering.views import PaperView, Variant, paper_view
from newsletter.rendering.wishes import wishes_words
from newsletter.settings import Settings
from newsletter.steps.first import First
from newsletter.steps.rhythm import default_rhythm
from newsletter.steps.stationery import Stationery
from newsletter.store.editions import EditionSummary
from subscribers.addresses import Address
from subscribers.errands import Invitation
from subscribers.links import Errand, Purpose
from subscribers.model import Subscriber
from subscribers.telling import News

_QUESTIONS = {
    Errand.CONFIRM: CONFIRM,
    Errand.MOVE: MOVE,
    Errand.CHANGE_ADDRESS: ADDRESS,
    Errand.EXPORT: COPY,
    Errand.ERASE: ERASE,
}


def kind_of(errand: Errand) -> Kind:
    """The mail with the link for an errand; the page behind the link has the name of the mail."""
    return _QUESTIONS[errand]


class Notices:
    """Makes them. Raises ConfigurationError where a setting is missing without which no mail may
    leave. The same arguments make the same bytes; `when` is the Date header, and tells two notices
    of a kind to the same reader apart."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        self._catalogue = catalogue
        self._settings = settings
        self._stationery = Stationery(settings)

    def welcome(
        self,
        reader: Subscriber,
        first: First,
        edition: EditionSummary | None,
        best: Sequence[Listing],
        when: datetime,
    ) -> Message:
        """The first mail of a reader, with the newest edition at hand, if there is one, and its
        best papers."""
        rhythm = reader.preferences.rhythm(default_rhythm(self._settings))
        view = WelcomeView(
            name=_name(reader),
            wishes=self._wishes(reader),
            first=Words.plain(self._moment(first.when, rhythm.timezone)),
            unsubscribe_url=Words.plain(self._stationery.leaving(reader.number).url),
            preferences_url=self._preferences(reader),
        )
        own = {
            "edition": self._stationery.edition(edition) if edition else None,
            "best": [self._view(listing) for listing in best],
            "occasion": first.occasion,
        }
        return self._message(WELCOME, reader.address, reader.number, view, when, own)

    def changed(self, news: News, when: datetime) -> Message:
        """Word to a reader of what has changed, with what was before."""
        reader, stationery = news.reader, self._stationery
        view = ChangedView(
            name=_name(reader),
            wishes=self._wishes(reader),
            unsubscribe_url=Words.plain(stationery.leaving(reader.number).url),
            preferences_url=self._preferences(reader),
        )
        default, language = default_rhythm(self._settings), stationery.language
        changes = changes_in(news.before, news.now, default, self._catalogue, language)
        return self._message(
            CHANGED, reader.address, reader.number, view, when, {"changes": changes}
        )

    def goodbye(self, reader: Subscriber, when: datetime) -> Message:
        """The last mail, with the page where she can take it back."""
        url = Words.plain(self._stationery.leaving(reader.number).url)
        view = GoodbyeView(_name(reader), url)
        return self._message(GOODBYE, reader.address, reader.number, view, when)

    def question(self, errand: Errand, invitation: Invitation, when: datetime) -> Message:
        """The link to a page that makes her a reader, moves her to another address, hands out what
        is kept of her, or erases her. Those are done by a button there, since scanners follow
        links."""
        kind = kind_of(errand)
        url = Words.plain(self._stationery.once(kind.name, errand, invitation))
        zone = invitation.timezone or self._settings.timezone
        deadline = Words.plain(self._moment(invitation.until, zone))
        view = kind.view(url, deadline)
        return self._message(kind, invitation.address, invitation.subscriber, view, when)

    def moved(self, before: Subscriber, when: datetime) -> Message:
        """Word to the address that a reader had."""
        stop = Words.plain(self._stationery.leaving(before.number).url)
        view = MovedView(_name(before), stop)
        return self._message(MOVED, before.address, before.number, view, when)

    def _message(
        self,
        kind: Kind,
        address: Address,
        number: int,
        view: object,
        when: datetime,
        own: Mapping[str, object] = MappingProxyType({}),
    ) -> Message:
        stationery = self._stationery
        head = stationery.letterhead(kind, "notice")
        press = stationery.press(kind, kind.name, own)
        variant = Variant(named=bool(str(getattr(view, "name", ""))))
        body = press.body(variant, view)
        occasion = f"{kind.name} {when.timestamp():.0f}"
        personal = Personal(
            recipient=address,
            subject=press.subject(variant, view),
            dated=when,
            identity=delivery_identity(stationery.keys[0], occasion, number),
            bounce_token=stationery.bouncing(number),
            # One click leaves a list that she is on, no other mail.
            leaving=stationery.leaving(number) if kind.way_out == "unsubscribe_url" else None,
            automatic=True,
        )
        return compose_message(head, personal, body.text, body.html)

    def _moment(self, when: datetime, zone: str) -> str:
        return self._stationery.language.moment(when.astimezone(ZoneInfo(zone)))

    def _wishes(self, reader: Subscriber) -> Words:
        rhythm = reader.preferences.rhythm(default_rhythm(self._settings))
        language = self._stationery.language
        return wishes_words(reader.preferences, rhythm, self._catalogue, language)

    def _view(self, listing: Listing) -> PaperView:
        stationery = self._stationery
        return paper_view(listing, self._catalogue, stationery.language, stationery.url("papers"))

    def _preferences(self, reader: Subscriber) -> Words:
        return Words.plain(self._stationery.link("preferences", Purpose.PREFERENCES, reader.number))


def _name(reader: Subscriber) -> Words:
    return Words.plain(isolated(reader.name))
