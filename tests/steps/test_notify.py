"""A notice is offered once, and no relay makes it fail for the one who changed something."""

import asyncio
import socket
from pathlib import Path

import pytest

from newsletter.delivery.replies import Concern, Deferred, Sent
from newsletter.demo.mailbox import Mailbox
from newsletter.settings import RelaySettings
from newsletter.steps import notify as step
from newsletter.steps.notify import notify
from tests.edges.handing import free_port, mail_to
from tests.web.site import site_settings


def relay(port: int) -> RelaySettings:
    return RelaySettings(host="127.0.0.1", port=port, security="none")


def test_a_notice_arrives_as_it_was_made(tmp_path: Path) -> None:
    with Mailbox(tmp_path / "mail") as box:
        outcome = asyncio.run(notify(site_settings(tmp_path, relay=relay(box.port)), mail_to()))
    assert isinstance(outcome, Sent)
    (kept,) = (tmp_path / "mail/new").iterdir()
    assert kept.read_bytes().endswith(b"".join(mail_to().segments))


def test_a_relay_that_is_away_is_an_outcome(tmp_path: Path) -> None:
    outcome = asyncio.run(notify(site_settings(tmp_path, relay=relay(free_port())), mail_to()))
    assert isinstance(outcome, Deferred)
    assert outcome.concern is Concern.SENDER


def test_a_relay_that_says_nothing_is_waited_for_only_so_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "PATIENCE", 0.3)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = site_settings(tmp_path, relay=relay(silent.getsockname()[1]))
        outcome = asyncio.run(notify(settings, mail_to()))
    assert outcome == Deferred("no answer within 0 seconds", Concern.SENDER)
