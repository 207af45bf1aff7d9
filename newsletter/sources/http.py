"""How a service is asked: politely, with patience, and with no trust in what it sends.

One connection at a time and never faster than its pause; Retry-After (RFC 9110, 10.2.3) and
RateLimit (draft-ietf-httpapi-ratelimit-headers) honoured; a bound on time and size; redirects only
to https on the service's own hosts and ports; its token told to nobody else.
"""

import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self

import httpx2
import stamina

from newsletter import __version__
from newsletter.sources.answers import Answer, Page
from newsletter.sources.bodies import Watch, body_of, words_of
from newsletter.sources.tries import LONGEST_WAIT, Broken, Unusable, asked_to_wait, transport_told

_TRIES = 3
_REDIRECTS = 3
_TOTAL = 4  # how many times `timeout` a request may take in all, dripping or not
_ENOUGH = 2  # requests that fail one after the other before the service is left alone

stamina.instrumentation.set_on_retry_hooks(())  # what came of the retries is told by the answer

_REFUSED = {httpx2.codes.UNAUTHORIZED, httpx2.codes.FORBIDDEN}
_MOST_WORDS = 80  # characters of what a service says of an error


class BreaksOff(str):
    """What is wrong with a body that is of use all the same, up to where it breaks off."""

    __slots__ = ()


Check = Callable[[bytes], str]
"""What is wrong with a body that came with a 200, "" where it is what was asked for."""


@dataclass(frozen=True, slots=True)
class Etiquette:
    """How one service wants to be asked."""

    source: str
    """Its name in print."""
    hosts: frozenset[str]
    """Its own: where a redirect may lead, and what its pause counts for."""
    contact: str
    """Who asks, for the User-Agent: an address or a page."""
    pause: float = 0.0
    """Seconds between two requests, over all of its hosts."""
    timeout: float = 30.0
    """Seconds to wait for a connection or for the next bytes."""
    retry_wait: float = 5.0
    """Seconds before the first retry."""
    token: str = ""
    setting: str = ""
    """The setting that the token is written in; "" where the service takes none."""


