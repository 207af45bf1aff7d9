from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.sources import xml
from newsletter.sources.xml import Broken, elements, root_of

BOMB = (
    b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><r><a t="&c;">&c;</a></r>'
)
FETCHED = b'<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><r><a>&a;</a></r>'


def read(octets: bytes, *whole: str, names: tuple[str, ...] = ()) -> list[str]:
    return ["".join(element.itertext()) for element in elements(octets, whole, names)]


@pytest.mark.parametrize(
    ("octets", "root"),
    [
        (b"<a/>", "a"),
        (b'<?xml version="1.0"?>\n<!-- a comment -->\n<a><b/></a>', "a"),
        (b'<x:a xmlns:x="urn:x"/>', "a"),
        (b'\n \t<?xml version="1.0"?><a/>', "a"),
        (b"\xef\xbb\xbf<a/>", "a"),
        (b"<a><b>", "a"),
        (b"<a ", "a"),
        (b"<a", "a"),
        (b"<", ""),
        (b"<a></b>", "a"),
        (b"<html><body/></html>", "html"),
        (b"<!DOCTYPE html><html/>", ""),
        (b"<!-- x --><!doctype html>\n<html>", ""),
        (b"<!--" + b"x" * 2_000 + b"--><!DOCTYPE a><a/>", ""),
        (b"<!--" + b"x" * 9_000 + b"--><a/>", ""),
        (BOMB, ""),
        (FETCHED, ""),
        (b"<a><![CDATA[<!DOCTYPE a>]]></a>", "a"),
        (b"", ""),
        (b" \n", ""),
        (b"{}", ""),
        (b"plain text", ""),
        ("<a/>".encode("utf-16"), "a"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16"), ""),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', ""),
        (b"\x00<a/>", ""),
    ],
)
def test_a_document_is_what_its_first_element_is_called(octets: bytes, root: str) -> None:
    assert root_of(octets) == root


@pytest.mark.parametrize("octets", [BOMB, FETCHED, b"<!--" + b"x" * 2_000 + b"-->" + BOMB])
def test_a_document_that_could_define_entities_is_not_read(octets: bytes) -> None:
    with pytest.raises(Broken, match=r"^it is no XML document that is read$"):
        read(octets, "a")


def test_an_entity_that_nobody_defined_breaks_the_document_and_no_more() -> None:
    with pytest.raises(Broken, match=r"^not well-formed from line \d+ on$"):
        read(b"<r><a>x</a><a>&nbsp;</a></r>", "a")


def test_a_document_in_another_encoding_is_read_as_it_says() -> None:
    octets = '<?xml version="1.0" encoding="ISO-8859-1"?><r><a>é</a></r>'.encode("latin-1")
    assert read(octets, "a") == ["é"]


def test_elements_come_by_their_local_names_and_whole_ones_are_emptied() -> None:
    octets = b'<r xmlns:x="urn:x"><t>1</t><x:a>2<t>3</t></x:a><b>4</b><a>5</a></r>'
    assert read(octets, "a", names=("t",)) == ["1", "3", "23", "5"]
    assert [len(element) for element in list(elements(octets, ("a",), ()))] == [0, 0]


def test_comments_and_processing_instructions_are_no_text() -> None:
    (element,) = list(elements(b"<r><a><t>1<!-- 2 -->3<?x 4?>5</t></a></r>", (), ("a",)))
    assert xml.text_of(element, "t") == "135"
    assert xml.text_of(element, "u") is None
    assert xml.texts_of(element, "t") == ["135"]
    assert [child.tag for child in xml.children(element, "t")] == ["t"]


@pytest.mark.parametrize("chunk", [1, 7, 1 << 16])
def test_what_came_before_a_break_is_kept(monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(xml, "_CHUNK", chunk)
    reading = elements(b"<r>\n<a>1</a>\n<a>2</a>\n<a>3</b></r>", ("a",), ())
    assert [next(reading).text, next(reading).text] == ["1", "2"]
    with pytest.raises(Broken, match=r"^not well-formed from line 4 on$"):
        next(reading)


def test_a_tower_of_elements_does_not_fell_the_reader() -> None:
    with pytest.raises(Broken):
        read(b"<r>" + b"<a>" * 100_000, "a")


@given(st.binary(max_size=200) | st.text("<>/!?a &;x[]-'\"=D", max_size=80).map(str.encode))
@example(b"<a>&#0;</a>")
@example(b'<?xml version="1.0" encoding="UTF-16"?><a/>')
@example(b"<a xmlns:x=''><x:b/></a>")
def test_any_bytes_are_read_or_broken_and_nothing_else(octets: bytes) -> None:
    with suppress(Broken):
        assert root_of(octets) or not read(octets, "a", names=("x",))
