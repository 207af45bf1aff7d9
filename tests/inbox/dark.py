"""How bright a mail is by day and by night, and whether it can be read when an app darkens it.

Chromium's forced dark is what Android's WebView does. It is tried on the mail as it is and on what
an app leaves of it that strips `<style>` and the head. Computed styles do not tell the colours
then, so that the contrast is read from the picture.
"""

import base64
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tests.inbox.browser import BARE, DARK, HERE, LIGHT, Sheet, chromium, shown
from tests.inbox.letter import Letter
from tests.inbox.verdict import Figure, Figures, Verdicts

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FloatRect, Page

WIDTHS = (360, 700)
STRIP = 4000  # px of height a picture: taller ones are not drawn whole
FORCED = ("--force-dark-mode", "--enable-features=WebContentsForceDark")


def judge(letters: Sequence[Letter]) -> Verdicts:
    written = [letter for letter in letters if letter.html]
    verdicts: Verdicts = {letter.name: {} for letter in written}
    with chromium() as browser:
        for letter in written:
            verdicts[letter.name] |= _bright(browser, letter, LIGHT, "light")
            verdicts[letter.name] |= _bright(browser, letter, DARK, "dark")
    with chromium(*FORCED) as browser:
        for letter in written:
            verdicts[letter.name] |= _bright(browser, letter, DARK, "forced")
            verdicts[letter.name] |= _bright(browser, letter, BARE, "bare")
    return verdicts


def _bright(browser: "Browser", letter: Letter, sheet: Sheet, row: str) -> Figures:
    """The mean luminance, at the width where it is higher, and the least contrast."""
    means, least = {}, []
    for width in WIDTHS:
        with shown(browser, letter.html, sheet, width) as page:
            strips = _strips(page, width)
        means[width] = sum(one["sum"] for one in strips) / sum(one["pixels"] for one in strips)
        least += [(one["least"]["contrast"], one["least"]["words"], width) for one in strips]
    told = tuple(f"{mean:.0f} at {width} px" for width, mean in means.items())
    contrast, words, width = min(least)
    return {
        f"luminance-{row}": Figure(max(means.values()), told),
        f"contrast-{row}": Figure(contrast, (f"({width} px): {words}",)),
    }


def _strips(page: "Page", width: int) -> list[dict[str, Any]]:
    script = (HERE / "light.js").read_text("utf-8")
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    boxes = page.evaluate((HERE / "boxes.js").read_text("utf-8"))
    pictures = []
    for top in range(0, height, STRIP):
        part: FloatRect = {"x": 0, "y": top, "width": width, "height": min(STRIP, height - top)}
        png = page.screenshot(full_page=True, clip=part)
        inside = [
            box | {"y": box["y"] - top}
            for box in boxes
            if top <= box["y"] and box["y"] + box["height"] <= top + part["height"]
        ]
        pictures.append((png, inside))
    return [
        page.evaluate(script, {"png": base64.b64encode(png).decode(), "boxes": inside})
        for png, inside in pictures
    ]
