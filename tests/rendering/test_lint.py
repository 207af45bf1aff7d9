"""Lint: what would embarrass the sender is found in a finished mail."""

import pytest

from newsletter.rendering.lint import faults
from newsletter.rendering.quoted import segment
from tests.rendering.both_ways import URL, composed

TEXT = f"Hello\n\nAbstract: https://arxiv.org/abs/1\nLeave: {URL}\n"
HTML = f"""<!DOCTYPE html>
<html lang="en" dir="ltr"><head><title>Hello</title></head><body>
<table role="none"><tr><td><h1>Paper Round</h1><h2><a href="https://arxiv.org/abs/1">A</a></h2>
<p><a href="{URL}">Leave</a> <img src="https://x.test/a.png" alt="A"></p></td></tr></table>
</body></html>
"""


def found(text: str = TEXT, html: str | None = HTML) -> list[str]:
    return faults(composed([segment(text)], None if html is None else [segment(html)]), URL)


def test_a_good_mail_has_no_faults() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("</body>", "x" * 90_000 + "</body>", "octets; from 90,000 on Gmail may cut it"),
        (f'"{URL}"', '"https://x.test/"', "has no link to https://papers.example.org/unsub"),
        ("https://arxiv.org/abs/1", "/abs/1", "the link '/abs/1' leads nowhere"),
        ("https://arxiv.org/abs/1", "", "the link '' leads nowhere"),
        ("https://arxiv.org/abs/1", "javascript:alert(1)", "leads nowhere"),
        ("https://arxiv.org/abs/1", "https:///abs", "leads nowhere"),
        ("https://arxiv.org/abs/1", "mailto:nobody", "leads nowhere"),
        ("https://arxiv.org/abs/1", "https://x.test/2", "text part lacks the link https://x.te"),
        (">A</a>", "></a>", "the link to https://arxiv.org/abs/1 has no words"),
        ("Paper Round", "{{ sender.name }}", "holds '{{', which a template"),
        ("Paper Round", "zq0123456789abcdefsreadernameqz", "which a template should have"),
        ("Paper Round", "%(name)s", "holds '%(name)'"),
        ("Paper Round", "None", "holds 'None'"),
        ("Paper Round", "a\x08b", "control character U+0008"),
        ('lang="en" ', "", "<html> has no lang"),
        ('dir="ltr"', "", "<html> has no dir"),
        ("<title>Hello", "<title>", "<title> is missing or empty"),
        ("h1>", "h2>", "there are 0 <h1> instead of one"),
        ("h2>", "h1>", "there are 2 <h1> instead of one"),
        ("h2>", "h3>", "<h3> follows <h1>: a level is missing"),
        (' role="none"', "", "would be read out as data"),
        (' alt="A"', "", "has no alt text"),
        ("https://x.test/a.png", "http://x.test/a.png", "is not fetched by https"),
        ("</body>", "<script>1</script></body>", "<script> does not belong into a mail"),
        ("</body>", "<form></form></body>", "<form> does not belong into a mail"),
    ],
)
def test_what_is_wrong_with_the_html(old: str, new: str, words: str) -> None:
    assert old in HTML
    assert any(words in fault for fault in found(html=HTML.replace(old, new))), found()


def test_what_is_wrong_with_the_text() -> None:
    assert "the text part lacks " + URL in found(text=TEXT.replace(URL, ""))
    assert any("control" in fault for fault in found(text=TEXT + "\x1b[31m\n"))
    assert found(html=None) == ["its parts are text/plain instead of a text and an HTML one"]


def test_what_is_wrong_with_the_subject() -> None:
    octets = composed([segment(TEXT)], [segment(HTML)])
    assert faults(octets.replace(b"Subject: x", b"Subject: "), URL) == ["the subject is empty"]
    named = octets.replace(b"Subject: x", b"Subject: {{ reader.count }}")
    assert "the subject holds '{{'" in faults(named, URL)[0]
