"""The cells of a file of ours: lists separated by `;`, and nothing that a spreadsheet would run.

An item that holds a `;` stands in quotes. A cell, or what a spreadsheet set to `;` takes for one,
that would be run as a formula gets an apostrophe.
"""

import re
from collections.abc import Iterable

# Items that begin with apostrophes anyway get one more, so that taking one off always gives back
# what was.
_FORMULA = re.compile(r"(^|;)(?='*[=+\-@\t\r])")
_GUARDED = re.compile(r"(^|;)'(?='*[=+\-@\t\r])")

_ITEM = re.compile(r'\s*+(?:"(?P<quoted>(?:[^"]++|"")*+)"\s*+(?=;|\Z)|(?P<plain>[^;]*+))(?:;|\Z)')


def listed(items: Iterable[str]) -> str:
    """The cell that holds these items; `items_of` reads them again."""
    return ";".join(map(_item, items))


def items_of(cell: str) -> list[str]:
    """The items of a cell, without blank ones."""
    items = (
        found["plain"].strip() if found["quoted"] is None else found["quoted"].replace('""', '"')
        for found in _ITEM.finditer(cell)
    )
    return [item for item in items if item]


def guarded(cell: str) -> str:
    """The cell as no spreadsheet runs it."""
    return _FORMULA.sub(r"\1'", cell)


def unguarded(cell: str) -> str:
    """The cell that `guarded` was given."""
    return _GUARDED.sub(r"\1", cell)


def _item(wish: str) -> str:
    ambiguous = ";" in wish or wish.startswith('"') or wish != wish.strip()
    return '"{}"'.format(wish.replace('"', '""')) if ambiguous else wish
