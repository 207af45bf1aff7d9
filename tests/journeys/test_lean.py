"""A command does not pay for what only others need."""

import json
import subprocess
import sys

import pytest

LISTING = "import json, sys, {module}; print(json.dumps([n.split('.')[0] for n in sys.modules]))"
HEAVY = {"numpy", "httpx2", "cryptography", "rich", "starlette", "uvicorn", "alembic"}


def loaded(module: str) -> set[str]:
    """The packages that are there once the module is imported."""
    command = [sys.executable, "-c", LISTING.format(module=module)]
    return set(json.loads(subprocess.run(command, capture_output=True, check=True).stdout))


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("newsletter.cli.send", set()),
        ("newsletter.cli.status", set()),
        ("newsletter.cli.mornings", {"numpy", "httpx2"}),
        ("newsletter.cli.serve", {"numpy", "starlette", "uvicorn"}),
    ],
)
def test_a_command_imports_no_package_that_it_does_not_need(module: str, needed: set[str]) -> None:
    found = loaded(module)
    assert "sqlalchemy" in found
    assert found & HEAVY <= needed
