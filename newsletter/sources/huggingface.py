"""Hugging Face's daily papers, as `GET https://huggingface.co/api/daily_papers` answers: an array
of items, each wrapped around its `paper` or bare, or one such object alone.

The answer has no contract: every field but title and summary may be null or absent. What is the
paper's own (votes, keywords, repository) sits under `paper`, comments beside it. The list's day is
`submittedOnDailyAt`; `publishedAt` is the paper's own and days before.
https://huggingface.co/.well-known/openapi.json
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from newsletter.editorial.calendars import hugging_face_due, hugging_face_rest
from newsletter.editorial.freshness import Batch
from newsletter.editorial.papers import Paper, PaperId, Seen
from newsletter.editorial.works import unified
from newsletter.source_settings import HuggingFaceSettings, SourcesSettings
from newsletter.sources import Fault, Haul, Listed, Wanted
from newsletter.sources.answers import Answer
from newsletter.sources.http import BreaksOff, Client, Etiquette
from newsletter.sources.limits import FAULTS_TOLD, RECORD_LIMIT, TOO_MANY, and_more
from newsletter.sources.records import RecordError, mended, paper_of

_DECODER = json.JSONDecoder()
_BETWEEN = re.compile(r"[\s,\[\]]*")
_PAGE = 100  # the most that one answer holds
_MOST_PAGES = 5
_FEWEST_LISTS = 4  # back to Friday's on a Monday, however short the window
_DAY = timedelta(days=1)
_NOT_JSON = "not JSON from here on; nothing after it was read"
_CUT = "the list breaks off without its closing bracket"


def read(text: str, where: str) -> Iterator[Paper | Fault]:
    """Item by item a paper, or why there is none."""
    return (found for _, found in _read(text, where))


def _read(text: str, where: str) -> Iterator[tuple[date | None, Paper | Fault]]:
    """The same, each with the day of the list it stands in.

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
        if number > RECORD_LIMIT:
            yield None, Fault(where, line, TOO_MANY)
            return
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            broken = error.lineno if isinstance(error, json.JSONDecodeError) else line
            yield None, Fault(where, broken, f"item {number}: {_NOT_JSON}")
            return
        try:
            yield _listed(value), paper_of(value)
        except RecordError as error:
            yield None, Fault(where, line, f"item {number}: {error}")
        else:
            if replaced := mended(value):
                yield None, Fault(where, line, f"item {number}: {replaced}", mended=True)
        line += text.count("\n", start, end)
    if text.lstrip().startswith("[") and not text.rstrip().endswith("]"):
        yield None, Fault(where, line, _CUT)


def _between(text: str, start: int) -> int:
    """Where the next item begins: past commas and the brackets of the lists themselves."""
    match = _BETWEEN.match(text, start)
    return match.end() if match else start


def _listed(item: object) -> date | None:
    """The day of the list that an item stands in, in UTC."""
    inner = item.get("paper") if isinstance(item, dict) else None
    for holder in (inner, item):
        text = holder.get("submittedOnDailyAt") if isinstance(holder, dict) else None
        try:
            moment = datetime.fromisoformat(str(text))
            return moment.astimezone(UTC).date() if moment.tzinfo else moment.date()
        except (ValueError, OverflowError):  # a zone can lead out of the years 1 to 9999
            continue
    return None


def no_list(octets: bytes) -> str:
    """Why an answer is no list of papers, or not the whole of one, "" where it is one."""
    if trouble := _unlike(octets, b"[", "list of papers"):
        return trouble
    found = _read(octets.decode("utf-8", "replace"), "")
    return BreaksOff("it breaks off" if any(_is_break(one) for _, one in found) else "")


def no_paper(octets: bytes) -> str:
    """Why an answer is no paper, "" where it is one."""
    return _unlike(octets, b"{", "paper")


def _unlike(octets: bytes, expected: bytes, noun: str) -> str:
    head = octets.lstrip()[:1]
    if head == expected:
        return ""
    if not head:
        return "an empty answer"
    return f"a web page instead of a {noun}" if head == b"<" else f"no {noun}"


def _is_break(found: Paper | Fault) -> bool:
    return isinstance(found, Fault) and found.reason.endswith((_NOT_JSON, _CUT, TOO_MANY))


