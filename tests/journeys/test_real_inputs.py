"""Real papers to many readers with very different wishes, into a real SMTP server."""

import gzip
import json
import re
from collections import Counter, defaultdict
from email.message import EmailMessage
from pathlib import Path

import pytest

from newsletter.cli.desk import load_catalogue
from newsletter.editorial.papers import PaperId
from newsletter.settings import FixedSettings
from newsletter.sources.files import read_papers
from tests.journeys.place import SHARED, Place

pytestmark = [
    pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here"),
    pytest.mark.usefixtures("bundled_look"),
]

CATALOGUE = load_catalogue(FixedSettings())
# 24 sets of wishes; the first has none.
WISHES = [
    {},
    *({"topics": slug} for slug in sorted(CATALOGUE.slugs)[:14]),
    {"topics": "computer-vision;robotics", "max_papers": "3"},
    {"topics": "computer-vision", "muted_topics": "diffusion-models"},
    {"topics": "computer-vision", "muted_keywords": "segmentation;survey"},
    {"keywords": "pruning;lottery ticket"},
    {"keywords": "segmentation", "format": "text"},
    {"topics": "medical-imaging", "frequency": "weekdays"},
    {"topics": "optimization", "frequency": "weekly", "weekday": "mon"},
    {"muted_topics": "computer-vision"},
    {"topics": "music"},
]
COLUMNS = [
    "email", "name", "topics", "muted_topics", "keywords", "muted_keywords", "frequency",
    "weekday", "max_papers", "format",
]  # fmt: skip


def wishes_of(address: str) -> dict[str, str]:
    return WISHES[int(address[1:4]) % len(WISHES)]


def enrol(place: Place, count: int) -> None:
    rows = [",".join(COLUMNS)]
    for number in range(count):
        row = {"email": f"r{number:03}@example.org", "name": f"Reader {number}"}
        row |= wishes_of(row["email"])
        rows.append(",".join(f'"{row.get(column, "")}"' for column in COLUMNS))
    place.write("readers.csv", "\n".join(rows) + "\n")
    done = place("subscribers", "import", "readers.csv", "--consent", "they are made up")
    assert f"{count} added" in done.out


def morning(place: Place, file: Path, day: str) -> dict[str, EmailMessage]:
    """One run, its mails by recipient; nobody got two."""
    place.forget_mails()
    place("run", "--papers", file, "--day", day, "--now", f"{day}T08:00:00Z")
    mails = place.mails()
    found = {str(mail["To"]): mail for mail in mails}
    assert len(found) == len(mails)
    report = place.status()
    assert sum(report["deliveries"].values()) == report["due"]
    assert report["deliveries"]["sent"] == len(mails)
    assert report["deliveries"]["skipped"] == sum(r["count"] for r in report["reasons"])
    return found


def papers_of(mail: EmailMessage) -> list[str]:
    """Ids (or titles, where there is no id) of a mail's papers, from its text part."""
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    found = []
    for block in text.split("-" * 72)[1:-1]:
        if not re.match(r"\d+ · ", block.strip()):
            continue  # the rest of the day
        _reason, title, *_ = block.strip().split("\n\n")
        link = re.search(r"^Abstract: (.*)$", block, re.MULTILINE)
        identity = PaperId.parse(link[1]) if link else None
        found.append(str(identity) if identity else " ".join(title.split()))
    return found


