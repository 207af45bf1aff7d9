"""SpamAssassin's score, with its rules as Debian ships them and without the network."""

import os
import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.inbox.letter import Letter
from tests.inbox.tools import program
from tests.inbox.verdict import Figure, Figures, NotHereError, Verdicts

HOP = "ALL_TRUSTED"  # the hop's merit, not the mail's
SHOWN = 0.05  # less is printed as 0.0: rules that only tell, such as HTML_MESSAGE


def judge(letters: Sequence[Letter]) -> Verdicts:
    command = program("spamassassin")
    with tempfile.TemporaryDirectory() as home:
        return {letter.name: _figures(letter, command, Path(home)) for letter in letters}


def _figures(letter: Letter, command: str, home: Path) -> Figures:
    """`-L` asks nobody; an empty home and no user's preferences keep the rules Debian's."""
    scores = "add_header all Scores _TESTSSCORES(,)_"
    words = [command, "-L", "-t", "-x", "-p", os.devnull, "--cf", scores]
    ran = subprocess.run(
        words,
        input=letter.arrived(),
        capture_output=True,
        env=os.environ | {"HOME": str(home), "LC_ALL": "C.UTF-8"},
        check=False,
    )
    said = re.search(rb"(?m)^X-Spam-Scores: ((?:.|\n[ \t])*)", ran.stdout)
    if ran.returncode or said is None:
        raise NotHereError(ran.stderr.decode(errors="replace").strip())
    pairs = re.findall(r"([A-Z0-9_]+)=(-?[\d.]+)", said[1].decode())
    rules = {name: float(score) for name, score in pairs if name != HOP}
    bad = tuple(f"{name} {score:.1f}" for name, score in rules.items() if score >= SHOWN)
    told = tuple(f"{name} {score:.1f}" for name, score in rules.items())
    return {
        "spamassassin": Figure(sum(rules.values()), told),
        "spamassassin-bad": Figure(len(bad), bad),
    }
