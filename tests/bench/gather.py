"""What a day of 2,000 papers costs, beside what reading the same bytes costs others: `make
bench-gather`.

Every step is a process of its own, so that its peak of memory is its own; the services answer from
this one, with answers that are made before anything is measured.
"""

import gc
import importlib.util
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from lxml import etree
from rich.console import Console
from rich.table import Table

from newsletter.cli.desk import load_catalogue
from newsletter.settings import FixedSettings
from newsletter.steps.gather import fetched, gather, replayed
from newsletter.steps.publish import publish
from newsletter.store.engine import init_store, open_store
from tests.arxiv_service import ArxivService, Calendar, Work
from tests.services import Asked, Reply, Services

HAS_FEEDPARSER = importlib.util.find_spec("feedparser") is not None
MORNING = datetime(2026, 6, 16, 6, 7, tzinfo=UTC)
TODAY = MORNING.date()
CATEGORIES = ("cs.AI", "cs.CL", "cs.CV", "cs.LG")
A_CATEGORY = 500
HF_DAYS = 14
HF_PAPERS = 30
LETTERS = 1_300
ROUNDS = 3  # the best of them counts; in the first the answers are made
FILLING = (
    "we propose a novel method that significantly outperforms existing approaches on several"
    " standard benchmarks while it requires far fewer parameters than previous work and show how"
    " the proposed framework can be extended to more complex settings in which data are scarce"
).split()
MARKS = (
    r"$\alpha_{2}$-regularised",
    r"68\% & 12 < 14",
    r"{\em a priori}",
    r"$\mathcal{O}(n \log n)$",
    r"Erd\H{o}s--R\'enyi",
    "https://github.com/example/code",
)


