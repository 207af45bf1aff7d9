"""A try that comes to nothing: why, whether to try again, and when."""

import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from newsletter.sources.answers import Answer
from newsletter.sources.bodies import Overdue, Unreadable

LONGEST_WAIT = 60.0  # seconds; a service that wants a longer pause is left to the next run
_DAY = 86_400.0  # seconds; no service is believed that wants to be left alone for longer


class Unusable(Exception):
    """A try that came to nothing."""

    def __init__(
        self, reason: str, *, status: int = 0, again: bool = True, wait: float | None = None
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.again = again and (wait is None or wait <= LONGEST_WAIT)
        self.wait = wait


class Broken(Unusable):
    """A try whose answer is of use up to where it breaks off."""

    def __init__(self, answer: Answer) -> None:
        until = answer.not_before
        wait = (until - datetime.now(UTC)).total_seconds() if until else None
        super().__init__(answer.broken, status=answer.status, wait=wait)


@contextmanager
def transport_told() -> Iterator[None]:
    """Makes of what httpx raises a sentence for people."""
    try:
        yield
    except httpx2.TimeoutException as error:
        raise Unusable("no answer in time") from error
    except Unreadable as error:
        status = 0 if isinstance(error, Overdue) else 200
        raise Unusable(str(error), status=status, again=False) from error
    except zlib.error as error:
        raise Unusable(f"its bytes cannot be unpacked ({error})", status=200) from error
    except httpx2.RemoteProtocolError as error:
        raise Unusable("it broke off in mid-answer", status=200) from error
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        raise Unusable(f"cannot be reached ({error})") from error


def asked_to_wait(response: httpx2.Response) -> float | None:
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
