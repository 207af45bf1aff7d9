"""The Nu HTML checker on the HTML as it is sent.

Mail needs attributes that the standard calls obsolete (width, cellpadding, bgcolor …), since
Outlook reads them and not CSS: they are counted apart.
"""

import json
import subprocess
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.inbox.letter import Letter
from tests.inbox.tools import package, program
from tests.inbox.verdict import Figure, Figures, Verdicts


def judge(letters: Sequence[Letter]) -> Verdicts:
    jar = package("vnu-jar") / "build/dist/vnu.jar"
    letters = [letter for letter in letters if letter.html]
    with tempfile.TemporaryDirectory() as folder:
        paths = {letter.name: Path(folder) / f"{letter.name}.html" for letter in letters}
        for letter in letters:
            paths[letter.name].write_text(letter.html, "utf-8", newline="")
        command = [program("java"), "-jar", str(jar), "--format", "json", "--stdout"]
        command += ["--exit-zero-always", *map(str, paths.values())]
        ran = subprocess.run(command, capture_output=True, check=True)
        said: list[dict[str, Any]] = json.loads(ran.stdout)["messages"] if letters else []
        return {
            name: _figures([one for one in said if str(one.get("url")).endswith(path.as_posix())])
            for name, path in paths.items()
        } | _lost(said)


def _lost(said: list[dict[str, Any]]) -> Verdicts:
    """A message about no file is about the checker: it must not be lost."""
    errors = [one["message"] for one in said if not one.get("url")]
    if errors:
        raise RuntimeError("; ".join(errors))
    return {}


def _figures(said: list[dict[str, Any]]) -> Figures:
    kinds: dict[str, Counter[str]] = {key: Counter() for key in ("structure", "css", "old", "odd")}
    for one in said:
        kinds[_kind(one)][f"{one['message']}"] += 1
    return {
        f"nu-{kind}": Figure(
            found.total(), tuple(f"{count} × {text}" for text, count in found.most_common())
        )
        for kind, found in kinds.items()
    }


def _kind(one: dict[str, Any]) -> str:
    if "is obsolete. Use CSS instead" in one["message"]:
        return "old"
    if one["message"].startswith("CSS:"):
        return "css"
    return "structure" if one["type"] == "error" else "odd"