class Client:
    """Asks one service. Nothing raises: a request that failed is an answer that says why."""

    def __init__(self, etiquette: Etiquette, page: Page) -> None:
        self._etiquette = etiquette
        self._name = etiquette.source
        self._page = page
        self._watch = Watch(_TOTAL * etiquette.timeout)
        self._http = httpx2.Client(
            timeout=etiquette.timeout,
            limits=httpx2.Limits(max_connections=1),
            headers={
                "User-Agent": f"Paper-Round/{__version__} ({etiquette.contact})",
                "Accept-Encoding": "gzip",
                # arXiv lets caches keep a list until the next midnight, an early stale copy too.
                "Cache-Control": "max-age=0",
            },
        )
        last = page.last_asked(etiquette.hosts)
        since = (datetime.now(UTC) - last).total_seconds() if last else etiquette.pause
        self._ready = time.monotonic() + min(max(etiquette.pause - since, 0), etiquette.pause)
        self._closed = ""
        self._failed = 0
        self.answers: list[Answer] = []
        until = page.not_before(etiquette.hosts)
        if until and until > datetime.now(UTC):
            self._closed = f"it asked not to be asked before {until:%Y-%m-%d %H:%M} UTC"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        self._page.close()

    def get(self, kind: str, url: str, check: Check, *, once_a_day: bool = False) -> Answer:
        """What the service answers to `url`; kept in the book. With `once_a_day` the answer that
        was got for the same edition's day before, where there is one."""
        if once_a_day and (known := self._page.todays(url)):
            answer = replace(known, kind=kind, tries=0)
        elif self._closed:
            answer = Answer(
                self._name, kind, url, datetime.now(UTC), failure=self._closed, closed=True
            )
        else:
            answer = self._asked(kind, url, check)
        self._page.keep(answer)
        self.answers.append(answer)
        return answer

    def _asked(self, kind: str, url: str, check: Check) -> Answer:
        tries = 0
        partial: Answer | None = None
        wait = self._etiquette.retry_wait
        try:
            for attempt in stamina.retry_context(
                on=self._backoff,
                attempts=_TRIES,
                timeout=None,
                wait_initial=wait,
                wait_max=4 * wait,
                wait_jitter=wait / 4,
            ):
                with attempt, transport_told():
                    tries += 1
                    answer = self._tried(url, check)
                    if answer.broken:
                        partial = answer
                        raise Broken(answer)
        except Unusable as error:
            failed = self._failure(kind, url, error, tries)
            if not partial:
                return failed
            broken, body = partial.broken, partial.body
            return replace(failed, status=partial.status, failure="", broken=broken, body=body)
        self._failed = 0
        return replace(answer, kind=kind, at=datetime.now(UTC), tries=tries)

    def _backoff(self, error: Exception) -> bool | float:
        """Whether to try again: as late as the service asked for and never sooner than is polite,
        else by stamina's own measure."""
        if not isinstance(error, Unusable) or not error.again:
            return False
        return True if error.wait is None else max(error.wait, self._etiquette.retry_wait)

    def _failure(self, kind: str, url: str, error: Unusable, tries: int) -> Answer:
        """The answer that a failed request makes; the service may be closed by it."""
        # A 4xx is ours and says nothing of the service; a body that breaks off came, after all.
        self._failed += error.status not in range(400, 429) and not isinstance(error, Broken)
        now = datetime.now(UTC)
        until = now + timedelta(seconds=error.wait) if error.wait else None
        limited = error.status == httpx2.codes.TOO_MANY_REQUESTS or until is not None
        reason = self._without_token(str(error))
        if limited or error.status == 0 or self._failed >= _ENOUGH:
            self._closed = self._closed or f"not asked, since it failed before ({reason})"
        words = f"{reason}, {tries} times" if tries > 1 else reason
        return Answer(
            self._name,
            kind,
            url,
            now,
            error.status,
            failure=words,
            closed=bool(self._closed),
            not_before=until,
            tries=tries,
        )

    def _tried(self, url: str, check: Check) -> Answer:
        """One try, through its redirects; raises Unusable."""
        known = self._page.newest(url)
        headers = (
            {"Authorization": f"Bearer {self._etiquette.token}"} if self._etiquette.token else {}
        )
        if known and known.etag and known.etag.isascii():  # a header holds nothing else
            headers["If-None-Match"] = known.etag
        elif known and known.last_modified and known.last_modified.isascii():
            headers["If-Modified-Since"] = known.last_modified
        place = httpx2.URL(url)
        self._watch.renew()
        for _ in range(_REDIRECTS + 1):
            time.sleep(max(0.0, self._ready - time.monotonic()))
            try:
                with self._watch.running(), self._stream(place, headers) as response:
                    if response.has_redirect_location:
                        place = self._redirect(httpx2.URL(url), response)
                        continue
                    if response.status_code == httpx2.codes.NOT_MODIFIED and known:
                        return replace(known, not_before=None)
                    return self._read(url, response, check)
            finally:
                self._ready = max(self._ready, time.monotonic() + self._etiquette.pause)
        raise Unusable("it redirects without end", again=False)

    def _stream(
        self, place: httpx2.URL, headers: dict[str, str]
    ) -> AbstractContextManager[httpx2.Response]:
        extensions = {"trace": self._watch.trace}
        return self._http.stream("GET", place, headers=headers, extensions=extensions)

    def _redirect(self, asked: httpx2.URL, response: httpx2.Response) -> httpx2.URL:
        """Where it leads: on the host that was asked no other port, on the service's other hosts
        that of https. Raises Unusable."""
        place = response.url.join(response.headers["Location"])
        port = asked.port if place.host == asked.host else None  # None: the scheme's own
        is_own = place.host in self._etiquette.hosts and place.port == port
        if place.scheme != "https" or not is_own:
            where = f"{place.scheme}://{place.netloc.decode('ascii')}"
            raise Unusable(
                f"it redirects to {where}, which is not followed",
                status=response.status_code,
                again=False,
            )
        return place

    def _read(self, url: str, response: httpx2.Response, check: Check) -> Answer:
        status = response.status_code
        wait = asked_to_wait(response)
        if status != httpx2.codes.OK:
            again = status == httpx2.codes.TOO_MANY_REQUESTS or status >= 500
            reason = self._refusal(response)
            raise Unusable(reason, status=status, again=again, wait=wait)
        body = body_of(response, self._watch)
        if token := self._etiquette.token:
            body = body.replace(token.encode(), "…".encode())
        trouble = check(body)
        if trouble and not isinstance(trouble, BreaksOff):
            raise Unusable(trouble, status=status, wait=wait)
        until = self._rest(wait) if wait else None
        answer = Answer(self._name, "", url, datetime.now(UTC), status, body, not_before=until)
        if trouble:  # a half is nothing to come back to: its ETag is forgotten
            return replace(answer, broken=str(trouble))
        headers = response.headers
        etag, modified = headers.get("ETag", ""), headers.get("Last-Modified", "")
        return replace(answer, etag=etag, last_modified=modified)

    def _refusal(self, response: httpx2.Response) -> str:
        """What an error is told as: of who may not ask, nothing that the service says is quoted,
        since that may be the token."""
        reason = f"HTTP {response.status_code}"
        setting = self._etiquette.setting
        if response.status_code not in _REFUSED:
            words = self._without_token(words_of(response, self._watch))
            return f"{reason} ({words[:_MOST_WORDS]})" if words else reason
        if not setting:
            return reason
        if self._etiquette.token:
            return f"{reason}: is {setting} right?"
        return f"{reason}: does it want a token ({setting})?"

    def _without_token(self, text: str) -> str:
        token = re.escape(self._etiquette.token)
        return re.sub(token, "…", text, flags=re.IGNORECASE) if token else text

    def _rest(self, wait: float) -> datetime:
        """Ask nothing for so many seconds, or no more at all where that is too long; until when."""
        if wait > LONGEST_WAIT:
            self._closed = f"its limit is reached for the next {wait:.0f} seconds"
        self._ready = time.monotonic() + wait
        return datetime.now(UTC) + timedelta(seconds=wait)