def works() -> list[Work]:
    """The day's papers, four lists of new ones; and those that Hugging Face has listed before."""
    chance = random.Random(7)
    catalogue = load_catalogue(FixedSettings())
    topics = [word for topic in catalogue.topics for word in topic.words]
    found = []
    for number in range(len(CATEGORIES) * A_CATEGORY + HF_DAYS * HF_PAPERS):
        mine, rest = divmod(number, A_CATEGORY)
        is_new = mine < len(CATEGORIES)
        day = TODAY if is_new else TODAY - timedelta(days=1 + rest // HF_PAPERS)
        category = CATEGORIES[mine % len(CATEGORIES)]
        text = ""
        while len(text) < LETTERS:
            sentence = [*chance.choices(FILLING, k=18), chance.choice(topics), chance.choice(MARKS)]
            chance.shuffle(sentence)
            text += f"{' '.join(sentence).capitalize()}. "
        title = f"{chance.choice(topics)} with {' '.join(chance.choices(FILLING, k=6))}: {number}"
        authors = [f"Ada{chance.randrange(900)} Lovelace-{n}" for n in range(chance.randint(1, 9))]
        work = Work(title, text.strip(), authors, (category,), MORNING - timedelta(days=2))
        work.number = f"2606.{number + 10_000}"
        work.announced = {category: day}
        found.append(work)
    return found


def hugging_face(papers: list[Work]) -> Callable[[Asked], Reply | None]:
    """Its lists: today's and those of the days before."""
    before = papers[len(CATEGORIES) * A_CATEGORY :]

    def rule(asked: Asked) -> Reply | None:
        if asked.path != "/hf/api/daily_papers":
            return None
        day = date.fromisoformat(asked.query.get("date", TODAY.isoformat()))
        place = (TODAY - day).days * HF_PAPERS
        items = [_item(work, day) for work in before[place : place + HF_PAPERS]]
        return Reply(json.dumps(items).encode())

    return rule


def _item(work: Work, day: date) -> dict[str, object]:
    return {
        "paper": {
            "id": work.number,
            "title": work.title,
            "summary": work.abstract,
            "authors": [{"name": name, "hidden": False} for name in work.authors],
            "publishedAt": work.submitted.isoformat(),
            "submittedOnDailyAt": f"{day}T00:00:00.000Z",
            "upvotes": len(work.title),
        },
        "numComments": 1,
    }


def remembering(rules: list[Callable[[Asked], Reply | None]]) -> Callable[[Asked], Reply | None]:
    """The same answers, made once."""
    made: dict[str, Reply | None] = {}

    def rule(asked: Asked) -> Reply | None:
        key = f"{asked.path}?{sorted(asked.query.items())}"
        if key not in made:
            made[key] = next((reply for one in rules if (reply := one(asked))), None)
        return made[key]

    return rule


def settings_of(folder: Path, url: str) -> FixedSettings:
    urls = {"feed_url": f"{url}/rss", "api_url": f"{url}/query", "oai_url": f"{url}/oai"}
    return FixedSettings(
        data_dir=folder,
        sources={
            "huggingface": {"url": f"{url}/hf"},
            "arxiv": {"categories": CATEGORIES, "pause": 0, **urls},
        },
    )


def step(name: str, folder: Path, url: str) -> dict[str, float]:
    """One step, with all that goes before it but is not measured."""
    settings = settings_of(folder, url)
    catalogue = load_catalogue(settings)
    store = open_store(settings.store_url)
    feeds = [path.read_bytes() for path in sorted(folder.glob("*.rss"))]
    steps: dict[str, Callable[[], object]] = {
        "fetch": lambda: fetched(store, settings, TODAY, MORNING, lambda _: None),
        "read": lambda: replayed(store, settings, TODAY),
        "lxml": lambda: [_texts(octets) for octets in feeds],
        "feedparser": lambda: [_fed(octets) for octets in feeds],
    }
    if name == "file":
        (hauls,) = replayed(store, settings, TODAY)
        with store.writing() as connection:
            return measured(lambda: gather(connection, hauls, TODAY, MORNING))
    if name == "publish":
        with store.writing() as connection:
            return measured(lambda: publish(connection, TODAY, catalogue, HF_DAYS, MORNING))
    return measured(steps[name])


def _texts(octets: bytes) -> list[list[str]]:
    root = etree.fromstring(octets)
    return [["".join(child.itertext()) for child in item] for item in root.iter("item")]


def _fed(octets: bytes) -> object:
    import feedparser

    return feedparser.parse(octets)


def measured(act: Callable[[], object]) -> dict[str, float]:
    """Seconds, those that it worked, and megabytes at their highest before and after."""
    gc.collect()
    before, begun, worked = _peak(), time.perf_counter(), time.process_time()
    kept = act()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - worked
    assert kept
    return {"seconds": seconds, "cpu": cpu, "before": before, "peak": _peak()}


def _peak() -> float:
    """What this process has held at most; getrusage alone would count its parent's share, too."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text("ascii").partition("VmHWM:")[2].split()[0]) / 1024
    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size / (1024 * 1024 if sys.platform == "darwin" else 1024)


def apart(name: str, folder: Path, url: str) -> dict[str, float]:
    """The step in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.gather", name, str(folder), url]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(answer.stdout)
    return found


ROWS = {
    "fetch": "fetch and parse (HTTP, keeping the answers)",
    "read": "of that, read and unify the kept answers",
    "file": "file into SQLite",
    "publish": "compose and keep the edition",
    "lxml": "for comparison, the four lists: plain lxml",
    "feedparser": "for comparison, the four lists: feedparser",
}


def main() -> None:
    papers = works()
    arxiv = ArxivService(papers, Calendar(TODAY - timedelta(days=30), TODAY, ()))
    arxiv.now = MORNING
    feeds = {category: arxiv.feed(category, TODAY) for category in CATEGORIES}
    rounds: list[dict[str, dict[str, float]]] = []
    with tempfile.TemporaryDirectory() as name, Services().running() as web:
        web.rules.append(remembering([arxiv, hugging_face(papers)]))
        for number in range(ROUNDS):
            folder = Path(name, str(number))
            folder.mkdir()
            init_store(settings_of(folder, web.url).store_url)
            for category, octets in feeds.items():
                (folder / f"{category}.rss").write_bytes(octets)
            steps = [row for row in ROWS if row != "feedparser" or HAS_FEEDPARSER]
            rounds.append({row: apart(row, folder, web.url) for row in steps})
        requests = len(web.asked) // ROUNDS
    size = sum(map(len, feeds.values())) / 1e6
    show(rounds, f"{len(papers):,} papers, {size:.1f} MB of lists, {requests} requests")


def show(rounds: list[dict[str, dict[str, float]]], caption: str) -> None:
    """The best of the rounds, step by step."""
    table = Table("step", "seconds", "of work", "MB before", "MB at most", caption=caption)
    for row, words in ROWS.items():
        costs = [found[row] for found in rounds if row in found]
        if costs:
            best = min(costs, key=lambda cost: cost["seconds"])
            times = (f"{best[key]:.2f}" for key in ("seconds", "cpu"))
            table.add_row(words, *times, *(f"{best[key]:.0f}" for key in ("before", "peak")))
        else:
            table.add_row(words, "not installed")
    Console(width=100).print(table)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(step(sys.argv[1], Path(sys.argv[2]), sys.argv[3])))
    else:
        main()
