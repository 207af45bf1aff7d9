import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.sources.texts import cut, folded, web_link

ANY_TEXT = st.text(st.characters(exclude_categories=[]))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  a\r\n\tb\u00a0\u2028c ", "a b c"),
        ("a\x00b\x1bc\x7fd\x9fe", "a b c d e"),
        ("\ud800", "\ufffd"),
        ("a\ufffe\uffffb", "a\ufffd\ufffdb"),
        ("\u200b\u202e \ufeff", ""),
        ("\u202ea", "\u202ea"),
        ("e\u0301", "e\u0301"),
    ],
)
def test_a_text_becomes_one_visible_line(text, line) -> None:
    assert folded(text) == line


@given(ANY_TEXT)
def test_folding_again_changes_nothing_and_the_line_can_be_encoded(text) -> None:
    line = folded(text)
    assert folded(line) == line
    assert line.encode().decode() == line


@given(st.text(), st.integers(1, 20))
def test_a_cut_text_is_never_longer_than_its_limit(text, limit) -> None:
    assert len(cut(text, limit)) <= limit
    assert cut(text, limit) == text or len(text) > limit


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://arxiv.org/abs/2604.10929", "https://arxiv.org/abs/2604.10929"),
        (" HTTP://Example.org ", "HTTP://Example.org"),
        ("https://example.org/ü?q=1#x", "https://example.org/ü?q=1#x"),
        ("javascript:alert(1)", None),
        ("java\nscript:alert(1)", None),
        ("\x01javascript://example.org/%0aalert(1)", None),
        ("data:text/html,x", None),
        ("file:///etc/passwd", None),
        ("ftp://example.org/x", None),
        ("mailto:a@example.org", None),
        ("//example.org/x", None),
        ("arxiv.org/abs/2604.10929", None),
        ("https:", None),
        ("https:///path", None),
        ("https://:80/", None),
        ("https://[broken/", None),
        ("https://example.org:port/", None),
        ("https://example.org/two words", None),
        ("https://example.org/" + "x" * 2_000, None),
        ("", None),
    ],
)
def test_only_web_links_with_a_host_are_links(text, link) -> None:
    assert web_link(text) == link
