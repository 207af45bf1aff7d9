"""Hugging Face's daily papers, as `GET https://huggingface.co/api/daily_papers` answers: an array
of items, each wrapped around its `paper` or bare, or one such object alone.

The answer has no contract: every field but title and summary may be null or absent. What is the
paper's own (votes, keywords, repository) sits under `paper`, comments beside it.
"""

import json
import re
from collections.abc import Iterator

from newsletter.editorial.papers import Paper
from newsletter.sources import Fault
from newsletter.sources.records import RecordError, mended, paper_of

_DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,\[\]]*")


def read(text: str, where: str) -> Iterator[Paper | Fault]:
    """Item by item a paper, or why there is none.

    Items are decoded one at a time, so that a fault has a line, an answer cut short still brings
    what came before the cut, and several answers may follow each other in one file.
    """
    line, number, end = 1, 0, 0
    while True:
        start = _between(text, end)
        line += text.count("\n", end, start)
        if start == len(text):
            break
        number += 1
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            broken = error.lineno if isinstance(error, json.JSONDecodeError) else line
            reason = f"item {number}: not JSON from here on; nothing after it was read"
            yield Fault(where, broken, reason)
            return
        try:
            yield paper_of(value)
        except RecordError as error:
            yield Fault(where, line, f"item {number}: {error}")
        else:
            if replaced := mended(value):
                yield Fault(where, line, f"item {number}: {replaced}", mended=True)
        line += text.count("\n", start, end)
    if text.lstrip().startswith("[") and not text.rstrip().endswith("]"):
        yield Fault(where, line, "the list breaks off without its closing bracket")


def _between(text: str, start: int) -> int:
    """Where the next item begins: past commas and the brackets of the lists themselves."""
    match = _BETWEEN.match(text, start)
    return match.end() if match else start
