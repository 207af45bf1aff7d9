"""Accessibility as axe-core and HTML_CodeSniffer see it: light, dark and without `<style>`.

HTML_CodeSniffer takes a table with `role="presentation"` for an error whatever it holds (F92), and
then looks at nothing inside it: a mail laid out with such tables is hardly judged. `role="none"`
says the same to a reader's programs, and it looks inside.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.inbox.browser import DARK, LIGHT, STRIPPED, chromium, shown
from tests.inbox.letter import Letter
from tests.inbox.tools import package
from tests.inbox.verdict import Figure, Figures, Verdicts

if TYPE_CHECKING:
    from playwright.sync_api import Page

SHEETS = (LIGHT, DARK, STRIPPED)
AXE = "axe.run(document, {resultTypes: ['violations', 'incomplete']})"  # with all default rules
SNIFF = """new Promise((resolve) => HTMLCS.process("WCAG2AA", document, () => resolve(
  HTMLCS.getMessages().map(({type, code, msg, element}) =>
    ({type, code, msg, html: (element.outerHTML ?? "document").slice(0, 300)})))))"""


def axe(letters: Sequence[Letter]) -> Verdicts:
    return _judged(letters, package("axe-core") / "axe.min.js", "axe")


def sniffer(letters: Sequence[Letter]) -> Verdicts:
    return _judged(letters, package("html_codesniffer") / "build/HTMLCS.js", "htmlcs")


def _judged(letters: Sequence[Letter], script: Path, judge: str) -> Verdicts:
    ask = {"axe": ask_axe, "htmlcs": _ask_sniffer}[judge]
    verdicts: Verdicts = {}
    with chromium() as browser:
        for letter in letters:
            figures: Figures = {}
            for sheet in SHEETS if letter.html else ():
                with shown(browser, letter.html, sheet) as page:
                    page.add_script_tag(path=script)
                    sure, unsure = ask(page)
                figures[f"{judge}-{sheet.name}"] = Figure(len(sure), sure)
                figures[f"{judge}-{sheet.name}-unsure"] = Figure(len(unsure), unsure)
            verdicts[letter.name] = figures
    return verdicts


def ask_axe(page: "Page") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """An element that violates a rule is a violation each; and what axe could not decide."""
    said: dict[str, Any] = page.evaluate(AXE)
    sure, unsure = (
        tuple(
            f"{rule['id']}: {_tag(node['html'])} ({' '.join(_reasons(node))})"
            for rule in said[key]
            for node in rule["nodes"]
        )
        for key in ("violations", "incomplete")
    )
    return sure, unsure


def _tag(html: str) -> str:
    """The element without what it holds, so that its likes are counted together."""
    return html.partition(">")[0][:200] + ">"


def _reasons(node: dict[str, Any]) -> list[str]:
    return [check["message"] for check in (*node["any"], *node["all"], *node["none"])]


def _ask_sniffer(page: "Page") -> tuple[tuple[str, ...], tuple[str, ...]]:
    said: list[dict[str, Any]] = page.evaluate(SNIFF)
    errors, warnings = (
        tuple(f"{one['code']}: {_tag(one['html'])}" for one in said if one["type"] == kind)
        for kind in (1, 2)
    )
    return errors, warnings
