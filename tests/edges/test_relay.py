import asyncio
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from newsletter.delivery.relay import Line, session
from newsletter.delivery.replies import Concern, Deferred, Doubtful, Outcome, Refused, Sent
from newsletter.errors import RelayRefused
from tests.edges.handing import BODY, free_port, handed_over, mail_to, relay_at
from tests.edges.scripted import CONTENT, END, Answer, Fault, ScriptedServer

SMTP_SINK = Path("/usr/sbin/smtp-sink")


def test_the_bytes_arrive_unchanged_and_in_one_polite_dialogue() -> None:
    with ScriptedServer() as server:
        [(outcome, broken)] = handed_over(relay_at(server.port), mail_to())
    assert outcome == Sent("end of mail: 250 ok")
    assert not broken
    assert server.mails == [BODY]
    assert server.commands[0].startswith("EHLO ")
    assert server.commands[1:] == [
        "MAIL FROM:<news@paper.example>",
        "RCPT TO:<ada@example.org>",
        "DATA",
        "QUIT",
    ]


def test_aiosmtpd_keeps_the_very_bytes_of_a_megabyte() -> None:
    kept = []

    class Keeper:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
            kept.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
            return "250 kept"

    content = b"Subject: long\r\n\r\n" + b"".join(b"line %d=\r\n" % n for n in range(80_000))
    controller = Controller(Keeper(), "127.0.0.1", free_port(), enable_SMTPUTF8=True)
    controller.start()
    try:
        results = handed_over(
            relay_at(controller.port), mail_to(content=content), mail_to("zoë@example.org")
        )
    finally:
        controller.stop()
    assert results == [(Sent("end of mail: 250 kept"), False)] * 2
    assert kept == [
        ("news@paper.example", ["ada@example.org"], content),
        ("news@paper.example", ["zoë@example.org"], BODY),
    ]


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ({"MAIL": ["451 4.3.0 later"]}, Deferred("MAIL: 451 4.3.0 later", Concern.SENDER)),
        ({"RCPT": ["550 5.1.1 nobody"]}, Refused("RCPT: 550 5.1.1 nobody", Concern.RECIPIENT)),
        ({"RCPT": ["450 4.7.1 greylisted"]}, Deferred("RCPT: 450 4.7.1 greylisted")),
        ({"DATA": ["451 4.3.0 later"]}, Deferred("DATA: 451 4.3.0 later")),
        ({"DATA": ["554 5.7.1 no"]}, Refused("DATA: 554 5.7.1 no")),
        ({END: ["451 4.3.0 later"]}, Deferred("end of mail: 451 4.3.0 later")),
        ({END: ["554 5.7.1 spam"]}, Refused("end of mail: 554 5.7.1 spam")),
        ({END: ["250-2.0.0\r\n250 queued as 7"]}, Sent("end of mail: 250 2.0.0 queued as 7")),
    ],
)
@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
def test_a_refusal_is_one_recipients_own_and_the_session_goes_on(
    script: Mapping[str, Sequence[Answer]], outcome: Outcome, extensions: Sequence[str]
) -> None:
    with ScriptedServer(script, extensions) as server:
        results = handed_over(relay_at(server.port), mail_to(), mail_to("eve@example.org"))
    assert results == [(outcome, False), (Sent("end of mail: 250 ok"), False)]
    assert server.count("EHLO") == 1


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ({"MAIL": [Fault.DROP]}, Deferred),
        ({"MAIL": ["421 4.3.2 closing"]}, Deferred),
        ({"RCPT": [Fault.DROP]}, Deferred),
        ({"RCPT": ["421 4.3.2 closing"]}, Deferred),
        ({"DATA": [Fault.DROP]}, Deferred),
        ({"DATA": ["421 4.3.2 closing"]}, Deferred),
        ({END: [Fault.DROP]}, Doubtful),
        ({END: ["421 4.3.2 closing"]}, Deferred),
        ({END: ["354 more?"]}, Doubtful),
        ({END: ["99 bottles"]}, Doubtful),
        ({END: ["ok, thanks"]}, Doubtful),
        ({END: ["ok\x00\udcff\udcfe"]}, Doubtful),
        ({"MAIL": ["ok, thanks"]}, Deferred),
        ({"RCPT": ["\udcff\udcfe"]}, Deferred),
        ({"RCPT": ["250 " + "a" * 9_000]}, Deferred),
        ({"RCPT": ["250-" + "a" * 70 + "\r\n250-b" * 10_000]}, Deferred),
        ({"RCPT": ["\n".join(["250-"] * 20_000)]}, Deferred),
        ({END: ["\n".join(["250-"] * 20_000)]}, Doubtful),
        ({"MAIL": ["250 ok\r\n250 stray"]}, Deferred),
        ({"RCPT": ["250 ok\r\n250 stray"]}, Deferred),
        ({"DATA": ["250-what?\r\n250 what?"], "RSET": [Fault.DROP]}, Deferred),
        ({"DATA": ["354 go on\r\n250 stray"]}, Deferred),
        ({END: ["554 no\r\n250 stray"]}, Refused),
        ({END: ["250 ok\r\n250 stray"]}, Sent),
        ({"RCPT": ["550 nobody"], "RSET": ["421 closing"]}, Refused),
        ({"RCPT": ["550 nobody"], "RSET": [Fault.DROP]}, Refused),
        ({"RCPT": ["550 nobody"], "RSET": ["502 what?"]}, Refused),
    ],
)
@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
def test_after_anything_unforeseen_the_session_takes_no_more_mail(
    script: Mapping[str, Sequence[Answer]], kind: type[Outcome], extensions: Sequence[str]
) -> None:
    with ScriptedServer(script, extensions) as server:
        [(outcome, broken)] = handed_over(relay_at(server.port), mail_to())
    assert isinstance(outcome, kind)
    assert broken
    assert server.count("QUIT") == 0


