"""Chromium showing a mail the way different clients do: the sheets."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.inbox.tools import program
from tests.inbox.verdict import NotHereError

try:
    from playwright.sync_api import Browser, Page, sync_playwright
except ImportError:  # judged without it: NotHereError
    HAS_PLAYWRIGHT = False
else:
    HAS_PLAYWRIGHT = True

HERE = Path(__file__).parent
HEIGHT = 800
PAGE = "http://mail.invalid/"  # answered here
STYLE = re.compile(r"<style\b.*?</style>", re.IGNORECASE | re.DOTALL)
WRAP = re.compile(r"overflow-wrap\s*:[^;\"'}]*;?", re.IGNORECASE)
SCHEME = re.compile(r"<meta [^>]*color-schemes?[^>]*>", re.IGNORECASE)
CONDITIONAL = re.compile(r"<!--\[if ([^\]]*)\]>(.*?)<!\[endif\]-->", re.IGNORECASE | re.DOTALL)

# What Outlook on Windows, which is Word, does not know. Tables and their attributes stay.
UNWORDY = """() => {
  const spoil = (style) => {
    for (const name of ["max-width", "min-width", "max-height"]) style.removeProperty(name);
    if (/flex|grid/.test(style.display)) style.removeProperty("display");
  };
  for (const sheet of document.styleSheets)
    for (let index = sheet.cssRules.length - 1; index >= 0; index--) {
      const rule = sheet.cssRules[index];
      if (rule instanceof CSSStyleRule) spoil(rule.style);
      else sheet.deleteRule(index);
    }
  for (const element of document.querySelectorAll("[style]")) spoil(element.style);
}"""
UNPICTURED = """() => {
  for (const image of document.querySelectorAll("img, source"))
    for (const name of ["src", "srcset"]) image.removeAttribute(name);
}"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One way to show a mail."""

    name: str
    scheme: Literal["light", "dark"] = "light"
    styled: bool = True
    pictured: bool = True
    wordy: bool = False
    themed: bool = True
    wrapping: bool = True

    def html(self, html: str) -> str:
        """What is left of it."""
        if not self.themed:
            html = SCHEME.sub("", html)
        if self.wordy:
            html = CONDITIONAL.sub(lambda found: found[2] if _is_word(found[1]) else "", html)
        if not self.wrapping:
            html = WRAP.sub("", html)
        return html if self.styled else STYLE.sub("", html)


LIGHT = Sheet("light")
DARK = Sheet("dark", scheme="dark")
STRIPPED = Sheet("stripped", styled=False)  # webmail that keeps inline styles only
BLANK = Sheet("blank", pictured=False)
WORD = Sheet("word", wordy=True)
UNWRAPPED = Sheet("unwrapped", wrapping=False)  # Gmail, Outlook and Yahoo know word-wrap only
BARE = Sheet("bare", scheme="dark", styled=False, themed=False)  # an app that inverts by itself


def _is_word(condition: str) -> bool:
    return "mso" in condition and "!mso" not in condition.replace(" ", "")


@contextmanager
def chromium(*flags: str) -> Iterator["Browser"]:
    """Debian's, headless, ended with the block."""
    if not HAS_PLAYWRIGHT:
        raise NotHereError("playwright")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program("chromium"), args=list(flags))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def shown(browser: "Browser", html: str, sheet: Sheet, width: int = 700) -> Iterator["Page"]:
    """The mail on the sheet; nothing it asks for is fetched."""
    size = {"width": width, "height": HEIGHT}
    context = browser.new_context(viewport=size, color_scheme=sheet.scheme)  # type: ignore[arg-type]
    try:
        context.route("**/*", lambda route: route.abort())
        # A page of its own: about:blank, written to, has a dark ground wherever dark is preferred.
        whole = {"body": sheet.html(html), "content_type": "text/html; charset=utf-8"}
        context.route(PAGE, lambda route: route.fulfill(**whole))
        page = context.new_page()
        page.goto(PAGE)
        if sheet.wordy:
            page.evaluate(UNWORDY)
        if not sheet.pictured:
            page.evaluate(UNPICTURED)
        yield page
    finally:
        context.close()


def widen(page: "Page", width: int) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT})
