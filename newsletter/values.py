"""The types of the settings' values: each checks what it is given and says what it should be."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from subscribers.addresses import Address
from subscribers.errors import AddressRefused
from subscribers.model import timezones

# https://arxiv.org/category_taxonomy; arXiv's lists take any case, and its papers have this one.
_CATEGORY = re.compile(
    r"[a-z]+(-[a-z]+)?(\.[A-Z]{2})?|(cond-mat|physics)\.[a-z]+(-[a-z]+)?", re.ASCII
)

# Archives that have categories: a list of all of one is cut, and no query finds its papers.
_ARCHIVES = set("astro-ph cond-mat cs econ eess math nlin physics q-bio q-fin stat".split())

THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}

# RFC 6376 §3.1: a name below _domainkey, and so labels of the DNS (RFC 1035 §2.3.1).
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_SELECTOR = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


@dataclass(frozen=True, slots=True)
class DkimKey:
    """Where a private key is kept, and the selector under which the DNS has the public one."""

    selector: str
    path: Path


def _line(text: str) -> str:
    """A text that may stand in a header: a control character could begin another one."""
    if not text.isprintable() or "=?" in text:
        raise ValueError("holds a control character or '=?'")
    return text


def _zone(name: str) -> str:
    if name not in timezones():
        raise ValueError("is not an IANA time zone such as 'Europe/Berlin'")
    return name


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:  # unbalanced brackets in the host, a port that is no port
        host = None
    if not host or parts.scheme not in {"http", "https"} or set(url) & set("?#@"):
        raise ValueError("is not a web address such as 'https://papers.example.org'") from None
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("holds a character that does not belong into a link")
    return url.rstrip("/")


def _site(url: str) -> str:
    """A web address at the root of its host: the pages link to each other from there."""
    url = _web_address(url)
    if urlsplit(url).path:
        raise ValueError(
            "has a path, and the pages stand at the root of their host: give them one of their own,"
            " such as 'https://papers.example.org'"
        )
    return url


def _service(url: str) -> str:
    """A web address, https unless it is on this machine: what comes from it is mailed to people."""
    url = _web_address(url)
    if not url.startswith("https://") and urlsplit(url).hostname not in THIS_MACHINE:
        raise ValueError("must begin with https://")
    return url


def _category(name: str) -> str:
    if not _CATEGORY.fullmatch(name):
        raise ValueError(f"{name!r} is not an arXiv category such as 'cs.CL' or 'hep-th'")
    if name in _ARCHIVES:
        raise ValueError(f"{name!r} is a whole archive: name its categories, such as '{name}.…'")
    return name


def _token(token: SecretStr) -> SecretStr:
    """A word for a header; a file or a variable often ends it with a line break."""
    word = token.get_secret_value().strip()
    if not word.isascii() or not word.isprintable() or " " in word:
        raise ValueError("holds a character that no access token has")
    return SecretStr(word)


def _address(text: object) -> object:
    if text is None or isinstance(text, Address):
        return text
    if not isinstance(text, str):
        raise ValueError("is not an address such as 'papers@example.org'")
    try:
        address = Address.parse(text)
    except AddressRefused as error:
        raise ValueError(str(error)) from error
    if address.needs_smtputf8:
        raise ValueError("has a part before the @ that most relays and readers cannot take")
    return address


def _host(name: str) -> str:
    if not name.isascii() or not all(part.replace("-", "").isalnum() for part in name.split(".")):
        raise ValueError("is not a host name such as 'papers.example.org'")
    return name.lower()


def _colour(text: str) -> str:
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise ValueError("is not a colour such as '#174a72'")
    return text.lower()


def _picture(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("is not the web address of a picture, beginning with https://")
    if not url.isascii() or not url.isprintable() or set(url) & set(" \"'<>&"):
        raise ValueError("holds a character that does not belong into a link")
    return url


def _dkim_keys(value: object) -> tuple[DkimKey, ...]:
    """One text or a list of them."""
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, Sequence) or not all(isinstance(text, str) for text in texts):
        raise ValueError("is not a text such as 's1=keys/dkim.pem', or a list of such")
    keys = tuple(map(_dkim_key, texts))
    if len({key.selector.lower() for key in keys}) < len(keys):
        raise ValueError("names a selector twice: every key needs its own")
    return keys


def _dkim_key(text: str) -> DkimKey:
    selector, sign, path = (part.strip() for part in text.partition("="))
    if not sign or not path or not path.isprintable():
        raise ValueError("is not a selector and a file such as 's1=keys/dkim.pem'")
    if not _SELECTOR.fullmatch(selector):
        raise ValueError(f"{selector!r} cannot be a selector: take letters, digits, '-' and '.'")
    return DkimKey(selector, Path(path))


def _words(keys: object) -> object:
    return keys.split() if isinstance(keys, str) else keys


Line = Annotated[str, AfterValidator(_line)]
Zone = Annotated[str, AfterValidator(_zone)]
WebAddress = Annotated[str, AfterValidator(_site)]
MailAddress = Annotated[Address, BeforeValidator(_address)]
ServiceAddress = Annotated[str, AfterValidator(_service)]
Colour = Annotated[str, AfterValidator(_colour)]
PictureAddress = Annotated[str, AfterValidator(_picture)]
Category = Annotated[str, AfterValidator(_category)]
Token = Annotated[SecretStr, AfterValidator(_token)]
Host = Annotated[str, AfterValidator(_host)]
DkimKeys = Annotated[tuple[DkimKey, ...], BeforeValidator(_dkim_keys)]
# As a variable it is plain words; pydantic-settings would want JSON.
Keys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_words)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_words)]
