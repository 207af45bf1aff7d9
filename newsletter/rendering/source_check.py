"""What is wrong with a template before it is printed: faults that printing would hide or mangle."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, NoReturn

from newsletter.errors import ConfigurationError

_VOID = set("area base br col embed hr img input link meta source track wbr".split())
_OPENING = set("if for block filter macro call trans with autoescape raw".split())
_BETWEEN = {"else", "elif", "pluralize"}
_TOKEN = re.compile(
    r"\{#.*?#\}|\{\{.*?\}\}|<!--.*?-->"
    r"|\{%[-+]?\s*(?P<word>\w+)(?P<rest>.*?)[-+]?%\}"
    r"|<(?P<close>/?)(?P<tag>[a-zA-Z][\w-]*)(?P<attributes>[^<>]*)>",
    re.DOTALL,
)
_STYLE = re.compile(r"<style(?![^>]*data-premailer)[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_NO_CSS = re.compile(r"/\*.*?\*/|\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_IMPORT = re.compile(r"@import[^;<]*", re.IGNORECASE)
# Which element is the first is decided when the samples are printed, not in each reader's mail.
_NEIGHBOURS = re.compile(
    r":(?:first|last|nth|only)-[\w-]+|:empty|(?<=[\w\])*\s])[+~](?=[\s\w.#*[])"
)
_SELECTOR = re.compile(r"[^{};]+(?=\{)")


class _Open(NamedTuple):
    """What is open at some point of a template: a tag of HTML, or a block of Jinja2."""

    kind: str
    name: str
    at: int


def check_sources(folder: Path) -> None:
    """Raises ConfigurationError, naming file and line, for the first fault in the folder's
    templates: HTML that is not balanced in every branch, an @import, and a selector in CSS to be
    inlined that depends on an element's neighbours."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in {".html", ".css"}:
            continue
        try:
            source = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: cannot be read: {error}") from error
        if path.suffix == ".html":
            _check_balance(path, source)
        for start, css in _styles(path, source):
            _check_css(path, source, start, css)


def _styles(path: Path, source: str) -> Iterator[tuple[int, str]]:
    if path.name == "style.css":
        yield 0, source
    elif path.suffix == ".css":
        _refuse_import(path, source, 0, source)
    for style in _STYLE.finditer(source):
        yield style.start(1), style[1]


def _check_css(path: Path, source: str, start: int, css: str) -> None:
    plain = _NO_CSS.sub(lambda lost: re.sub(r"[^\n]", " ", lost[0]), css)
    _refuse_import(path, source, start, plain)
    for selector in _SELECTOR.finditer(plain):
        if selector[0].lstrip().startswith("@"):
            continue
        if found := _NEIGHBOURS.search(selector[0]):
            at = start + selector.start() + found.start()
            _refuse(
                path,
                source,
                at,
                f"'{found[0]}' asks for an element's neighbours, and which they are is decided in"
                " each reader's mail: give the element a class",
            )


def _refuse_import(path: Path, source: str, start: int, css: str) -> None:
    if found := _IMPORT.search(css):
        words = f"{found[0][:60]!r} would be fetched while printing: write the CSS out"
        _refuse(path, source, start + found.start(), words)


def _check_balance(path: Path, source: str) -> None:
    open_: list[_Open] = []
    for token in _TOKEN.finditer(source):
        if word := token["word"]:
            _read_statement(path, source, token, word, open_)
        elif tag := token["tag"]:
            _read_tag(path, source, token, tag.lower(), open_)
    for left in open_:
        if left.kind == "tag":
            _refuse(path, source, left.at, f"<{left.name}> is never closed")


def _read_statement(
    path: Path, source: str, token: re.Match[str], word: str, open_: list[_Open]
) -> None:
    if word in _OPENING:
        open_.append(_Open("block", word, token.start()))
        return
    if word not in _BETWEEN and not word.startswith("end"):
        return
    if word == "endset":  # of a block that may have been an assignment
        return
    while open_ and open_[-1].kind == "tag":
        left = open_.pop()
        words = f"<{left.name}> is not closed before the {{% {word} %}} of its branch"
        _refuse(path, source, left.at, words)
    if word.startswith("end") and open_:
        open_.pop()


def _read_tag(path: Path, source: str, token: re.Match[str], tag: str, open_: list[_Open]) -> None:
    if tag in _VOID or token["attributes"].endswith("/"):
        return
    if not token["close"]:
        open_.append(_Open("tag", tag, token.start()))
        return
    if not open_ or open_[-1].kind == "block" or open_[-1].name != tag:
        inside = f" inside its {{% {open_[-1].name} %}}" if open_ else ""
        if open_ and open_[-1].kind == "tag":
            inside = f": <{open_[-1].name}> is open"
        _refuse(path, source, token.start(), f"</{tag}> closes nothing{inside}")
    open_.pop()


def _refuse(path: Path, source: str, at: int, words: str) -> NoReturn:
    raise ConfigurationError(f"{path}:{source.count(chr(10), 0, at) + 1}: {words}")
