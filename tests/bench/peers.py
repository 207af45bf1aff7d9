"""How others send the same mails: Django, and nodemailer with handlebars. They are installed by
name, at need, into a folder that is kept between runs."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.costs import ROOT, Cost, WrongResultError, cost_of
from tests.bench.planned import Stores
from tests.bench.senders import CONNECTIONS, in_python

DJANGO, NODEMAILER = "Django, CSS inlined once", "nodemailer, CSS inlined once"
KEPT = ROOT / ".venv" / "bench"
SITE = KEPT / "site"
IN_PYTHON = {"django": "5.2.19"}
IN_NODE = {"nodemailer": "10.6.1", "handlebars": "4.7.10"}
_ENOUGH = 700


@dataclass(frozen=True, slots=True)
class Peer:
    """One of them: how it sends, and how much it warms up and sends."""

    name: str
    few: int
    many: int
    send: Callable[[int, int], Cost]


def peers(scratch: Path, stores: Stores, messages: int) -> list[Peer]:
    """Both, ready to send the mails that wait in `stores`: as a rule more than any of them needs.

    Raises WrongResultError where one cannot be installed.
    """
    _install()
    place = scratch / "peers"
    place.mkdir()
    count = min(messages, _ENOUGH)
    planned = stores.planned(messages)
    layout = [sys.executable, "-m", "tests.bench.layout", str(count), place / "layout.json"]
    cost_of(layout, planned, {"PYTHONPATH": str(ROOT)})
    program = Path(__file__).with_name("nodemailer_peer.cjs")

    def nodemailer(port: int, number: int) -> Cost:
        words = (str(port), str(number), str(CONNECTIONS))
        modules = {"NODE_PATH": str(KEPT / "node_modules")}
        return cost_of([_program("node"), program, *words], place, modules)

    django = in_python("django_peer", place, (SITE,))
    return [
        Peer(DJANGO, 1, min(count, 301), django),
        Peer(NODEMAILER, min(count // 2, 100), count, nodemailer),
    ]


def _install() -> None:
    if any(_python_version(name) != wanted for name, wanted in IN_PYTHON.items()):
        wanted = [f"{name}=={version}" for name, version in IN_PYTHON.items()]
        quiet = ("--quiet", "--disable-pip-version-check", "--upgrade")
        _run([sys.executable, "-m", "pip", "install", *quiet, "--target", SITE, *wanted])
    if any(_node_version(name) != wanted for name, wanted in IN_NODE.items()):
        KEPT.mkdir(parents=True, exist_ok=True)
        wanted = [f"{name}@{version}" for name, version in IN_NODE.items()]
        quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--no-save")
        _run([_program("npm"), "install", "--prefix", KEPT, *quiet, *wanted])


def _run(command: list[str | Path]) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise WrongResultError(f"{' '.join(map(str, command))}: {ran.stderr.strip()[-1000:]}")


def _python_version(name: str) -> str | None:
    found = list(SITE.glob(f"{name}-*.dist-info"))
    return found[0].name.removesuffix(".dist-info").rpartition("-")[2] if found else None


def _node_version(name: str) -> str | None:
    path = KEPT / "node_modules" / name / "package.json"
    return str(json.loads(path.read_text("utf-8"))["version"]) if path.exists() else None


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise WrongResultError(f"there is no {name}, which a peer needs")
    return found
