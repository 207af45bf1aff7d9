"""Handing messages to a server of a test's own, as the sender would."""

import asyncio
import socket
from dataclasses import replace
from typing import Any

from newsletter.delivery.message import Message
from newsletter.delivery.opening import RelayAddress
from newsletter.delivery.relay import session
from newsletter.delivery.replies import Outcome
from subscribers.addresses import Address

BODY = b"Subject: hello\r\n\r\n=2Ebegins with a dot\r\n=\r\nends\r\n"


def mail_to(address: str = "ada@example.org", content: bytes = BODY) -> Message:
    half = len(content) // 2
    return Message("news@paper.example", Address.parse(address), (content[:half], content[half:]))


def relay_at(port: int, **changes: Any) -> RelayAddress:
    return replace(RelayAddress("127.0.0.1", port, "none", None, None, timeout=5), **changes)


def handed_over(relay: RelayAddress, *messages: Message) -> list[tuple[Outcome, bool]]:
    """Every message's outcome, and whether the session was broken after it."""

    async def run() -> list[tuple[Outcome, bool]]:
        async with session(relay) as opened:
            return [(await opened.deliver(message), opened.broken) for message in messages]

    return asyncio.run(run())


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