def test_the_envelope_goes_in_one_breath_where_the_relay_offers_it() -> None:
    with ScriptedServer(extensions=["PIPELINING"]) as server:
        results = handed_over(relay_at(server.port), mail_to(), mail_to("eve@example.org"))
    assert results == [(Sent("end of mail: 250 ok"), False)] * 2
    assert server.mails == [BODY, BODY]
    assert server.commands[1:4] == [
        "MAIL FROM:<news@paper.example>", "RCPT TO:<ada@example.org>", "DATA",
    ]  # fmt: skip


def test_a_relay_that_wants_content_for_nobody_gets_a_lone_dot_and_goes_on() -> None:
    script = {"RCPT": ["550 5.1.1 nobody"]}
    with ScriptedServer(script, ["PIPELINING"], lax=True) as server:
        results = handed_over(relay_at(server.port), mail_to(), mail_to("eve@example.org"))
    assert results == [
        (Refused("RCPT: 550 5.1.1 nobody", Concern.RECIPIENT), False),
        (Sent("end of mail: 250 ok"), False),
    ]
    assert server.mails == [BODY]
    assert server.count("EHLO") == 1


async def cutting(octets: bytes, size: int, client: asyncio.StreamWriter) -> None:
    """Send octets in packets of so many."""
    for start in range(0, len(octets), size):
        client.write(octets[start : start + size])
        await client.drain()
        await asyncio.sleep(0.0005)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_where_packets_begin_and_end_makes_no_difference_to_a_reply(size: int) -> None:
    """With the last size, the three replies to an envelope come in one packet."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        said = partial(cutting, size=size, client=client)
        await said(b"220-good\r\n220 morning\r\n")
        await reader.readuntil(b"\r\n")
        await said(b"250-good\r\n250 PIPELINING\r\n")
        taken = (
            b"250 ok\r\n250-2.1.5 yes\r\n250 ok\r\n354-go\r\n354 on\r\n",
            b"\r\n.\r\n",
            b"250-2.0.0\r\n250 queued\r\n",
        )
        turned_away = (
            b"250-2.1.0\r\n250 ok\r\n550 5.1.1 nobody\r\n554 no\r\n",
            b"RSET\r\n",
            b"250 ok\r\n",
        )
        for replies, then, answer in (turned_away, taken, taken):
            await reader.readuntil(b"DATA\r\n")
            await said(replies)
            await reader.readuntil(then)
            await said(answer)
        await reader.readuntil(b"QUIT\r\n")
        await said(b"221 bye\r\n")
        client.close()
        ended.set()

    async def run() -> list[tuple[Outcome, bool]]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            async with session(relay_at(port)) as opened:
                found = [(await opened.deliver(mail_to()), opened.broken) for _ in range(3)]
            await ended.wait()
        return found

    sent = (Sent("end of mail: 250 2.0.0 queued"), False)
    nobody = Refused("RCPT: 550 5.1.1 nobody", Concern.RECIPIENT)
    assert asyncio.run(run()) == [(nobody, False), sent, sent]


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("550 5.1.1 no such user", Refused("RCPT: 550 5.1.1 no such user", Concern.RECIPIENT)),
        ("421 4.7.28 rate limit", Deferred("RCPT: 421 4.7.28 rate limit", Concern.DESTINATION)),
    ],
)
def test_a_decision_stands_though_the_relay_closes_right_after_it(
    answer: str, outcome: Outcome
) -> None:
    script = {"RCPT": [answer], "DATA": [Fault.DROP]}
    with ScriptedServer(script, ["PIPELINING"], lax=True) as server:
        assert handed_over(relay_at(server.port), mail_to()) == [(outcome, True)]


def test_an_answer_before_the_dot_is_none_to_it() -> None:
    with ScriptedServer({CONTENT: ["250 early"]}) as server:
        content = b"Subject: long\r\n\r\n" + (b"x" * 990 + b"\r\n") * 10_000
        [(outcome, broken)] = handed_over(relay_at(server.port), mail_to(content=content))
    assert isinstance(outcome, Deferred)
    assert "before the mail's end" in outcome.words
    assert broken


def test_no_dot_is_sent_where_it_could_deliver_an_empty_mail() -> None:
    script = {"MAIL": ["451 4.3.0 later"]}
    with ScriptedServer(script, ["PIPELINING"], lax=True) as server:
        [(outcome, broken)] = handed_over(relay_at(server.port), mail_to())
    assert (outcome, broken) == (Deferred("MAIL: 451 4.3.0 later", Concern.SENDER), True)
    assert server.mails == []


def test_what_is_raised_before_the_dot_leaves_nothing_delivered() -> None:
    def started() -> None:
        raise OSError("the disk is full")

    async def run(port: int) -> bool:
        async with session(relay_at(port)) as opened:
            with pytest.raises(OSError, match="disk is full"):
                await opened.deliver(mail_to(), started)
            return opened.broken

    with ScriptedServer() as server:
        assert asyncio.run(run(server.port))
    assert server.mails == []


def test_a_line_is_opened_anew_after_so_many_messages() -> None:
    async def run(line: Line) -> list[Outcome]:
        outcomes = [await line.deliver(mail_to()) for _ in range(5)]
        await line.close()
        return outcomes

    with ScriptedServer() as server:
        outcomes = asyncio.run(run(Line(relay_at(server.port), most=2)))
    assert [type(outcome) for outcome in outcomes] == [Sent] * 5
    assert server.count("EHLO") == 3
    assert server.count("QUIT") == 3


@pytest.mark.parametrize("fault", [Fault.DROP, Fault.STALL])
def test_a_connection_that_fails_within_the_content_has_delivered_nothing(fault: Fault) -> None:
    # More than the sockets' buffers hold: the dot has not left when the server stops reading.
    content = b"Subject: long\r\n\r\n" + b"a line\r\n" * 2_000_000
    with ScriptedServer({CONTENT: [fault]}) as server:
        [(outcome, broken)] = handed_over(
            relay_at(server.port, timeout=0.3), mail_to(content=content)
        )
    assert isinstance(outcome, Deferred)
    assert outcome.words.startswith("DATA: ")
    assert broken


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_reply_that_does_not_come_before_the_dot_defers(
    verb: str, extensions: Sequence[str]
) -> None:
    with ScriptedServer({verb: [Fault.STALL]}, extensions) as server:
        [(outcome, broken)] = handed_over(relay_at(server.port, timeout=0.1), mail_to())
    assert isinstance(outcome, Deferred)
    assert outcome.words.startswith(f"{verb}: ")
    assert broken


def test_a_reply_to_the_dot_may_take_longer_than_any_other() -> None:
    class Slow(ScriptedServer):
        def _next(self, verb: str) -> Answer:
            if verb == END:
                time.sleep(0.4)
            return super()._next(verb)

    with Slow() as server:
        [(outcome, _)] = handed_over(relay_at(server.port, timeout=0.2), mail_to())
    assert outcome == Sent("end of mail: 250 ok")


def test_a_broken_session_says_so_to_the_next_message_too() -> None:
    with ScriptedServer({"RCPT": [Fault.DROP]}) as server:
        results = handed_over(relay_at(server.port), mail_to(), mail_to())
    assert [(type(outcome), broken) for outcome, broken in results] == [(Deferred, True)] * 2
    assert server.mails == []


def test_the_size_is_told_only_where_it_is_asked_for() -> None:
    with ScriptedServer(extensions=["PIPELINING", "SIZE 1000000"]) as server:
        handed_over(relay_at(server.port), mail_to())
    assert f"MAIL FROM:<news@paper.example> SIZE={len(BODY)}" in server.commands


def test_smtputf8_is_spoken_only_for_whom_needs_it() -> None:
    with ScriptedServer(extensions=["SMTPUTF8"]) as server:
        results = handed_over(relay_at(server.port), mail_to("zoë@example.org"), mail_to())
    assert [type(outcome) for outcome, _ in results] == [Sent, Sent]
    assert server.commands[1:3] == [
        "MAIL FROM:<news@paper.example> SMTPUTF8",
        "RCPT TO:<zoë@example.org>",
    ]
    assert server.commands[4] == "MAIL FROM:<news@paper.example>"


def test_without_smtputf8_only_the_reader_who_needs_it_is_refused() -> None:
    with ScriptedServer() as server:
        results = handed_over(relay_at(server.port), mail_to("zoë@example.org"), mail_to())
    assert [(type(outcome), broken) for outcome, broken in results] == [
        (Refused, False),
        (Sent, False),
    ]
    assert server.count("MAIL") == 1


def test_a_relay_that_refuses_the_sender_blames_no_recipient() -> None:
    with (
        ScriptedServer({"MAIL": ["550 5.7.1 not you"]}) as server,
        pytest.raises(RelayRefused, match=r"MAIL: 550 5\.7\.1 not you"),
    ):
        handed_over(relay_at(server.port), mail_to())


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Postfix's own test server: its port, and the file that its counter is written to."""
    port, counter = free_port(), tmp_path / "counter"
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with counter.open("wb") as out:
        command = [str(SMTP_SINK), *user, "-c", f"127.0.0.1:{port}", "100"]
        running = subprocess.Popen(command, stdout=out)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.02)
        yield port, counter
    finally:
        running.terminate()
        running.wait(5)


