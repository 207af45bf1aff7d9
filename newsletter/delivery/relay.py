"""Handing messages over: the envelope in one breath where the relay offers it, then the content.

`opening` has connected, greeted, encrypted and logged in. From there on a message costs two turns:
MAIL, RCPT and DATA together (RFC 2920), then the content with its final dot. Where another message
follows its envelope goes out with the dot, and each costs one turn. What is known of a message when
something goes wrong depends on the dot alone: until it is sent, nothing is delivered.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from newsletter.delivery.message import Message
from newsletter.delivery.opening import Opened, RelayAddress, opened
from newsletter.delivery.replies import (
    Doubtful,
    Outcome,
    Refused,
    Stage,
    is_closing,
    meaning,
    silence,
)
from newsletter.delivery.wire import Reply, Silence, Wire

# RFC 5321 §4.5.3.2.6: the server may take ten minutes over the final dot, and a message given up
# earlier is a message sent twice.
_END_TIMEOUT = 600.0
_QUIT_TIMEOUT = 5.0

# Some relays lose what comes with a dot, and each time a whole timeout with it.
_UNHEARD = 2

_ENVELOPE = (Stage.MAIL, Stage.RCPT, Stage.DATA)


Following = Callable[[], Message | None]
"""Asked right before a final dot for the message that comes next, if there is one."""


def _nothing() -> None:
    """Nobody wants to be told."""


def _nobody() -> None:
    """No message follows."""


class Session:
    """One open connection. After anything unforeseen it is `broken` and takes no more mail: a
    connection left inside MAIL would refuse the next, innocent recipient (503 nested MAIL)."""

    def __init__(self, connection: Opened, timeout: float) -> None:
        self._wire = Wire(connection.transport)
        self._offers = connection.extensions
        self._timeout = timeout
        self._stage = Stage.MAIL
        self._given_up = False
        self.served = 0
        """Messages that got an answer to their final dot."""
        self.broken = False
        self.announced: Message | None = None
        """The message whose envelope went out with the last one's dot; hand it over next."""

    def takes(self, message: Message) -> bool:
        """Whether it can be handed over here: nothing is broken, and no other is announced."""
        return not self.broken and (self.announced is None or self.announced is message)

    @property
    def is_stale(self) -> bool:
        """Whether it broke after serving others and before anything of the next message: relays
        close connections that were idle or have carried their share, and a new one may serve."""
        fresh_start = self.served > 0 and self._stage is Stage.MAIL
        return self.broken and fresh_start and not self._given_up

    async def deliver(
        self,
        message: Message,
        started: Callable[[], None] = _nothing,
        following: Following = _nobody,
    ) -> Outcome:
        """Hand one message over; raises RelayRefused where the relay refuses the sender.

        `started` is called right before the final dot: what it raises leaves the message
        undelivered and the session broken. So does what `following` raises, just before that.
        """
        self._stage = Stage.MAIL
        is_announced, self.announced = self.announced is message, None
        if not self._can_take(message):
            return Refused("the address needs SMTPUTF8 (RFC 6531), which the relay lacks")
        try:
            outcome = await self._begin(message, is_announced=is_announced)
            if outcome is not None:
                return outcome
            # No line of ours begins with a dot (rendering.quoted), so nothing needs doubling.
            await self._wire.pour(message.segments, self._timeout)
            if self._wire.is_out_of_step:  # it would pass for the answer to the dot
                self._break()
                return silence(self._stage, "the relay answered before the mail's end")
            then = following() if self._is_pipelining else None
            started()
            self._stage = Stage.END
            return await self._end(then)
        except Silence as error:
            self._given_up = str(error) == "given up"
            self._break()
            return silence(self._stage, str(error))
        except BaseException:
            self._break()
            raise

    @property
    def _is_pipelining(self) -> bool:
        return "pipelining" in self._offers

    def _can_take(self, message: Message) -> bool:
        return not message.recipient.needs_smtputf8 or "smtputf8" in self._offers

    def _envelope(self, message: Message) -> list[bytes]:
        sender = f"MAIL FROM:<{message.envelope_from}>"
        if "size" in self._offers:  # RFC 1870 §6: one that is too big is refused before it is sent
            sender += f" SIZE={sum(map(len, message.segments))}"
        if message.recipient.needs_smtputf8:  # RFC 6531 §3.4
            sender += " SMTPUTF8"
        # One recipient for each message: each is another's mail.
        return [
            f"{sender}\r\n".encode(),
            f"RCPT TO:<{message.recipient}>\r\n".encode(),
            b"DATA\r\n",
        ]

    async def _begin(self, message: Message, *, is_announced: bool) -> Outcome | None:
        """What the envelope comes to; None where the relay wants the content now."""
        if is_announced:
            return await self._settled(await self._heard(_ENVELOPE))
        commands = self._envelope(message)
        if self._is_pipelining:
            return await self._settled(await self._ask(b"".join(commands), _ENVELOPE))
        for stage, command in zip(_ENVELOPE, commands, strict=True):
            outcome = await self._settled(await self._ask(command, (stage,)), stage)
            if outcome is not None:
                return outcome
        return None

    async def _ask(self, octets: bytes, stages: tuple[Stage, ...]) -> list[Reply]:
        self._wire.send(octets, len(stages))
        return await self._heard(stages)

    async def _heard(self, stages: tuple[Stage, ...]) -> list[Reply]:
        self._stage = stages[0]
        try:
            return await self._wire.hear(len(stages), self._timeout)
        except Silence as error:
            # What was answered before says how far the relay came.
            for stage, reply in zip(stages, error.heard, strict=False):
                if meaning(stage, reply.code, reply.text) is not None:
                    # It closes after a decision: that stands.
                    self._break()
                    return error.heard
                self._stage = stages[stages.index(stage) + 1]
            raise

    async def _settled(self, replies: list[Reply], first: Stage = Stage.MAIL) -> Outcome | None:
        """What replies to commands from `first` on come to; the session is ready for the next
        message where it is an outcome."""
        stages = _ENVELOPE[_ENVELOPE.index(first) :]
        if self._wire.is_out_of_step:
            self._break()
        for stage, reply in zip(stages, replies, strict=False):
            self._stage = stage
            outcome = meaning(stage, reply.code, reply.text)
            if outcome is not None:
                await self._leave(replies, reply)
                return outcome
        if self.broken:  # all well so far, but out of step: the content is not risked
            return silence(self._stage, "the relay gave more answers than it was asked for")
        return None

    async def _leave(self, replies: list[Reply], decisive: Reply) -> None:
        """Out of the transaction. Its outcome stands, whatever comes of this."""
        # A 2xx or 3xx in a wrong place says that the replies are out of step with the commands.
        out_of_step = len(replies) > 1 and decisive.code < 400
        if is_closing(decisive.code) or out_of_step:
            self._break()
        if self.broken:
            return
        if replies[-1].code == 354:
            # RFC 2920 §3.1: the relay wants content though it refused the recipient. Had it taken
            # her, a lone dot would be delivered as an empty mail.
            if len(replies) < len(_ENVELOPE) or replies[1].code < 400:
                self._break()
                return
            await self._clear(b".\r\n")
            return
        await self._clear(b"RSET\r\n")

    async def _clear(self, command: bytes) -> None:
        self.broken = True
        with suppress(Silence):
            (reply,) = await self._wire.ask(command, 1, self._timeout)
            fine = reply.code == 250 or (command == b".\r\n" and 500 <= reply.code < 600)
            self.broken = not fine or self._wire.is_out_of_step
        if self.broken:
            self._wire.abort()

    async def _end(self, then: Message | None) -> Outcome:
        commands = [b".\r\n"]
        if then is not None and self._can_take(then):
            commands += self._envelope(then)  # RFC 2920 §3.1: a dot may be first in a group
            self.announced = then
        self._wire.send(b"".join(commands), len(commands))
        (reply,) = await self._wire.hear(1, max(_END_TIMEOUT, self._timeout))
        self.served += 1
        outcome = meaning(Stage.END, reply.code, reply.text) or silence(Stage.END, "no answer")
        if is_closing(reply.code) or self._wire.is_out_of_step or isinstance(outcome, Doubtful):
            self._break()
        return outcome

    def _break(self) -> None:
        self.broken = True
        self._wire.abort()  # close() would wait for who reads no more

    async def close(self) -> None:
        """Say goodbye; whatever happens now concerns no message."""
        if not self.broken and self.announced is None:  # else it might be taken for content
            with suppress(Silence):
                await self._wire.ask(b"QUIT\r\n", 1, _QUIT_TIMEOUT)
        self._wire.abort()
        await asyncio.sleep(0)  # a transport closes its socket in the loop's next turn


