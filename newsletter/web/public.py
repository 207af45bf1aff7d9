"""Pages that are the same for everybody: printed once an edition, and then only compared.

The entity tag of a page (RFC 9110 §8.8.3) is made of its octets, so that it is right whatever was
changed: an edition, a template, a setting.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from http import HTTPStatus
from threading import Lock

from starlette.responses import Response

from newsletter.store.editions import EditionSummary, latest_edition
from newsletter.store.engine import Store
from newsletter.web.asking import Asked

_SECONDS = 300  # for which a browser need not ask again: a new edition may be so late for it
_MOST = 256  # pages of some 30 kB
_TAG = re.compile(r'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Printed:
    """A page as it is sent."""

    octets: bytes
    kind: str
    """Its media type."""
    tag: str

    @classmethod
    def of(cls, text: str | bytes, kind: str = "text/html; charset=utf-8") -> "Printed":
        octets = text.encode("utf-8", "replace") if isinstance(text, str) else text
        return cls(octets, kind, f'"{hashlib.sha256(octets).hexdigest()[:24]}"')


class Rack:
    """The pages that were asked for last, each as the newest edition has it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = Lock()
        self._pages: OrderedDict[Hashable, Printed] = OrderedDict()

    def page(
        self, asked: Asked, name: Hashable, make: Callable[[EditionSummary | None], Printed]
    ) -> Response:
        """The page of that name, which depends on nothing but the editions that are out; made where
        it is not here. Two may make the same page at a time: both come to the same."""
        with self._store.reading() as connection:
            newest = latest_edition(connection)
        key = (name, newest)
        with self._lock:
            found = self._pages.get(key)
            if found:
                self._pages.move_to_end(key)
        if found is None:
            found = make(newest)
            with self._lock:
                self._pages[key] = found
                if len(self._pages) > _MOST:
                    self._pages.popitem(last=False)
        return answer(asked, found)


def answer(asked: Asked, page: Printed, **headers: str) -> Response:
    """The page, or word that the browser has it already (RFC 9110 §13.1.2)."""
    told = {"ETag": page.tag, "Cache-Control": f"public, max-age={_SECONDS}", **headers}
    if asked.known.strip() == "*" or page.tag in _TAG.findall(asked.known):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=told)
    return Response(page.octets, media_type=None, headers={"Content-Type": page.kind, **told})
