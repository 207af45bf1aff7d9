"""Papers written as JSONL, one object a line: the format to bring papers of one's own.

    {"title": "…", "abstract": "…"}
    {"id": "2604.10929", "title": "…", "summary": "…", "authors": ["…"], "votes": 12}

Keys: `id|arxiv_id`, `title`, `abstract|summary`, `authors` (names, or objects with a `name`),
`url|abs`, `pdf`, `published` (ISO), `primary_category`, `categories` (a list, or a text with
blanks between), `votes`, `comments` (a number), `comment` (the authors' line on arXiv), `keywords`,
`code`, `project`, `stars`, `position` (from 1).
"""

import io
import json
from collections.abc import Iterator

from newsletter.editorial.papers import Paper
from newsletter.sources import Fault
from newsletter.sources.records import RecordError, mended, paper_of

LINE_LIMIT = 5_000_000  # bytes; the longest line of arXiv's own days is 11,184


def read(content: bytes, where: str) -> Iterator[Paper | Fault]:
    """Line by line a paper, or why there is none; blank lines are nothing."""
    for number, line in enumerate(io.BytesIO(content), 1):
        if not line.isspace():
            try:
                value = _value(line)
                yield paper_of(value)
            except RecordError as error:
                yield Fault(where, number, str(error))
            else:
                if reason := mended(value):
                    yield Fault(where, number, reason, mended=True)


def _value(line: bytes) -> object:
    if len(line) > LINE_LIMIT:
        raise RecordError(f"longer than {LINE_LIMIT:,} bytes")
    try:
        return json.loads(line.rstrip().decode("utf-8"))
    except UnicodeDecodeError as error:
        column = len(line[: error.start].decode("utf-8")) + 1
        raise RecordError(f"not UTF-8 in column {column}") from None
    except json.JSONDecodeError as error:
        raise RecordError(f"not JSON from column {error.colno} on") from None
    except (ValueError, RecursionError):  # a number of thousands of digits, thousands of brackets
        raise RecordError("a number too long or brackets too deep to be read") from None
