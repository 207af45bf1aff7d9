"""What whoever reads pages as a machine finds there: links, and forms with their fields."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import quote_plus, urljoin, urlsplit

from lxml import html

from tests.web.site import Answered, Site

HOME = "https://papers.example.org"
"""What addresses of the site begin with, in mails, feeds and maps."""
TOKEN = re.compile(r"(?<=/)(?:[\w-]{35}|[\w-]{40})(?=/|$)")

_LINKS = re.compile(rf"""{re.escape(HOME)}(/[^\s<>"'\\]*)""")
_FIELDS = ".//input[@name] | .//select[@name] | .//textarea[@name]"


@dataclass(frozen=True)
class Form:
    """A form as one of its buttons submits it."""

    method: str
    action: str
    fields: tuple[tuple[str, str], ...]

    @property
    def shape(self) -> tuple[object, ...]:
        """The same for forms that differ in whom and what they are about."""
        names = tuple(
            (name, value.split()[:1] if name == "do" else "") for name, value in self.fields
        )
        return (self.method, shape(self.action), repr(names))

    def sent(self, site: Site, field: str = "", octets: str = "") -> Answered:
        """The answer to the form, with a field changed to what is encoded already."""
        pairs = (
            f"{quote_plus(name)}={octets if name == field else quote_plus(value)}"
            for name, value in self.fields
        )
        body = "&".join(pairs)
        if self.method == "post":
            return site.post(self.action, body)
        return site.get(f"{self.action}?{body}")


def shape(path: str) -> str:
    """A path without what is particular in it."""
    path = TOKEN.sub("*", path.partition("?")[0])
    return re.sub(r"(?<=/)[^/]*\d[^/]*", "*", path)


def links_in(answered: Answered) -> set[str]:
    """The site's own addresses on a page, in a feed, map or mail."""
    found = set(_LINKS.findall(answered.text))
    if "html" in answered.headers.get("content-type", ""):
        tree = html.fromstring(answered.text)
        found |= {str(link) for link in tree.xpath("//@href | //@src") if str(link)[:1] == "/"}
    return {link.partition("#")[0].replace("&amp;", "&") for link in found}


def forms_in(path: str, answered: Answered) -> Iterator[Form]:
    """The forms of the page at a path, once for each button."""
    if "html" not in answered.headers.get("content-type", ""):
        return
    for form in html.fromstring(answered.text).iter("form"):
        plain = Form(form.get("method", "get"), form.get("action") or path, tuple(_fields(form)))
        for button in form.xpath(".//button"):
            action = urlsplit(urljoin(path, button.get("formaction", plain.action))).path
            pressed = [(button.get("name"), button.get("value", ""))] if button.get("name") else []
            yield replace(plain, action=action, fields=(*plain.fields, *pressed))


def _fields(form: html.FormElement) -> Iterator[tuple[str, str]]:
    """Every field once, filled as a stranger would."""
    seen = set()
    for control in form.xpath(_FIELDS):
        name = control.get("name")
        if name in seen:
            continue
        seen.add(name)
        if control.get("type") == "email":
            yield name, "eve@example.net"
        elif control.get("type") == "checkbox":
            yield name, control.get("value", "on")
        else:
            yield name, control.value or ""
