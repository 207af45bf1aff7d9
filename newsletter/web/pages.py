"""What every page needs: the store, the settings, the hour, and the templates."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from typing import Any

from sqlalchemy import Connection
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, Response

from newsletter.delivery.replies import Concern, Deferred, Doubtful, Outcome, Refused
from newsletter.editorial.topics import Catalogue
from newsletter.errors import ConfigurationError, Temporary
from newsletter.settings import Settings
from newsletter.steps.due import Due, change_due, question_due
from newsletter.steps.foretaste import Foretaste
from newsletter.steps.notices import Notices, kind_of
from newsletter.steps.notify import Noted, Withheld, notify
from newsletter.steps.stationery import Stationery
from newsletter.store.engine import Store
from newsletter.web.clients import Limit
from newsletter.web.printers import Printers
from newsletter.web.public import Rack
from subscribers import errands, links, roster, telling
from subscribers.addresses import Address
from subscribers.errands import Invitation
from subscribers.errors import IllegalMove, LinkExpired
from subscribers.links import Errand, Purpose
from subscribers.model import Subscriber
from subscribers.telling import News

_NOTICES_AT_ONCE = 2

FOREVER = "public, max-age=31536000, immutable"


class DeadLink(Exception):
    """A link that opens nothing: cut, changed, or made for another page. No page tells which."""


class SpentLink(DeadLink):
    """A link that works once and soon, and opens nothing: it is spent, expired, cut or changed."""


@dataclass(frozen=True)
class Asset:
    """A file that pages load: it is named by what it holds, so that it can be kept for ever."""

    name: str
    kind: str
    text: str


@dataclass(frozen=True)
class Pages:
    """Shows them. `clock` gives an aware moment."""

    settings: Settings
    store: Store
    catalogue: Catalogue
    clock: Callable[[], datetime]
    noted: Callable[[Noted], None]
    """Told what became of every notice."""
    withheld: Callable[[Withheld], None]
    """Told of every question that was not asked."""

    @cached_property
    def stationery(self) -> Stationery:
        return Stationery(self.settings)

    @cached_property
    def rack(self) -> Rack:
        """The public pages that were printed."""
        return Rack(self.store)

    @cached_property
    def printers(self) -> Printers:
        """They show mails."""
        return Printers(self.settings, self.catalogue, self.store)

    @cached_property
    def style(self) -> Asset:
        text = self.stationery.templates.rendered("web/style.css", self.stationery.shared)
        return Asset(f"style-{_fingerprint(text)}.css", "text/css", text)

    @cached_property
    def script(self) -> Asset:
        text = self.stationery.templates.rendered("web/zone.js", self.stationery.shared)
        return Asset(f"zone-{_fingerprint(text)}.js", "text/javascript", text)

    @cached_property
    def limit(self) -> Limit:
        """How often one client may have a mail sent to an address that it names."""
        return Limit()

    @property
    def assets(self) -> Mapping[str, Asset]:
        """The files under /static, by name."""
        return {asset.name: asset for asset in (self.style, self.script)}

    def show(
        self, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any
    ) -> HTMLResponse:
        """A page from `web/<template>.html`."""
        shared = {**self.stationery.shared, "style": f"/static/{self.style.name}"}
        text = self.stationery.templates.rendered(f"web/{template}.html", {**shared, **context})
        return HTMLResponse(text, status)

    def left(self, path: str | None = None) -> HTMLResponse:
        """For whoever is not among the readers. `path` is what the link to take it back begins
        with, where it may be offered."""
        return self.show("left", path=path)

    @cached_property
    def notices(self) -> Notices:
        return Notices(self.catalogue, self.settings)

    @cached_property
    def foretaste(self) -> Foretaste:
        return Foretaste(self.catalogue, self.settings, "/papers")

    @cached_property
    def _desk(self) -> asyncio.Semaphore:
        # Printing a notice takes a hundred times as long as a page: readers go first.
        return asyncio.Semaphore(_NOTICES_AT_ONCE)

    def notifying(self, response: Response, due: Due) -> Response:
        """The response, after which a notice is made and handed to the relay: what it tells of is
        committed, and she does not wait for the relay."""
        response.background = BackgroundTask(self._notify, due)
        return response

    def changing(
        self,
        reader: Subscriber,
        move: Callable[[Connection, Subscriber], bool],
        done: Callable[[Subscriber], Response],
        path: str | None = None,
    ) -> Response:
        """The page `done` of the reader as a move has left her, committed before the answer; where
        the move says that it is weighty she is told by mail, at most one an hour. Who has left
        since she was looked up gets the page for that, with `path`."""
        news = None
        try:
            with self.store.writing() as connection:
                fresh = roster.get(connection, reader.number) or reader
                before = telling.terms_of(connection, fresh)
                if move(connection, fresh):
                    news = telling.tell(connection, reader.number, before, self.clock())
                after = roster.get(connection, reader.number)
        except IllegalMove:
            after = None
        return self.left(path) if after is None else self.telling(done(after), news)

    def telling(self, response: Response, news: News | None) -> Response:
        """The response, after which she is told the news by mail, if there are any."""
        if news is None:
            return response
        return self.notifying(response, change_due(self.notices, news, self.clock()))

    def asking(
        self,
        response: Response,
        errand: Errand,
        address: Address,
        ask: Callable[[Connection], Invitation | None],
    ) -> Response:
        """The response, after which a question is written down and, where one is due, mailed. It
        leaves before anything is looked up, so that it takes as long whoever has the address."""
        notice = kind_of(errand).name

        def asked() -> Due | Withheld:
            with self.store.writing() as connection:
                invitation = ask(connection)
                if invitation is None:
                    return Withheld(notice, *errands.why_withheld(connection, address))
            return question_due(self.notices, errand, invitation, self.clock())

        async def after() -> None:
            try:
                due = await run_in_threadpool(asked)
            except Temporary as error:
                words = f"the question could not be written down: {type(error).__name__}"
                self.noted(Noted(notice, None, Deferred(words, Concern.SENDER)))
                return
            if isinstance(due, Due):
                await self._notify(due)
            else:
                self.withheld(due)

        response.background = BackgroundTask(after)
        return response

    async def _notify(self, due: Due) -> None:
        loop = asyncio.get_running_loop()
        # From then on it is a run's to offer it, and nobody is to be asked twice.
        late = loop.time() + errands.UNDER_WAY.total_seconds() / 2
        outcome: Outcome = Deferred("the server ended before it was offered", Concern.SENDER)
        try:
            async with self._desk:
                if loop.time() > late and due.settle:
                    raise TimeoutError
                message = await run_in_threadpool(due.make)
                outcome = Doubtful("the server ended before an answer came")
                outcome = await notify(self.settings, message)
        except ConfigurationError as error:
            outcome = Refused(str(error), Concern.SENDER)
        except TimeoutError:
            outcome = Deferred("too many notices waited for the relay", Concern.SENDER)
        except asyncio.CancelledError:  # nothing comes after it but the end of the server
            pass
        settled = due.is_settled_by(outcome)
        again = due.settle is not None and not settled
        self.noted(Noted(due.notice, due.subscriber, outcome, again))
        if settled and due.settle:
            with suppress(Temporary):  # then it is offered again
                await run_in_threadpool(self._settle, due.settle)

    def _settle(self, settle: Callable[[Connection], None]) -> None:
        with self.store.writing() as connection:
            settle(connection)

    def asset(self, name: str) -> Response | None:
        """The file of that name, to be kept by the browser."""
        asset = self.assets.get(name)
        if asset is None:
            return None
        return Response(asset.text, media_type=asset.kind, headers={"Cache-Control": FOREVER})

    def reader(self, purpose: Purpose, token: str) -> int:
        """Whose link it is; raises DeadLink. Whether she is still there is for the page to see."""
        number = links.read(self.stationery.keys, purpose, token)
        if number is None:
            raise DeadLink
        return number

    def subscriber(self, purpose: Purpose, token: str) -> Subscriber | None:
        """Whose link it is, if she is still there; raises DeadLink."""
        number = self.reader(purpose, token)
        with self.store.reading() as connection:
            return roster.get(connection, number)

    def errand(self, errand: Errand, token: str) -> int:
        """The number of the errand behind a link that works once; raises SpentLink. Whether it has
        been done already is for the page to see."""
        try:
            number = links.read_once(self.stationery.keys, errand, token, self.clock())
        except LinkExpired:
            number = None
        if number is None:
            raise SpentLink
        return number

    def waiting(self, errand: Errand, token: str) -> None:
        """Raises SpentLink unless the errand behind the link can still be done."""
        number = self.errand(errand, token)
        with self.store.reading() as connection:
            if not errands.waits(connection, errand, number, self.clock()):
                raise SpentLink


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
