"""The text of a trending page, as copied from a browser: its furniture (badges, the call to
subscribe, a byline, the date), then a title, a blank line, its abstract, a blank line, and so on.

Nothing marks which is which but length and the full stop. In 3,519 papers of arXiv and Hugging Face
no title was longer than 221 characters or ended in a full stop, and of the abstracts under 340
characters all but one did.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from newsletter.editorial.papers import Paper, PaperId
from newsletter.sources import Fault
from newsletter.sources.texts import ABSTRACT_LIMIT, cut, folded

SIZE_LIMIT = 5_000_000  # bytes; a page of 68 papers is 114,000

_LONGEST_TITLE = 280
_SHORTEST_ABSTRACT = 60
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class _Block:
    line: int
    text: str

    @property
    def is_long(self) -> bool:
        return len(self.text) > _LONGEST_TITLE

    @property
    def is_abstract(self) -> bool:
        ends = self.text.endswith(".") and len(self.text) >= _SHORTEST_ABSTRACT
        return self.is_long or ends


def read(text: str, where: str) -> Iterator[Paper | Fault]:
    """The papers in the page's own order, which is their position, from 1; a fault for a title
    without an abstract and for an abstract without a title.

    Nothing at all where the text is no such page. Where more of it is out of place than in it
    (a letter, a manual), what looks like a paper is chance, and only the faults are told.
    """
    found = list(_pairs(_without_furniture(_blocks(text)), where))
    faults = [one for one in found if isinstance(one, Fault)]
    yield from faults if 2 * len(faults) > len(found) else found


def _pairs(blocks: list[_Block], where: str) -> Iterator[Paper | Fault]:
    title: _Block | None = None
    position = 0
    for block in blocks:
        if not block.is_abstract:
            if title:
                yield Fault(where, title.line, "a title without an abstract")
            title = block
        elif title:
            position += 1
            yield Paper(
                id=PaperId.of_title(title.text),
                title=title.text,
                abstract=cut(block.text, ABSTRACT_LIMIT),
                position=position,
            )
            title = None
        else:
            yield Fault(where, block.line, "an abstract without a title")
    if title:
        yield Fault(where, title.line, "a title without an abstract")


def _without_furniture(blocks: list[_Block]) -> list[_Block]:
    """The blocks from the first title on: the first text short enough to be one with a text below
    it that is too long to be one. Furniture can hold a sentence, so a full stop is no sign yet."""
    for index, (above, below) in enumerate(pairwise(blocks)):
        if not above.is_abstract and below.is_long:
            return blocks[index:]
    return []


def _blocks(text: str) -> list[_Block]:
    """The texts between blank lines, hard-wrapped ones unwrapped."""
    blocks: list[_Block] = []
    run: list[_Block] = []
    for number, line in enumerate([*_LINE_END.split(text), ""], 1):
        block = _Block(number, folded(line))
        if block.text:
            run.append(block)
        elif any(part.is_long for part in run):
            blocks += run  # an unwrapped text beside its title: their blank line was lost
            run = []
        elif run:
            blocks.append(_Block(run[0].line, " ".join(part.text for part in run)))
            run = []
    return blocks
