import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.notes import foreword, remark


def test_a_remark_is_one_line() -> None:
    assert remark(" The best\n\n of\tthe week.\x07 ") == "The best of the week."
    assert remark("\udcff") == remark("") == ""


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_foreword_keeps_its_paragraphs_and_nothing_else_of_its_white_space(end: str) -> None:
    text = end.join(["", "Good", "morning.", " \t", "", "Read  on.", ""])
    assert foreword(text) == "Good morning.\n\nRead on."


@given(st.text(max_size=300))
def test_a_foreword_is_written_as_it_would_be_written_again(text: str) -> None:
    note = foreword(text)
    assert foreword(note) == note
    assert all(paragraph.strip() for paragraph in note.split("\n\n")) or not note


def test_what_is_too_long_to_be_read_before_a_paper_is_refused() -> None:
    assert remark("a" * 200)
    assert foreword("a" * 2000)
    with pytest.raises(ValueError, match="201 characters; 200 are the most"):
        remark("a" * 201)
    with pytest.raises(ValueError, match="2,001 characters; 2,000 are the most"):
        foreword("a" * 2001)
