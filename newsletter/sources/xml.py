"""XML from outside, read element by element: no entity is expanded, nothing is fetched, and what
came before a break is kept."""

import codecs
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, TypeAlias

from lxml import etree

_HEAD = 8_000  # bytes within which a document says what it is
_CHUNK = 1 << 16

Element: TypeAlias = Any
"""An element of lxml, which ships no types."""


class Broken(ValueError):
    """The document is not well-formed from some place on, or ends too early."""


def root_of(octets: bytes) -> str:
    """The local name of the document's first element, "" where this is no XML that is read: an HTML
    page, or a document with a DOCTYPE, which could define entities."""
    octets = _from_first_mark(octets)
    parser = _parser("start")
    with suppress(etree.XMLSyntaxError):  # the first element may have come before the fault
        parser.feed(octets[:_HEAD])
        parser.close()
    for _, element in parser.read_events():
        has_doctype = element.getroottree().docinfo.internalDTD is not None
        return "" if has_doctype else local_name(element)
    return ""


def elements(octets: bytes, whole: tuple[str, ...], names: tuple[str, ...]) -> Iterator[Element]:
    """The elements of these local names, as each ends; of `whole` ones nothing is kept afterwards.
    Raises Broken at the place where the document breaks, after all that came before it."""
    if not root_of(octets):
        raise Broken("it is no XML document that is read")
    octets = _from_first_mark(octets)
    parser = _parser("end", *whole, *names)
    try:
        for start in range(0, len(octets), _CHUNK):
            parser.feed(octets[start : start + _CHUNK])
            yield from _ended(parser, whole)
        parser.close()
    except etree.XMLSyntaxError as error:
        yield from _ended(parser, whole)
        raise Broken(f"not well-formed from line {error.lineno or 1} on") from None


def text_of(element: Element, name: str) -> str | None:
    """The text of the first child of this local name, None where there is none."""
    for child in element:
        if local_name(child) == name:
            return "".join(child.itertext())
    return None


def texts_of(element: Element, name: str) -> list[str]:
    """The texts of all children of this local name."""
    return ["".join(child.itertext()) for child in element if local_name(child) == name]


def children(element: Element, name: str) -> list[Element]:
    """The children of this local name."""
    return [child for child in element if local_name(child) == name]


def _from_first_mark(octets: bytes) -> bytes:
    """The document without what editors and shells put before it, and XML forbids there."""
    return octets.removeprefix(codecs.BOM_UTF8).lstrip()


def _parser(event: str, *names: str) -> Any:
    """A parser that tells of elements of these local names, without any of all."""
    return etree.XMLPullParser(
        events=(event,),
        tag=[f"{{*}}{name}" for name in names] or None,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )


def _ended(parser: Any, whole: tuple[str, ...]) -> Iterator[Element]:
    for _, element in parser.read_events():
        yield element
        if local_name(element) in whole:
            element.clear()  # what is done with needs no memory


def local_name(element: Element) -> str:
    """An element's name without its space; "" for a comment. Of a prefix that nobody declared lxml
    makes a part of the name."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""
