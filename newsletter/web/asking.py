"""What a reader's browser asked for, read and bounded, as the pages see it."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request

from subscribers.wishes import is_unprintable

_MOST_FIELDS = 500
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. Texts are whatever was sent: hostile until parsed."""

    params: Mapping[str, str]
    """What stands in the places of the route's path."""
    query: Mapping[str, str]
    form: Mapping[str, tuple[str, ...]]
    client: str
    """The address at the other end of the socket."""
    forwarded: str = ""
    """For whom proxies say that they ask (X-Forwarded-For); anybody can write it."""
    known: str = ""
    """The entity tags that the browser holds, as it sent them (If-None-Match)."""

    def field(self, name: str) -> str:
        """The last value of a field, or an empty text."""
        return (self.form.get(name) or ("",))[-1]


def printable(text: str) -> str:
    """What was typed without what cannot be printed, fit to be shown again; its lines stay."""
    return "".join(c for c in text if c in "\r\n" or not is_unprintable(c))


async def read_asked(request: Request) -> Asked:
    """The request with its form. Raises HTTPException: 415 for a body that is no form, 400 for a
    form that cannot be read or has more than 500 fields."""
    form: dict[str, tuple[str, ...]] = {}
    if request.method == "POST":
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        # RFC 8058 one-click posts come without a type too: the path alone says what they mean.
        if kind and kind not in _FORMS:
            raise HTTPException(415)
        read = await request.form(max_files=0, max_fields=_MOST_FIELDS)
        form = {name: tuple(map(str, read.getlist(name))) for name in read}
    return Asked(
        {name: str(value) for name, value in request.path_params.items()},
        dict(request.query_params),
        form,
        request.client.host if request.client else "",
        ",".join(request.headers.getlist("x-forwarded-for")),
        request.headers.get("if-none-match", ""),
    )
