"""rspamd's score: Debian's, with its own rules, but alone and without the network.

Switched off, since they ask others and would only say that nobody answered: block lists (rbl and
surbl), fuzzy hashes, SPF, DKIM, DMARC, ARC, ASN, MX, BIMI, rule updates, redirectors, Phishtank.
The statistics and greylisting lack their Redis and are silent by themselves. The sender is the
loopback: rules about HELO and reverse names (HFILTER_*) would speak of a host that does not exist.
"""

import http.client
import json
import os
import pwd
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from tests.inbox.letter import Letter
from tests.inbox.tools import KEPT, program
from tests.inbox.verdict import Figure, Figures, NotHereError, Verdicts

OFF = "antivirus arc asn bimi dkim dkim_signing dmarc fuzzy_check history_redis mx_check neural rbl"
OFF += " replies rspamd_update spf surbl url_redirector"
CONFIG = Path("/etc/rspamd/rspamd.conf")  # Debian's
LOUD = 0.1  # the highest score a rule may give
PATIENCE = 90  # seconds; the first start compiles its patterns


def judge(letters: Sequence[Letter]) -> Verdicts:
    with _running() as port:
        return {letter.name: _figures(letter, port) for letter in letters}


def _figures(letter: Letter, port: int) -> Figures:
    envelope = {
        "IP": "127.0.0.1",
        "Helo": "mail.example.org",
        "Hostname": "mail.example.org",
        "From": letter.address("From"),
        "Rcpt": letter.address("To"),
    }
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("POST", "/checkv2", letter.arrived(), envelope)
        answer = json.loads(connection.getresponse().read())
    rules = {_told(symbol): symbol["score"] for symbol in answer["symbols"].values()}
    bad = tuple(rule for rule, score in rules.items() if score > LOUD)
    told = tuple(rule for rule, score in rules.items() if score)
    return {"rspamd": Figure(answer["score"], told), "rspamd-bad": Figure(len(bad), bad)}


def _told(symbol: dict[str, Any]) -> str:
    why = f" ({', '.join(symbol['options'])})" if symbol.get("options") else ""
    return f"{symbol['name']} {symbol['score']:.2f}{why}"


@contextmanager
def _running() -> Iterator[int]:
    """A scanner of its own on a free port, ended by its id."""
    if not CONFIG.exists():
        raise NotHereError(str(CONFIG))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        port = _configure(folder)
        places = {"LOCAL_CONFDIR": "local", "DBDIR": "db", "RUNDIR": "run", "LOGDIR": "log"}
        words = [f"--var={key}={folder / value}" for key, value in places.items()]
        who = pwd.getpwuid(os.getuid()).pw_name  # none other could write into the folder
        words += ["-f", "-i", "-u", who, "-c", str(CONFIG)]
        log = folder / "said"
        with log.open("wb") as said:
            process = subprocess.Popen([program("rspamd"), *words], stdout=said, stderr=said)
            try:
                _await(process, port, log)
                yield port
            finally:
                process.terminate()
                process.wait(30)


def _configure(folder: Path) -> int:
    """Write what differs from Debian's configuration; the port it will listen on."""
    port, nobody = _free(), _free()
    compiled = KEPT / "rspamd"
    compiled.mkdir(parents=True, exist_ok=True)
    for name in ("db", "run", "log", "local/override.d"):
        (folder / name).mkdir(parents=True)
    dns = f'dns {{ nameserver = ["127.0.0.1:{nobody}"]; timeout = 0.1s; retransmits = 1; }}'
    files = dict.fromkeys(OFF.split(), "enabled = false;")
    files |= {"phishing": "phishtank_enabled = false; openphish_enabled = false;"}
    files = {f"{module}.conf": text for module, text in files.items()}
    files |= {
        "options.inc": f'{dns} filters = "chartable,regexp"; hs_cache_dir = "{compiled}/";'
        f' tempdir = "{folder}/run";',
        "logging.inc": 'type = "console"; level = "warning";',
        "worker-normal.inc": f'bind_socket = "127.0.0.1:{port}"; count = 1;',
        "worker-controller.inc": "count = -1;",
        "worker-proxy.inc": "count = -1;",
    }
    for name, text in files.items():
        (folder / "local/override.d" / name).write_text(f"{text}\n", "utf-8")
    return port


def _await(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    last = log.read_text("utf-8", "replace").splitlines()[-3:]
    raise NotHereError(f"rspamd does not answer: {' / '.join(last)}")


def _free() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
