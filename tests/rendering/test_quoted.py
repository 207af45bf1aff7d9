import quopri
import re
from email import message_from_bytes, policy
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.rendering.quoted import segment

# What the encoding treats in a way of its own, beside any text at all.
TEXTS = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(
            [
                "\n",
                "\r",
                "\r\n",
                " ",
                "\t",
                ".",
                "From ",
                "F",
                "rom",
                "=",
                "é",
                "😀",
                "x" * 74,
                "\0",
            ]
        ),
        max_size=40,
    ).map("".join),
)
LINE = re.compile(rb"[\t -~]{0,76}")


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]


def lines(encoded: bytes) -> list[bytes]:
    *whole, rest = encoded.split(b"\r\n")
    assert rest == b""
    return whole


@settings(deadline=None)
@given(TEXTS, st.lists(st.integers(0, 400), max_size=6))
@example("From me\nFrom you", [4, 5])
@example(" \n\t\n", [1, 2, 3])
@example("a" * 76 + "\n" + "b" * 75 + " \n", [75])
@example("a" * 73 + "é" + "\n" + "a" * 74 + ".", [])
def test_segments_joined_anywhere_decode_to_the_text(text: str, places: list[int]) -> None:
    joined = b"".join(segment(piece) for piece in cut(text, places))
    wanted = text.replace("\n", "\r\n").encode()
    # A last soft break is a line's end to quopri: what follows it would be the next segment's.
    assert quopri.decodestring(joined + b"end") == wanted + b"end"
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
    mail = message_from_bytes(head + b"\r\n\r\n" + joined + b"end", policy=policy.default)
    assert mail.get_payload(decode=True) == wanted + b"end"


@settings(deadline=None)
@given(TEXTS, st.lists(st.integers(0, 400), max_size=6))
@example("." * 200, [3])
@example("From " * 60, [5, 10, 74])
@example("x" * 75 + "From me", [])
@example("x" * 75 + ".", [])
def test_no_line_tempts_a_server_to_change_it(text: str, places: list[int]) -> None:
    for line in lines(b"".join(segment(piece) for piece in cut(text, places))):
        assert LINE.fullmatch(line)
        assert not line.startswith((b".", b"From "))
        assert not line.endswith((b" ", b"\t"))
        # Every "=" begins a coded octet in capitals (RFC 2045 §6.7) or ends its line.
        assert b"=" not in re.sub(rb"=[0-9A-F]{2}|=\Z", b"", line)


@settings(deadline=None)
@given(TEXTS)
def test_what_needs_no_code_gets_none(text: str) -> None:
    plain = re.sub(r"[^ -~\n]|=", "", text)
    coded = re.findall(rb"=[0-9A-F]{2}", segment(plain))
    assert set(coded) <= {b"=2E", b"=46", b"=20"}


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("", b""),
        ("\n", b"\r\n"),
        ("a", b"a=\r\n"),
        ("a\n", b"a\r\n"),
        ("a \n", b"a=20\r\n"),
        ("a\t\n", b"a=09\r\n"),
        ("a ", b"a =\r\n"),
        (".", b"=2E=\r\n"),
        ("a.b\n", b"a.b\r\n"),
        ("From me\n", b"=46rom me\r\n"),
        ("Fromage\n", b"Fromage\r\n"),
        ("a=b\n", b"a=3Db\r\n"),
        ("é\n", b"=C3=A9\r\n"),
        ("a\r\nb\n", b"a=0D\r\nb\r\n"),
        ("x" * 75 + "\n", b"x" * 75 + b"\r\n"),
        ("x" * 76 + "\n", b"x" * 75 + b"=\r\nx\r\n"),
    ],
)
def test_a_segment_begins_in_column_0_and_ends_a_line(text: str, encoded: bytes) -> None:
    assert segment(text) == encoded


def test_a_lone_surrogate_is_no_text() -> None:
    with pytest.raises(UnicodeEncodeError):
        segment("a\ud800b")
