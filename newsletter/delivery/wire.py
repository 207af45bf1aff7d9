"""An SMTP connection after its opening: octets go out, whole replies come in, in order."""

import asyncio
import math
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

# RFC 5321 §4.5.3.1.5 allows 512 octets; whoever says more than this without an end is not a relay.
_MOST_LINE = 4096
_MOST_REPLY = 65_536


class Reply(NamedTuple):
    """What the relay said to one command. `code` is 0 where it was no reply at all."""

    code: int
    text: str


class Silence(Exception):
    """No answer came: the connection is lost, or was given up. `heard` are the replies that came
    before it, to commands that were sent together."""

    def __init__(self, words: str, heard: list[Reply]) -> None:
        super().__init__(words)
        self.heard = heard


class Wire(asyncio.BufferedProtocol):
    """The connection. Takes over a transport that somebody else has opened."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        # For other protocols asyncio makes a quarter of a megabyte ready before each reading.
        # A view, since asyncio's TLS cuts it and means the same memory.
        self._read_into = memoryview(bytearray(_MOST_LINE))
        self._buffer = b""
        self._lines: list[bytes] = []
        self._said = 0  # octets of the reply that is coming in
        self._replies: deque[Reply] = deque()
        self._owed = 0  # replies that were asked for and are still to be heard
        self._wanted = 0
        self._answered: asyncio.Future[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._patience, self._deadline = 0.0, math.inf
        self._timer: asyncio.TimerHandle | None = None
        self._lost: str | None = None
        self._is_garbled = False
        transport.set_protocol(self)
        # What is written has left this program when there is nothing to wait for any more. Not 0:
        # over TLS CPython would take an empty buffer for a full one.
        transport.set_write_buffer_limits(high=1)

    @property
    def is_out_of_step(self) -> bool:
        """Whether something waits that nothing asked for and would pass for the next reply, or came
        that is no reply, after which nothing can be trusted to be one."""
        unasked = len(self._replies) - self._owed
        return self._is_garbled or unasked > 0 or (unasked == 0 and self._is_amid_reply)

    @property
    def _is_amid_reply(self) -> bool:
        return bool(self._lines or self._buffer)

    def send(self, octets: bytes, replies: int) -> None:
        """Send commands that so many replies answer, to be heard later."""
        self._owed += replies
        if self._lost is None:
            self._transport.write(octets)

    async def hear(self, count: int, seconds: float) -> list[Reply]:
        """The next replies, `seconds` for all of them; raises Silence."""
        if len(self._replies) < count:
            self._wanted, self._answered = count, self._loop.create_future()
            await self._within(self._answered, seconds)
        self._owed -= count
        return [self._replies.popleft() for _ in range(count)]

    async def ask(self, octets: bytes, count: int, seconds: float) -> list[Reply]:
        """Send commands and wait for their replies, `seconds` for all of them; raises
        Silence."""
        self.send(octets, count)
        return await self.hear(count, seconds)

    async def pour(self, segments: Iterable[bytes], seconds: float) -> None:
        """Send octets and wait until they have left this program; raises Silence where the relay
        has stopped reading for `seconds`."""
        self._transport.writelines(segments)
        if self._drained is not None or self._lost is not None:
            await self._within(self._drained, seconds)

    def abort(self) -> None:
        """End the connection without a word."""
        if self._timer is not None:
            self._timer.cancel()
        self._transport.abort()

    async def _within(self, future: "asyncio.Future[None] | None", seconds: float) -> None:
        if self._lost is not None or future is None:
            raise Silence(self._lost or "the connection is closed", list(self._replies))
        self._wait_at_most(seconds)
        try:
            await future
        except asyncio.CancelledError:
            # Who waits too long for us is answered like who waits too long for the relay.
            raise Silence("given up", list(self._replies)) from None
        except ConnectionError as error:
            raise Silence(str(error), list(self._replies)) from error
        finally:
            self._deadline = math.inf

    def _wait_at_most(self, seconds: float) -> None:
        # One timer for many waits: most are over long before it strikes.
        self._deadline, self._patience = self._loop.time() + seconds, seconds
        if self._timer is None or self._timer.when() > self._deadline:
            self._strike_at(self._deadline)

    def _strike_at(self, deadline: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(deadline, self._struck)

    def _struck(self) -> None:
        self._timer = None
        if self._lost is not None or self._deadline == math.inf:
            return
        if self._loop.time() >= self._deadline:
            self._fail(f"no answer within {self._patience:g} seconds")
        else:
            self._strike_at(self._deadline)

    def _fail(self, words: str) -> None:
        self._lost = self._lost or words
        for future in (self._answered, self._drained):
            if future is not None and not future.done():
                future.set_exception(ConnectionResetError(self._lost))

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002  # asyncio's signature
        return self._read_into

    def buffer_updated(self, nbytes: int) -> None:
        *lines, self._buffer = (self._buffer + self._read_into[:nbytes]).split(b"\n")
        for line in lines:
            self._read(line)
        if len(self._buffer) > _MOST_LINE or self._said > _MOST_REPLY:
            self._is_garbled = True
            self._fail("the relay says more than any reply holds")
        if (
            self._answered is not None
            and not self._answered.done()
            and len(self._replies) >= self._wanted
        ):
            self._answered.set_result(None)

    def _read(self, line: bytes) -> None:
        """One line of a reply (RFC 5321 §4.2.1): three digits, and "-" where more lines follow."""
        self._said += len(line) + 1
        if self._said > _MOST_REPLY:  # lines without a word count too
            return
        code, more = line[:3], line[3:4]
        self._lines.append(line[4:])
        if not (code.isdigit() and more.strip(b" \r") in {b"", b"-"}) or len(line) > _MOST_LINE:
            self._is_garbled = True
            self._lines[-1] = line
            code, more = b"0", b""
        if more == b"-":
            return
        text = b" ".join(part.strip() for part in self._lines).decode("utf-8", "replace")
        self._replies.append(Reply(int(code), text))
        self._lines, self._said = [], 0

    def eof_received(self) -> None:
        self._fail("the relay closed the connection")

    def connection_lost(self, error: Exception | None) -> None:
        self._fail(str(error) if error else "the relay closed the connection")

    def pause_writing(self) -> None:
        if self._lost is None:
            self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        self._drained = None
