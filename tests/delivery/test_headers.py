import re
from email.header import decode_header

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.delivery.message import (
    encoded_text,
)
from tests.delivery.composing import (
    BIDI,
    HEADERS,
    INJECTION,
    composed,
    decoded,
    leniently_parsed,
    parsed,
    strictly_parsed,
)

PIECES = [
    "\r\n",
    "\n",
    "\r",
    "\0",
    " ",
    "\t",
    "Bcc: e@x.org",
    ":",
    '"',
    "\\",
    "<",
    ">",
    ",",
    "@",
    "(",
    ")",
]
PIECES += ["=?", INJECTION, BIDI, "😀", "\u2028", "\x85", "a b", "x" * 90, "é" * 90]
hostile = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=200),  # surrogates too
    st.lists(st.sampled_from(PIECES), max_size=12).map("".join),
)
printable = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=300
)


@settings(deadline=None)
@given(subject=hostile, from_name=hostile, list_name=hostile)
@example(subject=INJECTION, from_name=INJECTION, list_name=INJECTION)
@example(subject="a\r\n\r\nbody", from_name="a", list_name="a")
@example(subject="a", from_name="a\r\n\r\n body", list_name="a")
@example(subject="a", from_name="a", list_name="a\r\n Bcc: e@x.org")
@example(subject="x" * 10_000, from_name="a", list_name="a")
@example(subject="é" * 10_000, from_name="é" * 10_000, list_name="😀" * 5_000)
@example(subject=BIDI, from_name=BIDI, list_name=BIDI)
@example(subject="\ud800", from_name="\ud800", list_name="\ud800")
def test_hostile_words_are_refused_or_stay_inside_their_header(
    subject: str, from_name: str, list_name: str
) -> None:
    try:
        message = composed(subject=subject or "-", from_name=from_name, list_name=list_name)
    except ValueError:
        return
    fields = strictly_parsed(message)
    assert [name for name, _ in fields] == HEADERS
    mail = leniently_parsed(message)
    assert mail.keys() == HEADERS
    assert mail["From"].addresses[0].addr_spec == "news@paper.example"
    assert len(mail["From"].addresses) == 1
    assert all(value.isascii() for _, value in fields)


@pytest.mark.parametrize("field", ["from_name", "list_name", "list_id", "feedback_id", "subject"])
@pytest.mark.parametrize(
    "text",
    [
        "a\r\nBcc: e@x.org",
        "a\r\n b",
        "a\r\n\r\n b",
        "é\nb",
        "a\0b",
        "a\tb",
        "\x7f",
        "\x85",
        "\u2028",
    ],
)
def test_no_control_character_reaches_a_header_in_any_form(field: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"control character U\+"):
        composed(**{field: text})


WORDS = ["Größe", "ünï " * 60 + "x", "😀" * 100, "a, b; c: <d@e>", "漢字" * 50, "é" * 10_000, BIDI]
WORDS += ['the "best"', "back\\slash", "J. Doe (news)", INJECTION, "x" * 900, "two  blanks"]


@pytest.mark.parametrize("text", WORDS)
def test_words_are_read_as_they_were_given(text: str) -> None:
    message = composed(subject=text, from_name=text, list_name=text)
    assert parsed(message)["Subject"] == text
    fields = dict(strictly_parsed(message))
    for name, end in (("From", "<news@paper.example>"), ("List-Id", "<paper.example>")):
        phrase = fields[name].removesuffix(end)
        assert phrase + end == fields[name]
        if phrase.startswith('"'):
            assert re.sub(r"\\(.)", r"\1", phrase.rstrip()[1:-1]) == text
        elif phrase or name == "From":
            assert decoded(phrase.removesuffix(" ")) == text
    assert "=?" not in fields["List-Id"].replace(text, "")
    assert parsed(message)["From"].addresses[0].addr_spec == "news@paper.example"


@settings(deadline=None)
@given(printable.filter(lambda text: text.strip() == text))
@example("  ".join(["word"] * 60))
@example("é" + " x" * 200)
@example("x" * 70 + "  " + "y" * 80)
@example("\xa0é\xa0")
def test_the_subject_is_decoded_to_what_was_given(subject: str) -> None:
    fields = dict(strictly_parsed(composed(subject=subject)))
    assert fields["Subject"].isascii()
    assert decoded(fields["Subject"]) == subject


@settings(deadline=None)
@given(printable)
def test_an_encoded_text_is_ascii_and_no_word_is_cut_inside_a_character(text: str) -> None:
    value = encoded_text(text)
    assert value.isascii()
    if value != text:
        for word, charset in decode_header(value.replace(" ", "\n ")):
            assert isinstance(word, bytes)
            assert charset == "utf-8"
        for word in value.split(" "):
            assert len(word) <= 75  # RFC 2047 §2
            decoded(word).encode()


def test_a_word_that_no_line_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 998"):
        composed(subject="x" * 10_000)
