"""Judge the mails of a real run with tools that others wrote: `python -m tests.inbox`.

Exits with 1 if a floor is missed. What is not installed is told and judges nothing: Debian's
spamassassin, rspamd, chromium, a Java runtime, node and npm; Python's playwright.
"""

import argparse
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.inbox import access, caniemail, dark, geometry, mime, nu, rspamd, spam, table
from tests.inbox.letter import Letter
from tests.inbox.rows import ROWS
from tests.inbox.saved import save
from tests.inbox.verdict import Figure, Judge, NotHereError, Verdicts

JUDGES: dict[str, Judge] = {
    "dark": dark.judge,  # the slowest ones first
    "axe": access.axe,
    "htmlcs": access.sniffer,
    "geometry": geometry.judge,
    "spamassassin": spam.judge,
    "rspamd": rspamd.judge,
    "nu": nu.judge,
    "caniemail": caniemail.judge,
    "mime": mime.judge,
}


def main() -> int:
    asked = _arguments()
    letters = [one for one in _letters(asked.read) if asked.mail is None or one.name in asked.mail]
    if asked.save:
        save(letters, asked.save)
    names = [letter.name for letter in letters]
    verdicts: Verdicts = {name: {} for name in names}
    chosen = [judge for judge in JUDGES if asked.only is None or judge in asked.only]
    with ThreadPoolExecutor(2) as pool:
        for said in pool.map(lambda judge: _judged(judge, letters), chosen):
            for name, figures in said.items():
                verdicts[name] |= figures
    for line in table.lines(names, verdicts, chosen):
        print(line)
    return 1 if table.misses(names, verdicts) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.inbox", description=__doc__)
    judges = f"these judges, with commas between: {', '.join(sorted(JUDGES))}"
    parser.add_argument("--only", type=_names, metavar="JUDGES", help=judges)
    parser.add_argument("--mail", type=_names, metavar="MAILS", help="these mails: ten,awkward")
    parser.add_argument("--read", type=Path, metavar="DIR", help="judge the *.eml of a folder")
    parser.add_argument("--save", type=Path, metavar="DIR", help="write mails and pictures there")
    asked = parser.parse_args()
    if unknown := set(asked.only or ()) - JUDGES.keys():
        parser.error(f"no such judge: {', '.join(unknown)}")
    return asked


def _names(text: str) -> list[str]:
    return text.split(",")


def _letters(folder: Path | None) -> list[Letter]:
    if folder is not None:
        return [Letter(path.stem, path.read_bytes()) for path in sorted(folder.glob("*.eml"))]
    from tests.inbox.mails import mails

    return [Letter(name, octets) for name, octets in mails().items()]


def _judged(judge: str, letters: Sequence[Letter]) -> Verdicts:
    try:
        return JUDGES[judge](letters)
    except NotHereError as error:
        print(f"{judge}: not here: {error}", file=sys.stderr)
        rows = [row.key for row in ROWS if row.judge == judge]
        return {letter.name: dict.fromkeys(rows, Figure("not here")) for letter in letters}


if __name__ == "__main__":
    sys.exit(main())
