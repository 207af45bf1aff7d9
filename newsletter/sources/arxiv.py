"""arXiv: each category's list of the day, by number what others put forward, and what was missed.

A list (RSS) holds today's announcements and nothing else, so a day that was not read is gone from
it. Few missed days are asked for with a query by the time of submission; more than that, and what
the query does not bring, with a harvest (OAI-PMH). One list a category: arXiv cuts a list at 2,000
rows and drops the new papers first (arxiv-feed fetches replacements before them). Terms:
https://info.arxiv.org/help/api/tou.html
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlencode, urlsplit

from newsletter.editorial.calendars import arxiv_cut_off
from newsletter.editorial.papers import PaperId
from newsletter.editorial.works import unified
from newsletter.source_settings import SourcesSettings
from newsletter.sources import Haul, Wanted, feeds
from newsletter.sources.answers import Answer
from newsletter.sources.arxiv_answers import Gap, Reading, part_of
from newsletter.sources.http import Client, Etiquette

_ROWS = 1_000  # of a query's page; the manual allows 2,000
_MOST_PAGES = 12  # of a query or a harvest: all of computer science in two weeks
_NUMBERS = 200  # papers asked for in one request: its address stays under 3 kB
_FEW_DAYS = 5  # missed ones, for which a query is quicker than a harvest
_NOTHING = b"noRecordsMatch"  # what a harvest says that finds nothing
_DAY = timedelta(days=1)
_HOSTS = ("arxiv.org", "export.arxiv.org", "rss.arxiv.org", "oaipmh.arxiv.org")
_GROUPS = {"cs", "econ", "eess", "math", "q-bio", "q-fin", "stat"}


class Arxiv:
    """The lists of the operator's categories."""

    name = "arXiv"

    def __init__(self, settings: SourcesSettings, contact: str) -> None:
        self._settings = settings.arxiv
        urls = (self._settings.feed_url, self._settings.api_url, self._settings.oai_url)
        self.etiquette = Etiquette(
            source=self.name,
            hosts=frozenset({*(urlsplit(url).hostname or "" for url in urls), *_HOSTS}),
            contact=contact,
            pause=self._settings.pause,
            timeout=settings.timeout,
            retry_wait=settings.retry_wait,
        )

    def parts(self) -> Iterable[str]:
        return [part_of(category) for category in self._settings.categories]

    def ask(self, client: Client, wanted: Wanted) -> None:
        reading = self._reading(wanted)
        for category in self._settings.categories:
            url = f"{self._settings.feed_url}/{category}"
            answer = client.get(f"feed {category}", url, feeds.refusal_in)
            if answer.closed:
                return
            reading.take(answer)
        self._ask_missed(client, reading)
        listed = {entry.paper.id for entry in feeds.entries_of(reading.lists.values())}
        self.look_up(client, [number for number in wanted.incomplete if number not in listed])

    def look_up(
        self, client: Client, numbers: list[PaperId], *, once_a_day: bool = True
    ) -> list[Answer]:
        """What arXiv says of these papers, in as few requests as can be."""
        answers = []
        for start in range(0, len(numbers), _NUMBERS):
            group = [number.arxiv or "" for number in numbers[start : start + _NUMBERS]]
            query = urlencode({"id_list": ",".join(group), "max_results": len(group)}, safe=",/")
            url = f"{self._settings.api_url}?{query}"
            answers.append(client.get("papers", url, feeds.fault_in, once_a_day=once_a_day))
        return answers

    def read(self, answers: Iterable[Answer], wanted: Wanted) -> Haul:
        reading = self._reading(wanted)
        for answer in answers:
            reading.take(answer)
        lists = [reading.listed(category) for category in self._settings.categories]
        return Haul(
            self.name,
            tuple(unified(reading.papers)),
            tuple(dict.fromkeys(reading.faults)),
            tuple(reading.updates),
            tuple(lists),
        )

    def _reading(self, wanted: Wanted) -> Reading:
        return Reading(wanted, frozenset(self._settings.holidays))

    def _ask_missed(self, client: Client, reading: Reading) -> None:
        """Ask for what no list holds any more. What was answered earlier today is not asked again,
        unless it was not enough."""
        gaps = list(filter(None, map(reading.gap, self._settings.categories)))
        few = [gap for gap in gaps if len(gap.days) <= _FEW_DAYS]
        reused = bool(few) and self._ask_query(client, few, reading)
        for gap in gaps:
            if reading.missing(gap):
                old = self._harvest(client, gap, reading)
                if old and reading.missing(gap):
                    self._harvest(client, gap, reading, anew=True)
        if reused and any(map(reading.missing, few)):
            self._ask_query(client, few, reading, anew=True)

    def _ask_query(
        self, client: Client, gaps: list[Gap], reading: Reading, *, anew: bool = False
    ) -> bool:
        """Ask for the papers of these gaps by the time of their submission; whether any answer was
        had earlier today."""
        opened = min(gap.opened for gap in gaps)
        closed = max(arxiv_cut_off(gap.until) for gap in gaps)
        categories = " OR ".join(f"cat:{gap.category}" for gap in gaps)
        span = f"submittedDate:[{opened:%Y%m%d%H%M} TO {closed:%Y%m%d%H%M}]"
        kind = "query " + "+".join(gap.category for gap in gaps)
        reused = False
        for start in range(0, _MOST_PAGES * _ROWS, _ROWS):
            query = (
                f"search_query={quote(f'({categories}) AND {span}', safe=':()[]')}"
                f"&start={start}&max_results={_ROWS}&sortBy=submittedDate&sortOrder=ascending"
            )
            url = f"{self._settings.api_url}?{query}"
            answer = client.get(kind, url, _QueryTrouble(start), once_a_day=not anew)
            reading.take(answer)
            if answer.failure:
                break
            reused = reused or answer.tries == 0
            total = feeds.read(answer.body).total or 0
            if not start + _ROWS < total <= _MOST_PAGES * _ROWS:
                break
        return reused

    def _harvest(self, client: Client, gap: Gap, reading: Reading, *, anew: bool = False) -> bool:
        """Ask for everything that has changed in the gap's category since it opened; whether any
        answer was had earlier today."""
        archive, _, subject = gap.category.partition(".")
        group = archive if archive in _GROUPS else "physics"
        parts = [group, archive, subject] if subject else [group, archive]
        since = gap.covered + _DAY
        query = f"metadataPrefix=arXiv&set={':'.join(parts)}&from={since}"
        check = _harvest_trouble
        reused = False
        for _ in range(_MOST_PAGES):
            url = f"{self._settings.oai_url}?verb=ListRecords&{query}"
            answer = client.get(f"harvest {gap.category}", url, check, once_a_day=not anew)
            reading.take(answer)
            if answer.failure:
                break
            reused = reused or answer.tries == 0
            token = feeds.read(answer.body).resumption
            if not token:
                break
            query = f"resumptionToken={quote(token, safe='')}"
            check = feeds.fault_in
        return reused


@dataclass(frozen=True, slots=True)
class _QueryTrouble:
    """Why an answer is no page of a query from row `start` on."""

    start: int

    def __call__(self, octets: bytes) -> str:
        if fault := feeds.fault_in(octets):
            return fault
        document = feeds.read(octets)
        if document.total is None:
            return "a page that does not say how many papers there are"
        if not document.rows and document.total > self.start:
            return "an empty page where papers should be"
        return ""


def _harvest_trouble(octets: bytes) -> str:
    """Why an answer is no first page of a harvest."""
    if fault := feeds.fault_in(octets):
        return fault
    is_told = feeds.read(octets).rows or _NOTHING in octets
    return "" if is_told else "a harvest without a record"
