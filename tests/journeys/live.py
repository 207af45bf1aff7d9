"""Hugging Face and arXiv as they answer on the days around June 2026, with made-up papers; a place
whose readers are served from them."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.journeys.place import Place, Ran
from tests.services import Asked, Reply, Services

EASTERN = ZoneInfo("America/New_York")
LIST, FEED, QUERY, HARVEST = "/hf/api/daily_papers", "/rss/cs.AI", "/query", "/oai"
READERS = "email,max_papers\nada@example.org,36\nben@example.org,36\n"
PARTS = {"Hugging Face": 0, "cs.AI": 1, "cs.CL": 2}
CERTIFICATE = Path(__file__).parents[1] / "edges/self_signed.pem"
TOPICS = """\
[[topic]]
slug = "measuring"
title = "Measuring"
sentence = "What is measured."
categories = []
words = ["measurement"]
"""
SKIP_DAYS = "<skipDays><day>Saturday</day><day>Sunday</day></skipDays>"
_SPACES = (
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
)


def ids(part: str, day: date, count: int = 4) -> list[str]:
    """The numbers of the papers that a list puts forward on a day: all different."""
    return [f"{day:%y%m}.{day.day:02}{PARTS[part]}{n:02}" for n in range(1, count + 1)]


def title_of(number: str) -> str:
    return f"A made-up measurement, number {number}"


def hf_item(number: str, day: date) -> dict[str, object]:
    """An item of Hugging Face's list of a day."""
    paper = {
        "id": number,
        "title": title_of(number),
        "summary": f"What number {number} measured is written here.",
        "authors": [{"name": "Ada Example", "hidden": False}],
        "publishedAt": f"{day - timedelta(days=2)}T00:00:00.000Z",
        "submittedOnDailyAt": f"{day}T00:00:00.000Z",
        "upvotes": 3,
    }
    return {"paper": paper, "title": paper["title"], "numComments": 1}


def hf_list(day: date, count: int = 4) -> bytes:
    return json.dumps([hf_item(number, day) for number in ids("Hugging Face", day, count)]).encode()


def feed(
    category: str,
    day: date,
    numbers: Sequence[str] | None = None,
    kind: str = "new",
    head: str = '<?xml version="1.0" encoding="UTF-8"?>',
) -> bytes:
    """The announcements of a category in RSS; none on Saturdays and Sundays unless given."""
    if numbers is None:
        numbers = ids(category, day) if day.weekday() < 5 else []
    at = format_datetime(datetime(day.year, day.month, day.day, tzinfo=EASTERN))
    items = "".join(
        f"<item><title>{title_of(number)}</title><link>https://arxiv.org/abs/{number}</link>"
        f"<description>arXiv:{number}v1 Announce Type: {kind} \nAbstract: What number {number}"
        f' measured.</description><guid isPermaLink="false">oai:arXiv.org:{number}v1</guid>'
        f"<category>{category}</category><pubDate>{at}</pubDate>"
        f"<arxiv:announce_type>{kind}</arxiv:announce_type>"
        "<dc:creator>Ada Example, Ben Example</dc:creator></item>\n"
        for number in numbers
    )
    return (
        f'{head}<rss {_SPACES} version="2.0"><channel><title>{category} updates</title>\n'
        f"<pubDate>{at}</pubDate>{SKIP_DAYS}\n{items}</channel></rss>"
    ).encode()


def found(
    numbers: Iterable[str], submitted: str = "2026-06-12", total: int = -1, category: str = "cs.AI"
) -> bytes:
    """A page of arXiv's query interface."""
    entries = [
        f"<entry><id>http://arxiv.org/abs/{number}v1</id><title>{title_of(number)}</title>"
        f"<published>{submitted}T12:00:00Z</published><summary>What number {number} measured."
        "</summary><author><name>Ada Example</name></author>"
        f'<arxiv:primary_category term="{category}"/><category term="{category}"/></entry>\n'
        for number in numbers
    ]
    return atom("".join(entries), total if total >= 0 else len(entries))


def atom(entries: str, total: int = 1) -> bytes:
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {_SPACES}><title>arXiv Query</title>'
        f"<updated>2026-06-16T04:00:00Z</updated>"
        f"<opensearch:totalResults>{total}</opensearch:totalResults>{entries}</feed>"
    ).encode()