@pytest.mark.skipif(not SMTP_SINK.exists(), reason="smtp-sink is not here")
def test_postfix_counts_every_message_of_four_sessions_once(sink: tuple[int, Path]) -> None:
    port, counter = sink

    async def share(number: int) -> list[Outcome]:
        async with session(relay_at(port)) as opened:
            mails = [mail_to(f"reader{n}@example.org") for n in range(number, 50, 4)]
            return [await opened.deliver(mail) for mail in mails]

    async def run() -> list[list[Outcome]]:
        return await asyncio.gather(*(share(number) for number in range(4)))

    outcomes = [outcome for part in asyncio.run(run()) for outcome in part]
    assert [type(outcome) for outcome in outcomes] == [Sent] * 50
    counted = [b"quit=4", b"mesg=50"]
    deadline = time.monotonic() + 5
    while counter.read_bytes().split()[-2:] != counted and time.monotonic() < deadline:
        time.sleep(0.02)
    assert counter.read_bytes().split()[-2:] == counted


@pytest.mark.parametrize(
    "script",
    [
        {"MAIL": ["250 ok", "421 4.7.0 enough on this connection", "250 ok"]},
        {"MAIL": ["250 ok", Fault.DROP, "250 ok"]},
    ],
)
def test_a_connection_that_has_carried_its_share_is_opened_anew(
    script: Mapping[str, Sequence[Answer]],
) -> None:
    async def run(line: Line) -> list[Outcome]:
        outcomes = [await line.deliver(mail_to()) for _ in range(3)]
        await line.close()
        return outcomes

    with ScriptedServer(script) as server:
        outcomes = asyncio.run(run(Line(relay_at(server.port))))
    assert [type(outcome) for outcome in outcomes] == [Sent] * 3
    assert len(server.mails) == 3


def test_a_first_message_that_is_turned_away_is_deferred_and_not_tried_again() -> None:
    with ScriptedServer({"MAIL": ["421 4.7.0 not now"]}) as server:
        line = Line(relay_at(server.port))
        assert isinstance(asyncio.run(line.deliver(mail_to())), Deferred)
        assert server.count("MAIL") == 1
