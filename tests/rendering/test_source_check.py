"""Templates that cannot be printed are refused by file and line before anything is printed."""

from pathlib import Path

import pytest

from newsletter.errors import ConfigurationError
from newsletter.rendering.loader import bundled_templates
from newsletter.rendering.source_check import check_sources

BALANCED = [
    "<p>{% if a %}<b>x</b>{% else %}<i>y</i>{% endif %}</p>",
    "{% for x in y %}<p>{{ x }}<br>1 < 2 <img src='a'></p>{% endfor %}",
    "{% if a %}<p {% if b %}class='x'{% endif %}>x</p>{% elif c %}{% endif %}",
    "{# <div> #}<!--[if mso]><table><tr><td><![endif]--><p>x</p><!--[if mso]></td><![endif]-->",
    '{% set x = "a" %}{% block b %}<p>{% trans n=x %}{{ n }}{% endtrans %}</p>{% endblock %}',
    "{% macro m() %}<p/>{% endmacro %}<P></p>",
]


def refused(folder: Path, name: str, source: str) -> str:
    (folder / "email").mkdir(exist_ok=True)
    (folder / "email" / name).write_text(source, "utf-8")
    with pytest.raises(ConfigurationError) as error:
        check_sources(folder)
    message = str(error.value)
    assert message.startswith(str(folder / "email" / name))
    return message.removeprefix(str(folder / "email" / name))


def test_the_bundled_templates_pass() -> None:
    check_sources(bundled_templates())


@pytest.mark.parametrize("source", BALANCED)
def test_balanced_html_passes(tmp_path: Path, source: str) -> None:
    (tmp_path / "body.html").write_text(source, "utf-8")
    check_sources(tmp_path)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("\n{% if a %}<div class=x>{% else %}<div>{% endif %}</div>", ":2: <div> is not closed"),
        ("{% if a %}\n</div>{% endif %}", ":2: </div> closes nothing inside its {% if %}"),
        ("{% for a in b %}<td>{% endfor %}", ":1: <td> is not closed before the {% endfor %}"),
        ("<p><b>\n\n</p></b>", ":3: </p> closes nothing: <b> is open"),
        ("<p>\n<div>\n</div>", ":1: <p> is never closed"),
        ("</p>", ":1: </p> closes nothing"),
        ("{% if a %}<p>{% elif b %}x</p>{% endif %}", ":1: <p> is not closed before the {% elif"),
    ],
)
def test_html_that_is_not_balanced_in_every_branch(tmp_path: Path, source: str, words: str) -> None:
    assert refused(tmp_path, "body.html", source).startswith(words)


@pytest.mark.parametrize(
    ("css", "line"),
    [
        (".a { color: red }\n.b:first-child { color: red }", 2),
        (".a + .b { color: red }", 1),
        ("/* ok */\n\n.a ~ .b, .c { color: red }", 3),
        (".a:nth-child(2) { color: red }", 1),
        (".a { color: {{ x }} }\n.b:only-of-type { color: red }", 2),
        (".a{}td:empty { color: red }", 1),
    ],
)
def test_selectors_that_depend_on_neighbours(tmp_path: Path, css: str, line: int) -> None:
    assert refused(tmp_path, "style.css", css).startswith(f":{line}: ")
    (tmp_path / "email/style.css").unlink()
    page = f"<style>\n{css}</style>"
    assert "neighbours" in refused(tmp_path, "_layout.html", page)
    kept = page.replace("<style>", '<style data-premailer="ignore">')
    (tmp_path / "email/_layout.html").write_text(kept, "utf-8")
    check_sources(tmp_path)


@pytest.mark.parametrize("name", ["style.css", "client.css", "own.css"])
def test_css_that_would_be_fetched(tmp_path: Path, name: str) -> None:
    message = refused(tmp_path, name, '.a {}\n@import "https://x.test/a.css";')
    assert message.startswith(":2: '@import \"https://x.test/a.css\"' would be fetched")


def test_a_template_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "body.html").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"body\.html: cannot be read"):
        check_sources(tmp_path)