class HuggingFace:
    """The lists of the window's days, read anew for today's votes, and the trending page."""

    name = "Hugging Face"

    def __init__(self, settings: SourcesSettings, contact: str) -> None:
        self._settings: HuggingFaceSettings = settings.huggingface
        token = self._settings.token
        self.etiquette = Etiquette(
            source=self.name,
            hosts=frozenset({urlsplit(self._settings.url).hostname or ""}),
            contact=contact,
            timeout=settings.timeout,
            retry_wait=settings.retry_wait,
            token=token.get_secret_value() if token else "",
            setting="sources.huggingface.token",
        )

    def parts(self) -> Iterable[str]:
        return (self.name,)

    def ask(self, client: Client, wanted: Wanted) -> None:
        today = wanted.now.astimezone(UTC).date()
        # What is due may still come, and what is not covered has to; of the others only the votes
        # change.
        covered = wanted.covered.get(self.name, date.min)
        settled = min(covered, hugging_face_due(wanted.now) - _DAY)
        for back in range(max(wanted.window_days, _FEWEST_LISTS)):
            day = today - back * _DAY
            for page in range(_MOST_PAGES):
                url = self._url(f"date={day}&limit={_PAGE}" + (f"&p={page}" if page else ""))
                answer = client.get(f"list {day}", url, no_list, once_a_day=day <= settled)
                if answer.closed:
                    return
                if answer.failure or len(_items(answer.body)) < _PAGE:
                    break
        client.get("trending", self._url(f"sort=trending&limit={_PAGE}"), no_list)

    def paper(self, client: Client, paper_id: PaperId) -> Answer:
        """What is said of one paper; a failure with status 404 where it is not known."""
        url = f"{self._settings.url}/api/papers/{paper_id.arxiv}"
        return client.get(f"paper {paper_id.arxiv}", url, no_paper)

    def read(self, answers: Iterable[Answer], wanted: Wanted) -> Haul:
        reading = _Reading(wanted.now, {})
        for answer in answers:
            kind, _, _ = answer.kind.partition(" ")
            if answer.failure:
                reading.failed[answer.kind] = answer.failure
                if kind == "trending":
                    reading.faults.append(Fault("Hugging Face, trending", None, answer.failure))
            elif kind == "paper":
                reading.updates += reading.papers_of(answer)
            else:
                reading.papers += reading.papers_of(answer, on_page=kind == "trending")
        return Haul(
            self.name,
            tuple(unified(reading.papers)),
            tuple(reading.faults),
            tuple(reading.updates),
            (reading.listed(self.name, wanted),),
        )

    def _url(self, query: str) -> str:
        return f"{self._settings.url}/api/daily_papers?{query}"


@dataclass(slots=True)
class _Reading:
    """The answers of one gathering as they are being read."""

    now: datetime
    failed: dict[str, str]
    """By what was asked for (`list 2026-11-25`): why it did not come, or not whole."""
    papers: list[Paper] = field(default_factory=list)
    updates: list[Paper] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    came: set[str] = field(default_factory=set)
    """The lists that came, whole or not."""
    lists: dict[date, set[PaperId]] = field(default_factory=lambda: defaultdict(set))

    def papers_of(self, answer: Answer, *, on_page: bool = False) -> list[Paper]:
        """The papers of an answer, their counts seen now; on the trending page with their place."""
        where = f"Hugging Face, {answer.kind}"
        kind, _, asked = answer.kind.partition(" ")
        self.came |= {answer.kind} if kind == "list" else set()
        found: list[Paper] = []
        place = told = untold = 0
        for day, one in _read(answer.body.decode("utf-8", "replace"), where):
            if isinstance(one, Fault):
                if is_break := _is_break(one):
                    self.failed[answer.kind] = "it breaks off"
                if is_break or told < FAULTS_TOLD:
                    told += 1
                    self.faults.append(one)
                else:
                    untold += 1
                place += not one.mended  # an item has its place even where it makes no paper
                continue
            place += 1
            position = place if on_page else None
            found.append(_seen_at(replace(one, position=position), self.now))
            if kind == "list":  # an item whose own day is none stands in the list asked for
                is_told = day and day <= self.now.astimezone(UTC).date()
                self.lists[day if day and is_told else date.fromisoformat(asked)].add(one.id)
        if untold:
            self.faults.append(Fault(where, None, and_more(untold)))
        return found

    def listed(self, part: str, wanted: Wanted) -> Listed:
        """The list that is due, or the newest there is, and what is missing."""
        due = hugging_face_due(wanted.now)
        if not self.came:
            reason = next(iter(self.failed.values()), "not asked")
            batch = Batch(part, due=due, trouble=reason, usable=False)
            return Listed(batch, wanted.covered.get(part))
        day = due if due in self.lists else max(self.lists, default=None)
        covered = self._covered(wanted, part)
        # A list that was read whole once is read again for its votes alone.
        missing = [
            f"its {kind.replace(' ', ' of ')}: {reason}"
            for kind, reason in self.failed.items()
            if kind.startswith("list ") and kind > f"list {covered}"
        ]
        rest = hugging_face_rest(wanted.now)
        if day and day > due and not rest and f"list {due}" not in self.failed:
            missing.append(f"its list of {due:%A} {due} is empty, though that of {day} is not")
        ids = frozenset(self.lists[day]) if day else frozenset()
        return Listed(Batch(part, day, due, rest, ids, "; ".join(missing)), covered)

    def _covered(self, wanted: Wanted, part: str) -> date:
        """The newest day that is over and up to which no list is missing."""
        yesterday = wanted.now.astimezone(UTC).date() - _DAY
        opened = yesterday - (wanted.window_days - 1) * _DAY  # the day before the first asked for
        covered = max(wanted.covered.get(part, opened), opened)
        whole = self.came - self.failed.keys()
        while covered < yesterday and f"list {covered + _DAY}" in whole:
            covered += _DAY
        return covered


def _items(body: bytes) -> list[object]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return []
    return value if isinstance(value, list) else []


def _seen_at(paper: Paper, now: datetime) -> Paper:
    """The paper with `now` as the time at which each of its counts was seen."""
    names = [name for name in Seen.__dataclass_fields__ if getattr(paper, name) is not None]
    return replace(paper, seen=Seen(**dict.fromkeys(names, now)))