def test_the_trending_page_reaches_200_readers_by_their_wishes(place: Place) -> None:
    enrol(place, 200)
    file = SHARED / "seed/trending-page.txt"
    topics: dict[str, set[str]] = defaultdict(set)
    for paper in read_papers(file).papers:
        for assignment in CATALOGUE.assign(paper):
            topics[assignment.topic].add(paper.title)
    found = morning(place, file, "2026-03-13")
    report = place.status()
    assert report["edition"]["papers"] == 68
    weekly = {r for r in map("r{:03}@example.org".format, range(200)) if "weekday" in wishes_of(r)}
    assert report["due"] == 200 - len(weekly)
    for number in range(200):
        address = f"r{number:03}@example.org"
        wishes = wishes_of(address)
        wanted = [topics[slug] for slug in wishes.get("topics", "").split(";") if slug]
        if address in weekly:
            assert address not in found
        elif wanted and not set().union(*wanted):
            assert address not in found, "nothing on the page belongs to her topic"
        else:
            mail = found[address]
            text = " ".join(mail.get_body(("plain",)).get_content().split())
            printed = {p.title for p in read_papers(file).papers if plain(p.title) in text}
            assert printed
            if wanted:
                assert printed <= set().union(*wanted)
            for muted in filter(None, wishes.get("muted_topics", "").split(";")):
                assert not printed & topics[muted]
            assert len(papers_of(mail)) <= int(wishes.get("max_papers", 10))
    again = place("run", "--papers", file, "--day", "2026-03-13", "--now", "2026-03-13T08:00Z")
    assert "none to send" in again.out


def plain(title: str) -> str:
    from newsletter.rendering.tex import to_text

    return " ".join(to_text(title).split())


def test_hugging_face_on_two_days(place: Place) -> None:
    enrol(place, 48)
    seen: dict[str, set[str]] = defaultdict(set)
    for day in ("2026-06-12", "2026-07-13"):
        for address, mail in morning(place, SHARED / f"hf/daily_papers-{day}.json", day).items():
            papers = papers_of(mail)
            assert len(papers) == len(set(papers)) > 0
            assert not seen[address] & set(papers)
            seen[address] |= set(papers)
    assert place.status()["edition"] == {
        "number": 2, "day": "2026-07-13", "papers": 25, "new_papers": 25, "freshness": "fresh",
        "sentence": "",
    }  # fmt: skip


def test_a_day_of_846_lines_is_644_papers(place: Place) -> None:
    enrol(place, 48)
    found = morning(place, SHARED / "arxiv/day-2026-04-21.jsonl.gz", "2026-04-21")
    assert place.status()["edition"]["papers"] == 644
    assert len(found) > 40


def test_the_same_list_on_three_days_reaches_everyone_once(place: Place) -> None:
    enrol(place, 48)
    times: Counter[tuple[str, str]] = Counter()
    for day in ("2025-03-28", "2025-03-29", "2025-03-30"):
        for address, mail in morning(place, SHARED / f"arxiv/day-{day}.jsonl.gz", day).items():
            times.update((address, paper) for paper in papers_of(mail))
        if day != "2025-03-28":
            assert place.mails() == []
            assert place.status()["edition"]["freshness"] == "quiet"
    assert set(times.values()) == {1}


def test_awkward_papers_are_printed_whole_and_harmless(place: Place) -> None:
    place.write("one.csv", "email,max_papers\nall@example.org,100\n")
    place("subscribers", "import", "one.csv", "--consent", "made up")
    file = SHARED / "arxiv/awkward.jsonl.gz"
    mail = morning(place, file, "2026-06-16")["all@example.org"]
    html = mail.get_body(("html",)).get_content()
    text = mail.get_body(("plain",)).get_content()
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    assert html.count("<h2") == len({record["id"].split("v")[0] for record in records})
    assert "<think>" not in html
    assert "<script" not in html
    assert len(text) > 10_000


def test_a_mail_never_grows_beyond_what_gmail_shows(place: Place) -> None:
    place.write("one.csv", "email,max_papers\nall@example.org,100\n")
    place("subscribers", "import", "one.csv", "--consent", "made up")
    seen = set()
    for file, day in (("hf/daily_papers-2026-06-12.json", 12), ("seed/trending-page.txt", 13)):
        mail = morning(place, SHARED / file, f"2026-06-{day}")["all@example.org"]
        assert len(mail.get_body(("html",)).get_content().encode()) < 90_000
        assert not seen & set(papers_of(mail))
        seen |= set(papers_of(mail))
    mail = morning(place, SHARED / "hf/daily_papers-2026-07-13.json", "2026-06-14")[
        "all@example.org"
    ]
    assert len(papers_of(mail)) > 36
    assert len(mail.get_body(("html",)).get_content().encode()) < 90_000
    assert not seen & set(papers_of(mail))
