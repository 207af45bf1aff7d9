"""The mails and their pictures, for eyes."""

from collections.abc import Sequence
from pathlib import Path

from tests.inbox.browser import DARK, LIGHT, STRIPPED, WORD, chromium, shown
from tests.inbox.letter import Letter

WIDTHS = (360, 700)
TALLEST = 12_000  # px: beyond it Chromium draws nothing


def save(letters: Sequence[Letter], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for letter in letters:
        (folder / f"{letter.name}.eml").write_bytes(letter.octets)
        if letter.html:
            (folder / f"{letter.name}.html").write_text(letter.html, "utf-8", newline="")
    with chromium() as browser:
        for letter in letters:
            for sheet in (LIGHT, DARK, STRIPPED, WORD) if letter.html else ():
                for width in WIDTHS:
                    with shown(browser, letter.html, sheet, width) as page:
                        height = int(page.evaluate("document.documentElement.scrollHeight"))
                        page.screenshot(
                            path=folder / f"{letter.name}-{sheet.name}-{width}.png",
                            full_page=True,
                            clip={"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)},
                        )
