"""How a service is asked: politely, with patience, and with no trust in what it sends.

One connection at a time and never faster than its pause; Retry-After (RFC 9110, 10.2.3) and
RateLimit (draft-ietf-httpapi-ratelimit-headers) honoured; a bound on time and size; redirects only
to https on the service's own hosts.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Self

import httpx2
import stamina

from newsletter import __version__
from newsletter.sources.answers import Answer, Page

SIZE_LIMIT = 32_000_000  # bytes, unpacked; 2,000 announcements of arXiv are 5 million
_TRIES = 3
_LONGEST_WAIT = 60.0  # seconds; a service that wants a longer pause is left to the next run
_DAY = 86_400.0  # seconds; no service is believed that wants to be left alone for longer
_REDIRECTS = 3
_TOTAL = 4  # how many times `timeout` a request may take in all, dripping or not
_ENOUGH = 2  # requests that fail one after the other before the service is left alone

stamina.instrumentation.set_on_retry_hooks(())  # what came of the retries is told by the answer

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


class _Unusable(Exception):
    """A try that came to nothing."""

    def __init__(
        self, reason: str, *, status: int = 0, again: bool = True, wait: float | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.again = again and (wait is None or wait <= _LONGEST_WAIT)
        self.wait = wait


class Client:
    """Asks one service. Nothing raises: a request that failed is an answer that says why."""

    def __init__(self, etiquette: Etiquette, page: Page) -> None:
        self._etiquette = etiquette
        self._name = etiquette.source
        self._page = page
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
        wait = self._etiquette.retry_wait
        try:
            for attempt in stamina.retry_context(
                on=_backoff,
                attempts=_TRIES,
                timeout=None,
                wait_initial=wait,
                wait_max=4 * wait,
                wait_jitter=wait / 4,
            ):
                with attempt, _transport_told():
                    tries += 1
                    answer = self._tried(url, check)
        except _Unusable as error:
            return self._failure(kind, url, error, tries)
        self._failed = 0
        return replace(answer, kind=kind, at=datetime.now(UTC), tries=tries)

    def _failure(self, kind: str, url: str, error: _Unusable, tries: int) -> Answer:
        """The answer that a failed request makes; the service may be closed by it."""
        self._failed += error.status not in range(400, 429)  # those are ours, and say nothing of it
        now = datetime.now(UTC)
        until = now + timedelta(seconds=error.wait) if error.wait else None
        limited = error.status == httpx2.codes.TOO_MANY_REQUESTS or until is not None
        if limited or error.status == 0 or self._failed >= _ENOUGH:
            self._closed = self._closed or f"not asked, since it failed before ({error})"
        words = f"{error}, {tries} times" if tries > 1 else str(error)
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
        """One try, through its redirects; raises _Unusable."""
        known = self._page.newest(url)
        headers = (
            {"Authorization": f"Bearer {self._etiquette.token}"} if self._etiquette.token else {}
        )
        if known and known.etag:
            headers["If-None-Match"] = known.etag
        elif known and known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        place = httpx2.URL(url)
        for _ in range(_REDIRECTS + 1):
            time.sleep(max(0.0, self._ready - time.monotonic()))
            try:
                with self._http.stream("GET", place, headers=headers) as response:
                    if response.has_redirect_location:
                        place = self._redirect(response)
                        continue
                    if response.status_code == httpx2.codes.NOT_MODIFIED and known:
                        return replace(known, not_before=None)
                    return self._read(url, response, check)
            finally:
                self._ready = max(self._ready, time.monotonic() + self._etiquette.pause)
        raise _Unusable("it redirects without end", again=False)

    def _redirect(self, response: httpx2.Response) -> httpx2.URL:
        place = response.url.join(response.headers["Location"])
        if place.scheme != "https" or place.host not in self._etiquette.hosts:
            where = f"{place.scheme}://{place.host}"
            raise _Unusable(
                f"it redirects to {where}, which is not followed",
                status=response.status_code,
                again=False,
            )
        return place

    def _read(self, url: str, response: httpx2.Response, check: Check) -> Answer:
        status = response.status_code
        wait = _asked_to_wait(response)
        if status != httpx2.codes.OK:
            again = status == httpx2.codes.TOO_MANY_REQUESTS or status >= 500
            body = _bounded(response, self._etiquette.timeout, 2_000)
            words = _first_words(body)
            reason = f"HTTP {status}" + (f" ({words})" if words else "")
            raise _Unusable(reason, status=status, again=again, wait=wait)
        body = _bounded(response, self._etiquette.timeout, SIZE_LIMIT)
        if len(body) > SIZE_LIMIT:
            raise _Unusable(f"more than {SIZE_LIMIT // 1_000_000} MB", status=status, again=False)
        if trouble := check(body):
            raise _Unusable(trouble, status=status)
        until = self._rest(wait) if wait else None
        headers = response.headers
        etag, modified = headers.get("ETag", ""), headers.get("Last-Modified", "")
        answer = Answer(self._name, "", url, datetime.now(UTC), status, body, etag, modified)
        return replace(answer, not_before=until)

    def _rest(self, wait: float) -> datetime:
        """Ask nothing for so many seconds, or no more at all where that is too long; until when."""
        if wait > _LONGEST_WAIT:
            self._closed = f"its limit is reached for the next {wait:.0f} seconds"
        self._ready = time.monotonic() + wait
        return datetime.now(UTC) + timedelta(seconds=wait)


def _bounded(response: httpx2.Response, timeout: float, limit: int) -> bytes:
    """The body, unpacked; a little more than `limit` bytes of it where it is longer."""
    deadline = time.monotonic() + _TOTAL * timeout
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > limit:
            break
        if time.monotonic() > deadline:
            raise _Unusable(f"not whole after {_TOTAL * timeout:g} seconds", again=False)
    return bytes(body)


@contextmanager
def _transport_told() -> Iterator[None]:
    """Makes of what httpx raises a sentence for people."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise _Unusable("no answer in time") from error
    except httpx2.DecodingError as error:
        raise _Unusable(f"its bytes cannot be unpacked ({error})", status=200) from error
    except httpx2.RemoteProtocolError as error:
        raise _Unusable("it broke off in mid-answer", status=200) from error
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        raise _Unusable(f"cannot be reached ({error})") from error


def _backoff(error: Exception) -> bool | float:
    """Whether to try again: as long as the service asked to wait, else by stamina's own measure."""
    if not isinstance(error, _Unusable) or not error.again:
        return False
    return True if error.wait is None else error.wait


def _asked_to_wait(response: httpx2.Response) -> float | None:
    """Seconds until the service wants to be asked again, None where it does not say."""
    after = response.headers.get("Retry-After", "").strip()
    if after.isdecimal():
        return min(float(after), _DAY)
    if after:
        try:
            moment = parsedate_to_datetime(after)
        except (ValueError, OverflowError):
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), _DAY)
    limit = response.headers.get("RateLimit", "")
    none_left, reset = re.search(r"\br=0+\b", limit), re.search(r"\bt=(\d+)", limit)
    return min(float(reset[1]), _DAY) if none_left and reset else None


def _first_words(body: bytes) -> str:
    """The beginning of an error's body where it is plain text, as arXiv's "Rate exceeded."."""
    text = " ".join(body.decode("utf-8", "replace").split())
    is_plain = text.isprintable() and not text.startswith(("<", "{", "["))
    return text[:80] if is_plain else ""
