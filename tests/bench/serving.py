"""`newsletter serve`, as it is installed, for whoever measures it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.web.site import KEY


@contextmanager
def serving(folder: Path, url: str) -> Iterator[tuple[str, int]]:
    """The address and the number of a server's process, with its log in a file as in service."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    settings = {
        "NEWSLETTER_DATA_DIR": str(folder),
        "NEWSLETTER_DATABASE_URL": url,
        "NEWSLETTER_BASE_URL": "https://papers.example.org",
        "NEWSLETTER_SECRET_KEYS": KEY,
    }
    command = [str(Path(sys.executable).with_name("newsletter")), "serve", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        running = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **settings}, stdout=log, stderr=log
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/healthz")
            yield address, running.pid
        finally:
            running.terminate()
            running.wait(30)


def _wait_for(address: str) -> None:
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit(f"{address} does not answer")
