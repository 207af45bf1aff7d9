"""Stores in which deliveries are planned and wait to be sent, made by the CLI alone."""

import json
import os
import random
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from tests.bench.costs import WrongResultError, clean_environ
from tests.inbox.mails import shipped
from tests.journeys.place import COMMAND, CONFIG
from tests.postgres import Cluster

NOW = "2026-03-13T12:00:00Z"
_KEY = "a-key-that-signs-links-that-lead-nowhere"
_NAMES = (
    "Ada Lovelace", "", "Zoë O'Brien-Müller", "李小龍", "Tom & Jerry", "Grace Hopper", "", "مرحبا",
    "Alan M. Turing", "<b>Söhne</b>",
)  # fmt: skip


def readers(count: int) -> str:
    """So many readers as CSV: up to four topics each, and what everybody reads after these, so
    that everyone gets ten papers of very different choices."""
    draw = random.Random(1)
    catalogue = tomllib.loads((files("newsletter") / "topics.toml").read_text("utf-8"))
    slugs = sorted(topic["slug"] for topic in catalogue["topic"])
    lines = ["email,name,topics,frequency,breadth"]
    for number in range(count):
        topics = ";".join(draw.sample(slugs, draw.randint(0, 4)))
        name = _NAMES[number % len(_NAMES)]
        lines.append(f"reader{number}@example.org,{name},{topics},daily,first")
    return "\n".join(lines)


class Stores:
    """Stores by how many deliveries wait in them: each made once, and copied for every run."""

    def __init__(self, kept: Path, scratch: Path, cluster: Cluster | None = None) -> None:
        self._kept, self._scratch = kept, scratch
        self._cluster = cluster
        self._databases: dict[int, str] = {}
        kept.mkdir(parents=True, exist_ok=True)

    def planned(self, messages: int) -> Path:
        """The folder of a place where so many wait; made now, unless it is kept already."""
        folder = self._kept / f"planned-{messages}"
        if not folder.exists():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            _make(making, messages, {})
            making.rename(folder)
        return folder

    def copy(self, messages: int) -> tuple[Path, dict[str, str]]:
        """A place of a run's own, and the environment that leads to its store."""
        source, place = self.planned(messages), self._scratch / "place"
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(source, place)
        for path in place.rglob("*"):
            if path.is_file():
                with path.open("rb") as file:
                    os.fsync(file.fileno())  # or the run would pay for the copy
        if self._cluster is None:
            return place, {}
        return place, {"NEWSLETTER_DATABASE_URL": self._database(messages, self._cluster)}

    def _database(self, messages: int, cluster: Cluster) -> str:
        if messages not in self._databases:
            url, making = cluster.database(), self._scratch / "making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            _make(making, messages, {"NEWSLETTER_DATABASE_URL": url})
            self._databases[messages] = url
        return cluster.database(copied_from=self._databases[messages])


def _make(folder: Path, messages: int, env: Mapping[str, str]) -> None:
    # The same key in all of them, so that the same readers get the same mails from each.
    (folder / "var").mkdir()
    (folder / "var/secret.keys").write_text(_KEY, "ascii")
    papers = "\n".join(json.dumps(paper) for paper in shipped())
    (folder / "papers.jsonl").write_text(papers, "utf-8")
    (folder / "readers.csv").write_text(readers(messages), "utf-8")
    (folder / "newsletter.toml").write_text(CONFIG.format(port=1, database=""), "utf-8")
    said = ""
    for words in (
        ("init",),
        ("subscribers", "import", "readers.csv", "--consent", "made up"),
        ("gather", "--papers", "papers.jsonl", "--now", NOW),
        ("publish", "--now", NOW),
        ("plan", "--now", NOW),
    ):
        command, environ = [COMMAND, *words], clean_environ() | dict(env)
        ran = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise WrongResultError(f"newsletter {' '.join(words)}: {ran.stderr}")
        said = ran.stdout
    if f"{messages} to be mailed." not in said:
        raise WrongResultError(f"{messages} mails were to be planned: {said}")
