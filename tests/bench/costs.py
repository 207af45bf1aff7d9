"""What a program costs, measured from outside: the same way for ours and for everybody else's."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_LONGEST = 1200  # seconds that a run may take: a hundred thousand mails of ours need 300
ROOT = Path(__file__).resolve().parents[2]

# A small process starts the program: the kernel counts the memory of whoever starts one as the
# program's own peak.
_STARTER = """
import json, os, resource, sys, time
said, *command = sys.argv[1:]
file = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
begun = time.perf_counter()
child = os.posix_spawnp(
    command[0],
    command,
    os.environ,
    file_actions=[(os.POSIX_SPAWN_DUP2, file, 1), (os.POSIX_SPAWN_DUP2, file, 2)],
)
_, status, used = os.wait4(child, 0)
seconds = time.perf_counter() - begun
unit = 1024 * 1024 if sys.platform == "darwin" else 1024
code = os.waitstatus_to_exitcode(status)
print(json.dumps([seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / unit, code]))
"""


class WrongResultError(Exception):
    """A figure that would mean nothing: not all was sent, or something else than was meant."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a program took."""

    seconds: float
    cpu: float
    """Seconds of work, the kernel's for it included."""
    peak: float
    """Megabytes, at their highest."""


def cost_of(
    command: Sequence[str | Path], folder: Path, env: Mapping[str, str] | None = None
) -> Cost:
    """Run a program in `folder` to its end. What it says goes into the file `said` there; raises
    WrongResultError with the last of it where the program fails."""
    said = folder / "said"
    starting = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _STARTER, said, *command],
        cwd=folder,
        env=clean_environ() | dict(env or {}),
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        answer, _ = starting.communicate(timeout=_LONGEST)
    except subprocess.TimeoutExpired:
        os.killpg(starting.pid, signal.SIGTERM)
        raise WrongResultError(f"{command[0]} does not end: {_end_of(said)}") from None
    except BaseException:
        os.killpg(starting.pid, signal.SIGTERM)
        raise
    seconds, cpu, peak, code = json.loads(answer)
    if code:
        raise WrongResultError(f"{command[0]} ended with {code}: {_end_of(said)}")
    return Cost(seconds, cpu, peak)


def _end_of(said: Path) -> str:
    return said.read_text("utf-8", "replace")[-2000:]


def clean_environ() -> dict[str, str]:
    """The environment without settings of the newsletter's."""
    return {k: v for k, v in os.environ.items() if not k.startswith("NEWSLETTER_")}


def sync_cost(folder: Path) -> float:
    """Microseconds that the disk below `folder` takes to keep 4 kB for good (the median)."""
    times = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(50):
            file.write(bytes(4096))
            begun = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begun)
    return median(times) * 1e6
