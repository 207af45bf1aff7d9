"""How a mail lies on a phone, a tablet and a desktop, for every kind of client.

Outlook's window (`word`) is measured at 700 and 1280 px only: Word has no phone.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from tests.inbox.browser import (
    BLANK,
    DARK,
    HERE,
    LIGHT,
    STRIPPED,
    UNWRAPPED,
    WORD,
    chromium,
    shown,
    widen,
)
from tests.inbox.letter import Letter
from tests.inbox.verdict import Figure, Figures, Verdicts

WIDTHS = (320, 360, 700, 1280)
PHONE = 360
DESK = 1280
SHEETS = {LIGHT: WIDTHS, DARK: WIDTHS, STRIPPED: WIDTHS, BLANK: WIDTHS, WORD: (700, DESK)}
FINGER = 44
LOOSE = 24
SLACK = 0.5  # px: layouts are fractions of a pixel
Found = dict[tuple[str, int], dict[str, Any]]  # by sheet and width


def judge(letters: Sequence[Letter]) -> Verdicts:
    script = (HERE / "measure.js").read_text("utf-8")
    verdicts: Verdicts = {letter.name: {} for letter in letters}
    with chromium() as browser:
        for letter in letters:
            found: Found = {}
            for sheet, widths in SHEETS.items() if letter.html else ():
                with shown(browser, letter.html, sheet) as page:
                    for width in widths:
                        widen(page, width)
                        taps = sheet == LIGHT and width == PHONE
                        found[sheet.name, width] = page.evaluate(script, {"taps": taps})
            if found:
                with shown(browser, letter.html, UNWRAPPED, PHONE) as page:
                    unwrapped = page.evaluate(script, {"taps": False})
                verdicts[letter.name] = _figures(found, unwrapped)
    return verdicts


def _figures(found: Found, unwrapped: dict[str, Any]) -> Figures:
    figures = {
        f"overflow-{width}": _overflow({key: one for key, one in found.items() if key[1] == width})
        for width in WIDTHS
    }
    figures["overflow-unwrapped"] = _overflow({("unwrapped", PHONE): unwrapped})
    figures["overflow-stripped"] = _overflow({("stripped", PHONE): found["stripped", PHONE]})
    line = found["word", DESK]["line"]
    figures["line"] = Figure(line["width"], (line["words"],))
    return figures | _letters(found) | _links(found) | _papers(found["light", PHONE]["papers"])


def _overflow(found: Found) -> Figure:
    over = {key: one for key, one in found.items() if one["overflow"] > SLACK}
    worst = max((one["overflow"] for one in over.values()), default=0)
    told = (f"{one['overflow']:.0f} {_at(key)}: {one['culprit']}" for key, one in over.items())
    return Figure(worst, tuple(told))


def _letters(found: Found) -> Figures:
    """The size of most letters of the main part, and the smallest of all; where it is worst."""
    bodies, least = {}, {}
    for key, one in found.items():
        sizes = Counter({float(size): count for size, count in one["letters"].items()})
        bodies[key] = sizes.most_common(1)[0][0]
        small = min(one["samples"], key=float)
        least[key] = (float(small), one["samples"][small])
    body, tiny = min(bodies, key=bodies.__getitem__), min(least, key=least.__getitem__)
    return {
        "body": Figure(bodies[body], (_at(body),)),
        "smallest": Figure(least[tiny][0], (f"{_at(tiny)}: {least[tiny][1]}",)),
    }


def _links(found: Found) -> Figures:
    """Links that are not inside a sentence: their block has no other words."""
    short: dict[str, str] = {}
    loose = 0
    for key, one in found.items():
        heights = [link["height"] for link in one["links"]]
        loose = max(loose, sum(height < LOOSE - SLACK for height in heights))
        for link in one["links"]:
            if link["height"] < FINGER - SLACK:
                told = f"{link['height']:.0f} px {_at(key)}: {link['words']}"
                short.setdefault(f"{key}{link['words']}", told)
    phone = found["light", PHONE]["links"]
    covered = [link for link in phone if link["reach"] < FINGER - 1]  # whole pixels are tried
    worst = max(
        sum(link["height"] < FINGER - SLACK for link in one["links"]) for one in found.values()
    )
    return {
        "links-alone": Figure(len(phone)),
        "links-24": Figure(loose),
        "links-44": Figure(worst, tuple(short.values())),
        "links-reach": Figure(
            len(covered), tuple(f"{link['reach']} px: {link['words']}" for link in covered)
        ),
    }


def _papers(papers: list[dict[str, float]]) -> Figures:
    """Where the first title begins, and from title to title; a lone paper's row."""
    if not papers:
        return {}
    tops = [paper["top"] for paper in papers]
    apart = [after - top for top, after in pairwise(tops)]
    each = sum(apart) / len(apart) if apart else papers[0]["height"]
    told = tuple(f"paper {number}: {px:.0f} px" for number, px in enumerate(apart, 1) if px > each)
    return {"first": Figure(tops[0]), "paper": Figure(each, told)}


def _at(key: tuple[str, int]) -> str:
    return f"({key[0]}, {key[1]} px)"
