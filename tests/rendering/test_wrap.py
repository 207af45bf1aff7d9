"""Text stands in lines of so many columns."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.rendering.wrap import columns, may_break, wrapped

words = st.text("abcXYZ.,-éβ", min_size=1, max_size=12)
signs = st.characters(exclude_categories=["Cs"])
urls = st.text("abc/_-.", max_size=120).map("https://x.org/".__add__)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("one two three", 72, ["one two three"]),
        ("one two three", 7, ["one two", "three"]),
        ("  one \n two\t three ", 8, ["one two", "three"]),
        ("12345 67", 8, ["12345 67"]),
        ("see https://x.org/a/long/path now", 10, ["see", "https://x.org/a/long/path", "now"]),
        ("see (https://x.org/a-b). It is", 10, ["see", "(https://x.org/a-b).", "It is"]),
        ("a abcdefghijklm b", 5, ["a", "abcde", "fghij", "klm", "b"]),
        ("深度学习的论文", 6, ["深度学", "习的论", "文"]),
        ("深度学习。论文", 8, ["深度学", "习。论文"]),
        ("见「论文」吧", 4, ["见", "「论", "文」", "吧"]),
        ("用 BERT模型", 7, ["用 BERT", "模型"]),
        ("naïve re\u0301sume\u0301 x", 12, ["naïve re\u0301sume\u0301", "x"]),
        ("one\ntwo\n\n \nthree", 9, ["one two", "", "three"]),
        ("", 9, [""]),
    ],
)
def test_lines_are_filled_greedily(text: str, width: int, lines: list[str]) -> None:
    assert wrapped(text, width).split("\n") == lines


def test_the_first_line_may_begin_otherwise_than_the_others() -> None:
    assert (
        wrapped("one two three four", 11, indent="   ", first="1. ")
        == "1. one two\n   three\n   four"
    )
    assert wrapped("one two", 6, indent="> ") == "> one\n> two"
    assert wrapped("one\n\ntwo", 9, indent="  ", first="* ") == "* one\n\n  two"
    assert wrapped("", 9, indent="  ") == ""


def test_an_indent_without_room_beside_it_is_refused() -> None:
    assert wrapped("深度", 4, indent="  ") == "  深\n  度"
    with pytest.raises(ValueError, match="no room"):
        wrapped("深度", 4, indent="   ")
    with pytest.raises(ValueError, match="no room"):
        wrapped("深度", 4, first="1. ")


@given(st.lists(words), st.integers(12, 80))
def test_words_come_back_as_they_were(text: list[str], width: int) -> None:
    lines = wrapped(" ".join(text), width)
    assert lines.split() == text
    assert wrapped(lines, width) == lines


@given(st.lists(st.one_of(st.text(signs), urls)).map(" ".join), st.integers(2, 40))
def test_only_a_url_makes_a_line_too_wide(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join(lines.split()) == "".join(text.split())
    for line in lines.split("\n"):
        assert line == line.strip(" ")
        assert columns(line) <= width or ("://" in line and " " not in line)


@given(st.lists(words, min_size=2), st.integers(12, 80))
def test_no_word_would_have_fitted_into_the_line_before(text: list[str], width: int) -> None:
    lines = wrapped(" ".join(text), width).split("\n")
    for line, following in pairwise(lines):
        assert columns(line) + 1 + columns(following.split()[0]) > width


def test_a_word_of_twenty_kilobytes_is_broken_at_the_width() -> None:
    lines = wrapped(f"a {'x' * 20_000} b", 72).split("\n")
    assert lines[0] == "a"
    assert lines[-1] == "b"
    assert {len(line) for line in lines[1:-2]} == {72}


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("深度", 4), ("e\u0301", 1), ("\u200b", 0), ("ｆ", 2), ("ﾊ", 1), ("", 0)],
)
def test_columns_are_counted_as_a_terminal_does(text: str, width: int) -> None:
    assert columns(text) == width


@pytest.mark.parametrize(
    ("before", "after", "allowed"),
    [
        ("深", "度", True),
        ("深", "a", True),
        ("a", "深", True),
        ("。", "深", True),
        ("a", "b", False),
        ("深", "。", False),
        ("「", "深", False),
        ("深", "\u0301", False),
    ],
)
def test_lines_break_beside_wide_signs_but_not_off_their_punctuation(
    before: str, after: str, allowed: bool
) -> None:
    assert may_break(before, after) is allowed
