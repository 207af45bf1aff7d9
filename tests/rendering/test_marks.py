import operator
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from newsletter.errors import ConfigurationError
from newsletter.rendering.marks import CARD, ENTRY, Mark, Marker, Slot
from newsletter.rendering.quoted import segment

MARKER = Marker("0a1b2c3d")
NAME, LINK = MARKER.mark("name"), MARKER.mark("unsubscribe_url")
LINKS = frozenset({"unsubscribeurl"})


@pytest.mark.parametrize("nonce", ["", "0a1b2c3", "0A1B2C3D", "0a1b2c3-", "0a1b2c3d\n"])
def test_a_nonce_that_html_might_change_is_refused(nonce: str) -> None:
    with pytest.raises(ValueError, match="nonce"):
        Marker(nonce)


@pytest.mark.parametrize(
    "test",
    [
        bool,
        len,
        list,
        lambda mark: mark == "Ada",
        lambda mark: mark != "Ada",
        lambda mark: "A" in mark,
        lambda mark: operator.lt(mark, "B"),
        lambda mark: operator.gt(mark, "B"),
    ],
)
def test_a_personal_value_can_be_printed_but_not_tested(test: Callable[[Mark], object]) -> None:
    assert str(NAME) == f"{NAME}" == NAME.__html__()
    assert str(NAME).isalnum()
    with pytest.raises(TypeError, match="printed once for everybody"):
        test(NAME)


@pytest.mark.parametrize("nonce", ["0a1b2c3d", "abcdefgh", "sqzsqzsqz"])
@pytest.mark.parametrize(
    ("before", "between", "after"),
    [("", "", ""), ("a", " ", "qz"), ("zq", "qz", "é\n"), ("<", ">", "")],
)
def test_a_text_is_cut_at_its_marks_alone(
    nonce: str, before: str, between: str, after: str
) -> None:
    marker = Marker(nonce)
    text = f"{before}{marker.mark('name')}{between}{marker.mark('first_name')}{after}"
    pieces = marker.cut(text, "body.txt", frozenset())
    assert pieces == (
        *([segment(before)] if before else []),
        Slot("name"),
        *([segment(between)] if between else []),
        Slot("firstname"),
        *([segment(after)] if after else []),
    )


@settings(deadline=None)
@given(st.text().filter(lambda text: "zq0a1b2c3d" not in text.lower()))
def test_a_text_without_marks_is_one_segment(text: str) -> None:
    assert MARKER.cut(text, "body.txt", LINKS) == ((segment(text),) if text else ())


@pytest.mark.parametrize(
    "html",
    [
        f'<a title="{NAME}">',
        f"<a\ntitle='Dear {NAME}'>",
        f"<p>{NAME}</p><img alt={NAME}>",
        f'<a href="{LINK}" title="{NAME}">',
        f'<a href="{LINK}?{NAME}">',
    ],
)
def test_only_links_may_stand_in_an_attribute(html: str) -> None:
    with pytest.raises(ConfigurationError, match=r"body\.html: reader\.name .* in an attribute"):
        MARKER.cut(html, "body.html", LINKS)


def test_a_link_in_an_attribute_and_a_name_in_the_text_are_fine() -> None:
    html = f'<a href="{LINK}">Not {NAME}?</a> 1 < 2 {NAME}'
    pieces = MARKER.cut(html, "body.html", LINKS)
    assert [piece.name for piece in pieces if isinstance(piece, Slot)] == [
        "unsubscribeurl",
        "name",
        "name",
    ]


@pytest.mark.parametrize("changed", [str(NAME).upper(), str(NAME)[:-1], str(NAME).title()])
def test_a_filter_on_a_personal_value_is_named_with_its_template(changed: str) -> None:
    with pytest.raises(ConfigurationError, match=r"body\.txt: .* changed by a filter"):
        MARKER.cut(f"Dear {changed}, good morning", "body.txt", LINKS)


@pytest.mark.parametrize("group", [CARD, ENTRY])
@pytest.mark.parametrize("kind", [str, Markup])
@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_document_splits_into_its_pieces_and_the_gaps_between(
    group: str, kind: type[str], count: int
) -> None:
    cards = [kind(f"<b>{number}</b>\n") for number in range(count)]
    bracketed = (MARKER.bracketed(group, card) for card in cards)
    document = kind("before ") + kind(" gap ").join(bracketed) + kind(" after")
    before, found, gaps, after = MARKER.split(document, group)
    assert found == cards
    assert gaps == [" gap "] * max(0, count - 1)
    assert (before, after) == (("before ", " after") if count else ("before  after", ""))
    other = CARD if group == ENTRY else ENTRY
    assert MARKER.split(document, other) == (document, [], [], "")
