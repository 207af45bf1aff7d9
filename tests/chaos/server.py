"""An SMTP server that takes every mail and notes what happened: `python -m tests.chaos.server`.

A process of its own, so that it is as fast as the program it watches and outlives it. It writes its
port to standard output, then its notes to a file, a line each, fields split by tabs, times in
seconds of the monotonic clock, which all processes share:

    open  connection  time
    took  connection  time of its RCPT  time of its final dot  recipient  Message-ID  sha256
    told  connection  time              the 250 for the mail above is in the client's socket
    quit  connection  time              the client said goodbye
    idle  connection  time              we did, since the client said nothing
    end   connection  time
"""

import argparse
import asyncio
import hashlib
import os
import signal
import socket
import sys
import time
from pathlib import Path

EXTENSIONS = ("PIPELINING", "8BITMIME", "SIZE 50000000")
_END = b"\r\n.\r\n"
_ESTABLISHED = 1  # TCP_INFO's first octet, of Linux' enum of states


class Notes:
    """The file of notes; a line is written whole and at once."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self._connections = 0

    def number(self) -> int:
        self._connections += 1
        return self._connections

    def write(self, *fields: object) -> None:
        os.write(self._file, ("\t".join(map(str, fields)) + "\n").encode())


class Dialogue(asyncio.Protocol):
    """One connection. `delay` are the seconds that a mail waits for its 250, `idle` those after
    which a silent client is sent home (0: never)."""

    def __init__(self, notes: Notes, delay: float, idle: float) -> None:
        self._notes = notes
        self._delay = delay
        self._idle = idle
        self._number = notes.number()
        self._buffer = bytearray()
        self._in_mail = False
        self._searched = 0
        self._held = False
        self._recipient = ""
        self._arrived = self._asked_at = 0.0
        self._clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._notes.write("open", self._number, time.monotonic())
        self._say("220 chaos.test ESMTP")
        self._wind()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._clock:
            self._clock.cancel()
        self._notes.write("end", self._number, time.monotonic())

    def data_received(self, data: bytes) -> None:
        self._arrived = time.monotonic()
        self._buffer += data
        self._wind()
        self._go_on()

    def _wind(self) -> None:
        if self._idle:
            if self._clock:
                self._clock.cancel()
            self._clock = asyncio.get_running_loop().call_later(self._idle, self._send_home)

    def _send_home(self) -> None:
        self._notes.write("idle", self._number, time.monotonic())
        self._say("421 4.4.2 chaos.test you have been silent")
        self._transport.close()

    def _go_on(self) -> None:
        while not self._held and (self._take() if self._in_mail else self._obey()):
            pass

    def _take(self) -> bool:
        """Take a mail, if all of it is here; an empty one ends with the first dot."""
        at = self._buffer.find(_END, max(0, self._searched - len(_END)))
        self._searched = len(self._buffer)
        if at < 0:
            return False
        content = bytes(self._buffer[: at + 2])
        del self._buffer[: at + len(_END)]
        self._in_mail, self._searched = False, 0
        digest = hashlib.sha256(content).hexdigest()
        name = _message_id(content)
        times = (self._asked_at, time.monotonic())
        self._notes.write("took", self._number, *times, self._recipient, name, digest)
        if self._delay:
            self._held = True
            asyncio.get_running_loop().call_later(self._delay, self._confirm)
        else:
            self._tell()
        return True

    def _confirm(self) -> None:
        self._held = False
        self._tell()
        self._go_on()

    def _tell(self) -> None:
        # A socket takes octets for a client that has left already; only its state tells.
        if self._transport.is_closing() or not self._is_there():
            return
        self._say("250 2.0.0 taken")
        if not self._transport.get_write_buffer_size():
            self._notes.write("told", self._number, time.monotonic())

    def _is_there(self) -> bool:
        wire = self._transport.get_extra_info("socket")
        states: bytes = wire.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        return states[0] == _ESTABLISHED

    def _obey(self) -> bool:
        """Answer a command, if all of it is here."""
        line, end, rest = self._buffer.partition(b"\r\n")
        if not end or self._transport.is_closing():
            return False
        self._buffer = rest
        command = line.decode("utf-8", "replace")
        match command.partition(" ")[0].upper():
            case "EHLO":
                lines = ["chaos.test", *EXTENSIONS]
                self._say("\r\n".join([f"250-{one}" for one in lines[:-1]] + [f"250 {lines[-1]}"]))
            case "RCPT":
                self._recipient = command.partition("<")[2].partition(">")[0]
                self._asked_at = self._arrived
                self._say("250 2.1.5 ok")
            case "DATA":
                self._in_mail = True
                self._say("354 go on")
            case "QUIT":
                self._notes.write("quit", self._number, time.monotonic())
                self._say("221 2.0.0 bye")
                self._transport.close()
            case _:
                self._say("250 2.0.0 ok")
        return True

    def _say(self, words: str) -> None:
        self._transport.write(words.encode() + b"\r\n")


def _message_id(content: bytes) -> str:
    head = content.partition(b"\r\n\r\n")[0].lower()
    return head.partition(b"\r\nmessage-id:")[2].partition(b"\r\n")[0].strip().decode()


async def serve(notes: Notes, delay: float, idle: float) -> None:
    """Serve until SIGTERM, or until whoever started us is gone: then standard input ends."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_reader(sys.stdin, ended.set)
    server = await loop.create_server(lambda: Dialogue(notes, delay, idle), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await ended.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.server")
    parser.add_argument("--notes", type=Path, required=True)
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--idle", type=float, default=0.0)
    asked = parser.parse_args()
    asyncio.run(serve(Notes(asked.notes), asked.delay, asked.idle))


if __name__ == "__main__":
    main()
