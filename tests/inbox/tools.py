"""Where the judges' programs are: Debian's by name, npm's in a folder that is kept between runs."""

import json
import shutil
import subprocess
import threading
from pathlib import Path

from tests.inbox.verdict import NotHereError

KEPT = Path(__file__).resolve().parents[2] / ".venv" / "inbox"
PACKAGES = {
    "axe-core": "4.14.1",
    "caniemail": "2.0.2",
    "html_codesniffer": "2.5.1",
    "vnu-jar": "26.9.27",
}
ONE_AT_A_TIME = threading.Lock()


def program(name: str) -> str:
    """Its path."""
    path = shutil.which(name)
    if path is None:
        raise NotHereError(name)
    return path


def package(name: str) -> Path:
    """The folder of an npm package, all of them installed at need. Their install scripts do not
    run: one would download a Java of its own."""
    with ONE_AT_A_TIME:
        if any(_version(one) != wanted for one, wanted in PACKAGES.items()):
            _install()
    return _folder(name)


def _install() -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--no-save")
    wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
    command = [program("npm"), "install", "--prefix", str(KEPT), *quiet, *wanted]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise NotHereError(f"npm install: {ran.stderr.strip()}")


def _folder(name: str) -> Path:
    return KEPT / "node_modules" / name


def _version(name: str) -> str | None:
    path = _folder(name) / "package.json"
    return str(json.loads(path.read_text("utf-8"))["version"]) if path.exists() else None