ERROR_ENTRY = atom(
    "<entry><id>https://arxiv.org/api/errors#incorrect_id_format_for_abc</id><title>Error</title>"
    "<summary>incorrect id format for abc</summary></entry>"
)


NOTHING_HARVESTED = (
    b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="noRecordsMatch">'
    b"nothing has changed</error></OAI-PMH>"
)


BROKEN = Reply(b"", 500)


@dataclass
class Live:
    """A place, and the services that its papers come from."""

    place: Place
    web: Services
    today: date = date(2026, 6, 15)
    """What day it is at the services."""
    # Of certificates this one alone is trusted: to load those of all the world takes longer than a
    # run. And of topics there is one, for the same reason.
    env: dict[str, str] = field(default_factory=lambda: {"SSL_CERT_FILE": str(CERTIFICATE)})
    said: list[Ran] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.web.rules.append(self._usual)

    def configure(
        self, *enabled: str, categories: str = '"cs.AI"', more: str = "", edition: str = ""
    ) -> None:
        self.place.configure()
        tables = self.web.settings(
            *(enabled or ("huggingface", "arxiv")), categories=categories, more=more
        )
        # Patient with a busy machine; who tests silence asks for less.
        tables = tables.replace("timeout = 0.5", "timeout = 10")
        self.place.write("topics.toml", TOPICS)
        path = self.place.folder / "newsletter.toml"
        text = path.read_text().replace("[sources]\nenabled = []\n", tables)
        path.write_text(
            f'topics_file = "topics.toml"\n{text}[edition]\nwindow_days = 6\n{edition}\n'
        )

    def mend(self, old: str, new: str) -> None:
        """Say something else in the settings."""
        path = self.place.folder / "newsletter.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def run(self, now: str, code: int = 0, *words: str | Path) -> Ran:
        """A run at that moment of 2026 (UTC)."""
        return self("run", "--now", f"2026-{now}Z", *words, code=code)

    def __call__(self, *words: str | Path, code: int | None = 0) -> Ran:
        if "--now" in words:
            self.today = date.fromisoformat(str(words[words.index("--now") + 1])[:10])
        ran = self.place(*words, code=code, env=self.env)
        assert "Traceback" not in ran.err, ran.err[-3000:]
        self.said.append(ran)
        return ran

    def mailed(self) -> dict[str, list[str]]:
        """By reader the numbers of all papers she was mailed; forgets the mails."""
        mails: dict[str, list[str]] = {}
        for mail in self.place.mails():
            text = mail.get_body(("plain",)).get_content()
            numbers = re.findall(r"Abstract: https://arxiv.org/abs/(\S+)", text)
            mails.setdefault(str(mail["To"]).split("@")[0], []).extend(sorted(numbers))
        self.place.forget_mails()
        return mails

    def asked(self, path: str = "") -> list[Asked]:
        """The requests so far whose paths begin so."""
        return [asked for asked in self.web.asked if asked.path.startswith(path)]

    def _usual(self, asked: Asked) -> Reply | None:
        """As on a good day."""
        name = asked.path.rpartition("/")[2]
        if asked.path == LIST:
            day = date.fromisoformat(asked.query.get("date", "2026-01-03"))
            is_there = day < self.today and day.weekday() < 5
            return Reply(hf_list(day) if is_there else b"[]")
        if asked.path.startswith("/rss/"):
            return Reply(feed(name, self.today))
        if asked.path == QUERY:
            listed = asked.query.get("id_list", "")
            return Reply(found(listed.split(",") if listed else []))
        if asked.path == HARVEST:  # on days that nobody gathered for nothing was announced
            return Reply(NOTHING_HARVESTED)
        return None


def verdicts(ran: Ran) -> dict[str, str]:
    """By list the word and the sentence."""
    lines = re.findall(r"^  (Hugging Face|arXiv \S+|folder): (.*)$", ran.out, re.MULTILINE)
    return dict(lines)


def both(*numbers: list[str]) -> dict[str, list[str]]:
    """What `mailed` says where each of the two readers got these papers once."""
    papers = sorted(number for some in numbers for number in some)
    return {"ada": papers, "ben": papers}
