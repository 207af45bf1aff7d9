"""The table of faults: every row has its tests, and these are there."""

import re

from tests.docs.generate import ROOT

ROWS = re.findall(r"^\| (\d+) \|(.*)$", (ROOT / "docs/faults.md").read_text("utf-8"), re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_every_fault_has_a_test_that_is_there() -> None:
    assert [int(number) for number, _ in ROWS] == list(range(1, len(ROWS) + 1))
    for number, row in ROWS:
        named = _TEST.findall(row)
        assert named, f"fault {number} is shown by no test"
        for path, name in named:
            assert f"def {name}(" in (ROOT / path).read_text("utf-8"), (number, path, name)