@asynccontextmanager
async def session(address: RelayAddress) -> AsyncIterator[Session]:
    """An open session; raises RelayUnavailable or, for a fault of ours, RelayRefused."""
    async with opened(address) as connection:
        made = Session(connection, address.timeout)
        try:
            yield made
        finally:
            await made.close()


class Line:
    """A place among the connections to the relay: opened when a message needs it, and again after
    its session broke or has carried its share, `most` messages."""

    def __init__(self, address: RelayAddress, most: int | None = None) -> None:
        self._address = address
        self._most = most
        self._stack = AsyncExitStack()
        self._session: Session | None = None
        self._unheard = 0  # messages announced in a row of which the relay said nothing

    async def deliver(
        self,
        message: Message,
        started: Callable[[], None] = _nothing,
        following: Following = _nobody,
    ) -> Outcome:
        """Hand one message over; raises what opening a session raises.

        `following` gives the message of the next call, or that of a later one where another comes
        first after all, on a new connection."""
        outcome, is_stale = await self._delivered(message, started, following)
        return (await self._delivered(message, started, following))[0] if is_stale else outcome

    async def _delivered(
        self, message: Message, started: Callable[[], None], following: Following
    ) -> tuple[Outcome, bool]:
        open_session = await self._opened(message)
        if self._is_worn(open_session.served + 1) or self._unheard >= _UNHEARD:
            following = _nobody
        was_announced = open_session.announced is message
        outcome = await open_session.deliver(message, started, following)
        if was_announced:
            self._unheard = self._unheard + 1 if open_session.is_stale else 0
        return outcome, open_session.is_stale

    async def close(self) -> None:
        """Say goodbye to the relay."""
        self._session = None
        await self._stack.aclose()

    def _is_worn(self, served: int) -> bool:
        return self._most is not None and served >= self._most

    async def _opened(self, message: Message) -> Session:
        found = self._session
        if found is not None and not self._is_worn(found.served) and found.takes(message):
            return found
        await self.close()
        self._session = await self._stack.enter_async_context(session(self._address))
        return self._session
