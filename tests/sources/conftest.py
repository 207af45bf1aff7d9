"""A service to ask, with and without encryption."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import Services
from tests.sources.asking import CERTIFICATE, Asking


@pytest.fixture(scope="module")
def server() -> Iterator[Services]:
    with Services().running() as running:
        yield running


@pytest.fixture
def secure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    with Services(CERTIFICATE).running() as running:
        yield running


@pytest.fixture
def ask(server: Services, tmp_path: Path) -> Asking:
    server.rules.clear()
    server.asked.clear()
    return Asking(server, tmp_path / "answers")
