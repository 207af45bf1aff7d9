"""An SMTP server on 127.0.0.1 that answers as a test's script says, faults included."""

import asyncio
import ssl
import threading
from collections.abc import Mapping, Sequence
from enum import Enum, auto
from types import TracebackType
from typing import Self


class Fault(Enum):
    """What a server can do instead of answering."""

    DROP = auto()
    """The connection is reset."""
    STALL = auto()
    """Nothing is said until the client leaves."""


Answer = str | Fault
"""A reply as it goes over the wire, without its last CRLF; or none."""

GREETING, CONTENT, END = "greeting", "content", "."
"""The moments that no command names: on connection, once a mail's first octets have come (only a
fault makes sense there), and after the final dot."""

USUAL = {
    GREETING: "220 scripted.test",
    "HELO": "250 scripted.test",
    "DATA": "354 go on",
    "AUTH": "235 welcome",
    "STARTTLS": "220 go on",
    "QUIT": "221 bye",
}


class ScriptedServer:
    """The server, in a thread of its own inside a `with` block.

    `script` lists the answers to each command in turn, over all connections; after them, and for
    commands it does not name, the server is a good one. It is strict about order: MAIL without a
    greeting or inside another MAIL, and DATA without a recipient, are answered with 503. A `lax`
    one wants content for nobody.
    """

    def __init__(
        self,
        script: Mapping[str, Sequence[Answer]] | None = None,
        extensions: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        *,
        tls_at_once: bool = False,
        lax: bool = False,
    ) -> None:
        self._lax = lax
        self.port = 0
        self.commands: list[str] = []
        self.mails: list[bytes] = []
        """What came between DATA and the final dot, octet for octet."""
        self.clear = bytearray()
        """All that came before the connection was encrypted."""
        self._script = {verb: list(answers) for verb, answers in (script or {}).items()}
        self._extensions = extensions
        self._tls = tls
        self._tls_at_once = tls_at_once
        self._listening = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._listening.wait(5)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join(5)
        assert not self._thread.is_alive()

    def count(self, verb: str) -> int:
        """How often the command came."""
        return sum(command.split(" ")[0].upper() == verb for command in self.commands)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        # Held here, since the loop alone does not keep a task that waits for what nobody else has.
        self._never = asyncio.Event()
        server = await asyncio.start_server(
            self._meet, "127.0.0.1", 0, ssl=self._tls if self._tls_at_once else None
        )
        self.port = server.sockets[0].getsockname()[1]
        self._listening.set()
        await self._ended.wait()
        server.close()
        # A client that gave up early may be accepted only now; whoever is left is sent home before
        # the loop ends, or its socket would be found open by some later test.
        for _ in range(10):
            await asyncio.sleep(0)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for _ in range(10):
            await asyncio.sleep(0)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dialogue = _Dialogue(self, reader, writer)
        try:
            await dialogue.run()
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client left, or the test is over
        finally:
            writer.transport.abort()

    def _next(self, verb: str) -> Answer:
        if self._script.get(verb):
            return self._script[verb].pop(0)
        if verb == "EHLO":
            lines = ["scripted.test", *self._extensions]
            return "\r\n".join([f"250-{line}" for line in lines[:-1]] + [f"250 {lines[-1]}"])
        return USUAL.get(verb, "250 ok")


class _Dialogue:
    """One connection."""

    def __init__(
        self, server: ScriptedServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._greeted = self._inside = self._addressed = False
        self._encrypted = server._tls_at_once

    async def run(self) -> None:
        await self._answer(GREETING)
        while line := await self._line():
            command = line.decode("utf-8", "replace").rstrip("\r\n")
            self._server.commands.append(command)
            verb = command.split(" ")[0].upper()
            if verb == "MAIL" and (self._inside or not self._greeted):
                await self._say("503 nested MAIL" if self._inside else "503 who are you?")
                continue
            if verb in {"RCPT", "DATA"} and not self._is_in_order(verb):
                await self._say("503 in what order?")
                continue
            code = await self._answer(verb)
            self._addressed = (self._addressed or (verb == "RCPT" and code == "250")) and (
                verb not in {"MAIL", "RSET"}
            )
            self._greeted |= verb in {"EHLO", "HELO"} and code == "250"
            self._inside = (self._inside or (verb == "MAIL" and code == "250")) and verb != "RSET"
            if verb == "DATA" and code == "354":
                await self._take_mail()
            elif verb == "STARTTLS" and code == "220" and self._server._tls:
                await self._writer.start_tls(self._server._tls)
                self._encrypted, self._greeted = True, False
            elif code in {"221", "421"}:
                return

    def _is_in_order(self, verb: str) -> bool:
        return self._server._lax or (self._inside and (verb == "RCPT" or self._addressed))

    async def _take_mail(self) -> None:
        mail = bytearray()
        while (line := await self._line()) != b".\r\n":
            if not line:
                return
            mail += line
            if self._server._script.get(CONTENT):
                await self._answer(CONTENT)
        self._inside = False
        if not self._addressed:
            await self._say("554 5.5.1 for nobody")
            return
        self._server.mails.append(bytes(mail))
        self._addressed = False
        if await self._answer(END) == "421":
            raise ConnectionAbortedError

    async def _line(self) -> bytes:
        line = await self._reader.readline()
        if not self._encrypted:
            self._server.clear += line
        return line

    async def _answer(self, verb: str) -> str:
        """The code that was answered."""
        answer = self._server._next(verb)
        if answer is Fault.DROP:
            raise ConnectionAbortedError
        if answer is Fault.STALL:
            await self._server._never.wait()
        await self._say(str(answer))
        return str(answer)[:3]

    async def _say(self, words: str) -> None:
        self._writer.write(words.encode("utf-8", "surrogateescape") + b"\r\n")
        await self._writer.drain()
