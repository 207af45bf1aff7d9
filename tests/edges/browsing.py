"""Mails in a headless Chromium: drawn as mail clients would draw them, and measured."""

import base64
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, Route, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = 360
WIDTHS = (320, PHONE, 700, 1280)
LINE, SPREAD = 700, 4000  # the part of a page whose lightness is measured, px

MEASURE = """
() => {
  const block = node => {
    while (getComputedStyle(node).display === 'inline') node = node.parentElement;
    return node;
  };
  const blocks = new Map(), prose = new Set(), sizes = {}, range = document.createRange();
  const body = document.querySelector('main, [role=main]') || document.body;
  let smallest = [1000, ''];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, node = text.parentElement, words = text.data.trim();
    range.selectNodeContents(text);
    const boxes = [...range.getClientRects()];
    if (!words || !boxes.length) continue;
    const [left, right] = blocks.get(block(node)) || [Infinity, -Infinity];
    blocks.set(block(node), [Math.min(left, ...boxes.map(box => box.left)),
                             Math.max(right, ...boxes.map(box => box.right))]);
    const size = parseFloat(getComputedStyle(node).fontSize);
    if (size < smallest[0]) smallest = [size, words];
    if (body.contains(node)) sizes[size] = (sizes[size] || 0) + words.length;
    if (!node.closest('a') && /[\\p{L}\\p{N}]/u.test(words)) prose.add(block(node));
  }
  const spans = [...blocks.values()];
  return {
    needs: document.documentElement.scrollWidth,
    left: Math.min(...spans.map(span => span[0])),
    right: Math.max(...spans.map(span => span[1])),
    longest: Math.max(...spans.map(span => span[1] - span[0])),
    usual: Number(Object.keys(sizes).reduce((a, b) => sizes[b] > sizes[a] ? b : a)),
    smallest,
    links: [...document.querySelectorAll('a[href]')]
      .filter(link => link.getClientRects().length && !prose.has(block(link.parentElement)))
      .map(link => [link.getBoundingClientRect().height, link.innerText]),
    images: [...document.images].map(image => [image.clientWidth, image.clientHeight]),
    headings: [...document.querySelectorAll('h2')].map(node => node.getBoundingClientRect().top),
  };
}
"""
AXE = """
async () => {
  const rules = {'target-size': {enabled: true}};  // WCAG 2.2 AA, off by default
  const {violations} = await axe.run({resultTypes: ['violations'], rules});
  return violations.map(({id, nodes}) => `${id} (${nodes.length}×): ${nodes[0].html.slice(0, 160)}
    ${nodes[0].failureSummary}`);
}
"""
LIGHTNESS = """
async png => {
  const image = new Image();
  image.src = 'data:image/png;base64,' + png;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
  canvas.drawImage(image, 0, 0);
  const {data} = canvas.getImageData(0, 0, image.width, image.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4)
    sum += 0.2126 * data[i] + 0.7152 * data[i + 1] + 0.0722 * data[i + 2];
  return sum / (data.length / 4);
}
"""
# What a server might answer for any image: wider than every window, unless the mail sizes it.
PICTURE = '<svg xmlns="http://www.w3.org/2000/svg" width="2000" height="400"/>'


def stripped(html: str) -> str:
    """As webmail shows it that keeps inline styles only."""
    return re.sub(r"(?s)<style.*?</style>", "", html)


def blocked(html: str) -> str:
    """As it is shown until the reader asks for images."""
    return re.sub(r'(<img\b[^>]*?) src="[^"]*"', r'\1 src="data:,"', html)


def outlook(html: str) -> str:
    """As Outlook for Windows lays it out: no max-width, no flex, and what only Outlook reads."""
    html = re.sub(r"(?s)<!--\[if !mso.*?<!\[endif\]-->", "", stripped(html))
    html = re.sub(r"(?s)<!--\[if [^]!]*mso[^]]*\]>(.*?)<!\[endif\]-->", r"\1", html)
    return re.sub(r"(?:max-width\s*:|display\s*:\s*(?:inline-)?flex)[^;\"']*;?", "", html)


@dataclass(frozen=True, slots=True)
class Look:
    """A drawn mail in px: how far its text and its boxes reach, how large its letters are."""

    needs: float  # the width of the page, with all that would have to be scrolled to
    left: float
    right: float
    longest: float  # the widest block of text
    usual: float  # the size of most letters of the main part
    smallest: tuple[float, str]
    links: list[tuple[float, str]]  # the height and words of links that stand outside sentences
    images: list[tuple[float, float]]
    headings: list[float]  # where each h2 begins


class Gallery:
    """A page of the browser in which mails are looked at; each is measured once and remembered."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._shown = ""
        self._fetched: dict[str, set[str]] = {}
        self._looks: dict[tuple[str, bool], dict[int, Look]] = {}
        page.route("**/*", self._answer)
        page.evaluate(AXE_SCRIPT)

    def look(self, html: str, width: int, *, dark: bool = False) -> Look:
        if (html, dark) not in self._looks:
            self._show(html, dark=dark)
            self._looks[html, dark] = {width: self._measure(width) for width in WIDTHS}
        return self._looks[html, dark][width]

    def fetched(self, html: str) -> set[str]:
        """The addresses that were asked for when the mail was opened, by day and by night."""
        self.look(html, PHONE)
        self.look(html, PHONE, dark=True)
        return self._fetched[html]

    def violations(self, html: str, *, dark: bool = False) -> list[str]:
        """What axe-core objects to, by its rules for WCAG 2.2 A and AA and for best practices."""
        self._show(html, dark=dark)
        self._page.set_viewport_size({"width": PHONE, "height": 800})
        found: list[str] = self._page.evaluate(AXE)
        return found

    def lightness(self, html: str, *, dark: bool = False) -> float:
        """The mean luminance of the page, from 0 (black) to 255 (white)."""
        self._show(html, dark=dark)
        self._page.set_viewport_size({"width": LINE, "height": 800})
        height = self._page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": LINE, "height": min(height, SPREAD)}
        png = self._page.screenshot(full_page=True, clip=clip)  # type: ignore[arg-type]
        mean: float = self._page.evaluate(LIGHTNESS, base64.b64encode(png).decode())
        return mean

    def _answer(self, route: Route) -> None:
        """Nothing leaves this machine: every image is the same picture, all else is refused."""
        self._fetched[self._shown].add(route.request.url)
        if route.request.resource_type == "image":
            route.fulfill(body=PICTURE, content_type="image/svg+xml")
        else:
            route.abort()

    def _show(self, html: str, *, dark: bool) -> None:
        self._shown = html
        self._fetched.setdefault(html, set())
        self._page.emulate_media(color_scheme="dark" if dark else "light")
        self._page.set_content(html)

    def _measure(self, width: int) -> Look:
        self._page.set_viewport_size({"width": width, "height": 800})
        measured: dict[str, Any] = self._page.evaluate(MEASURE)
        return Look(**measured)


@contextmanager
def launched() -> Iterator[Browser]:
    """A browser. While it is open, asyncio.run() fails in this thread, since Playwright's loop runs
    here."""
    with sync_playwright() as playwright:
        sandbox = os.geteuid() != 0
        browser = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=sandbox)
        yield browser
        browser.close()


@contextmanager
def gallery() -> Iterator[Gallery]:
    """A gallery in a browser of its own."""
    with launched() as browser:
        yield Gallery(browser.new_page())
