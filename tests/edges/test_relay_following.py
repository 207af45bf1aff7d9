"""The next message's envelope leaves with the dot of the one before (RFC 2920)."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from newsletter.delivery.message import Message
from newsletter.delivery.relay import Line, session
from newsletter.delivery.replies import Doubtful, Outcome, Refused, Sent
from tests.edges.handing import BODY, mail_to, relay_at
from tests.edges.scripted import END, Answer, Fault, ScriptedServer

MAILS = [mail_to(f"r{number}@example.org") for number in range(4)]


async def handed_over(line: Line, mails: Sequence[Message]) -> list[Outcome]:
    """Each with the next one following."""
    found = []
    for mail, then in zip(mails, [*mails[1:], None], strict=True):
        found.append(await line.deliver(mail, following=lambda then=then: then))  # type: ignore[misc]
    await line.close()
    return found


def test_the_envelope_has_come_before_the_dot_is_answered() -> None:
    early: list[bytes] = []

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await reader.readline()
        writer.write(b"250-hello\r\n250 PIPELINING\r\n")
        for _ in range(3):
            await reader.readline()
        writer.write(b"250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        early.extend([await asyncio.wait_for(reader.readline(), 5) for _ in range(3)])
        writer.write(b"250 first\r\n250 ok\r\n250 ok\r\n354 go on\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        writer.write(b"250 second\r\n")
        await reader.readline()
        writer.close()

    async def run() -> list[Outcome]:
        server = await asyncio.start_server(meet, "127.0.0.1", 0)
        async with server:
            line = Line(relay_at(server.sockets[0].getsockname()[1]))
            return await handed_over(line, MAILS[:2])

    assert asyncio.run(run()) == [Sent("end of mail: 250 first"), Sent("end of mail: 250 second")]
    assert early == [
        b"MAIL FROM:<news@paper.example>\r\n",
        b"RCPT TO:<r1@example.org>\r\n",
        b"DATA\r\n",
    ]


@pytest.mark.parametrize(
    ("script", "kinds"),
    [
        ({}, [Sent, Sent, Sent, Sent]),
        ({"RCPT": ["250 ok", "550 5.1.1 nobody"]}, [Sent, Refused, Sent, Sent]),
        ({END: ["554 5.7.1 not this"]}, [Refused, Sent, Sent, Sent]),
        # What followed the dot on a connection that is gone goes over another.
        ({END: [Fault.DROP]}, [Doubtful, Sent, Sent, Sent]),
        ({"MAIL": ["250 ok", "421 4.7.0 enough"]}, [Sent, Sent, Sent, Sent]),
        ({"MAIL": ["250 ok", Fault.DROP]}, [Sent, Sent, Sent, Sent]),
    ],
)
@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
def test_each_gets_its_own_answer(
    script: Mapping[str, Sequence[Answer]],
    kinds: Sequence[type[Outcome]],
    extensions: Sequence[str],
) -> None:
    with ScriptedServer(script, extensions) as server:
        outcomes = asyncio.run(handed_over(Line(relay_at(server.port)), MAILS))
    assert [type(outcome) for outcome in outcomes] == kinds, outcomes
    taken = [mail for mail in server.mails if mail == BODY]
    assert len(taken) == len(server.mails) == len(MAILS) - ("RCPT" in script)


def test_a_connection_carries_no_envelope_beyond_its_share() -> None:
    with ScriptedServer(extensions=["PIPELINING"]) as server:
        asyncio.run(handed_over(Line(relay_at(server.port), most=2), MAILS))
    assert server.count("EHLO") == server.count("QUIT") == 2
    assert server.count("MAIL") == 4


def test_an_envelope_that_the_relay_could_not_take_is_not_sent() -> None:
    mails = [mail_to(), mail_to("zoë@example.org"), mail_to()]
    with ScriptedServer(extensions=["PIPELINING"]) as server:
        outcomes = asyncio.run(handed_over(Line(relay_at(server.port)), mails))
    assert [type(outcome) for outcome in outcomes] == [Sent, Refused, Sent]
    assert server.count("MAIL") == 2


def test_who_was_announced_and_is_not_to_have_it_gets_no_empty_mail() -> None:
    async def run(port: int) -> list[Outcome]:
        line = Line(relay_at(port))
        first = await line.deliver(MAILS[0], following=lambda: MAILS[1])
        other = await line.deliver(MAILS[2], following=lambda: MAILS[3])
        await line.close()
        return [first, other]

    with ScriptedServer(extensions=["PIPELINING"]) as server:
        outcomes = asyncio.run(run(server.port))
    assert [type(outcome) for outcome in outcomes] == [Sent, Sent]
    assert server.mails == [BODY, BODY]
    # A word of goodbye might be taken for the content that the relay waits for.
    assert server.count("QUIT") == 0
    assert server.count("EHLO") == 2


def test_what_is_raised_when_asking_who_follows_leaves_nothing_delivered() -> None:
    def following() -> Message:
        raise OSError("no store")

    async def run(port: int) -> bool:
        async with session(relay_at(port)) as opened:
            with pytest.raises(OSError, match="no store"):
                await opened.deliver(mail_to(), following=following)
            return opened.broken

    with ScriptedServer(extensions=["PIPELINING"]) as server:
        assert asyncio.run(run(server.port))
    assert server.mails == []


def test_a_relay_that_loses_what_comes_with_a_dot_is_sent_no_more_of_it() -> None:
    class Forgetful(ScriptedServer):
        async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._reader = reader
            await super()._meet(reader, writer)

        def _next(self, verb: str) -> Answer:
            if verb == END:
                self._reader._buffer.clear()  # type: ignore[attr-defined]
            return super()._next(verb)

    mails = [mail_to(f"r{number}@example.org") for number in range(8)]
    with Forgetful(extensions=["PIPELINING"]) as server:
        line = Line(relay_at(server.port, timeout=0.3))
        outcomes = asyncio.run(handed_over(line, mails))
    assert [type(outcome) for outcome in outcomes] == [Sent] * 8
    assert len(server.mails) == 8
    assert server.count("EHLO") == 3
