"""SMTP sessions: aiosmtplib connects, greets, encrypts and logs in; then one message at a time."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
)
from aiosmtplib.protocol import SMTPProtocol

from newsletter.delivery.message import Message
from newsletter.delivery.replies import Doubtful, Outcome, Refused, Stage, meaning, silence
from newsletter.errors import RelayRefused, RelayUnavailable

# RFC 5321 §4.5.3.2.6: the server may take ten minutes over the final dot, and a message given up
# earlier is a message sent twice.
_END_TIMEOUT = 600.0


@dataclass(frozen=True, slots=True)
class RelayAddress:
    """Where the relay is and how it wants to be spoken to."""

    host: str
    port: int
    security: str
    username: str | None
    password: str | None
    timeout: float
    """Seconds for one reply."""


class Session:
    """One open SMTP connection. After anything unforeseen it is `broken` and takes no more mail:
    a connection left inside MAIL would refuse the next, innocent recipient (503 nested MAIL)."""

    def __init__(self, smtp: SMTP, timeout: float) -> None:
        self._smtp = smtp
        self._timeout = timeout
        self._stage = Stage.MAIL
        self._served = 0
        self._given_up = False
        self.broken = False

    @property
    def is_stale(self) -> bool:
        """Whether it broke after serving others and before anything of the next message: relays
        close connections that were idle or have carried their share, and a new one may serve."""
        fresh_start = self._served > 0 and self._stage is Stage.MAIL
        return self.broken and fresh_start and not self._given_up

    async def deliver(self, message: Message) -> Outcome:
        """Hand one message over; raises RelayRefused where the relay refuses the sender."""
        self._stage = Stage.MAIL
        options = []
        if self._smtp.supports_extension("size"):
            options.append(f"SIZE={sum(map(len, message.segments))}".encode())
        if message.recipient.needs_smtputf8:
            if not self._smtp.supports_extension("smtputf8"):
                return Refused("the address needs SMTPUTF8 (RFC 6531), which the relay lacks")
            options.append(b"SMTPUTF8")
        try:
            sender = f"FROM:<{message.envelope_from}>".encode("ascii")
            recipient = f"TO:<{message.recipient}>".encode()
            dialogue = (
                (Stage.MAIL, (b"MAIL", sender, *options)),
                (Stage.RCPT, (b"RCPT", recipient)),
                (Stage.DATA, (b"DATA",)),
            )
            for self._stage, command in dialogue:
                reply = await self._smtp.execute_command(*command, timeout=self._timeout)
                if self._has_said_more():
                    raise ConnectionResetError("the relay gave more answers than it was asked for")
                outcome = meaning(self._stage, reply.code, reply.message)
                if outcome is not None:
                    await self._reset()
                    return outcome
            await self._write_content(message.segments)
            self._stage = Stage.END
            return await self._end_mail()
        except (SMTPException, OSError, TimeoutError, asyncio.CancelledError) as error:
            # Cancelled is who waited too long; the outcome is the same as of silence.
            self.broken = True
            self._given_up = isinstance(error, asyncio.CancelledError)
            if isinstance(self._smtp.transport, asyncio.WriteTransport):
                self._smtp.transport.abort()  # close() would wait for who reads no more
            return silence(self._stage, str(error) or type(error).__name__)

    async def _write_content(self, segments: Sequence[bytes]) -> None:
        protocol, transport = self._wire()
        # The dot waits until all before it has left this program: a server that drops or stalls
        # until then has been given nothing that it could deliver.
        transport.set_write_buffer_limits(high=1)
        # No line of ours begins with a dot (rendering.quoted), so nothing needs doubling.
        for segment in segments:
            protocol.write(segment)
        async with asyncio.timeout(self._timeout):
            await protocol._drain_helper()  # noqa: SLF001  # StreamWriter's way; it has no other

    async def _end_mail(self) -> Outcome:
        protocol, _ = self._wire()
        protocol.write(b".\r\n")
        reply = await protocol.read_response(timeout=max(_END_TIMEOUT, self._timeout))
        self._served += 1
        outcome = meaning(Stage.END, reply.code, reply.message)
        closing = reply.code == 421  # RFC 5321 §3.8
        self.broken = closing or isinstance(outcome, Doubtful) or self._has_said_more()
        return outcome or silence(Stage.END, "no answer")

    def _wire(self) -> tuple[SMTPProtocol, asyncio.WriteTransport]:
        protocol = self._smtp.protocol
        if protocol is None or not isinstance(protocol.transport, asyncio.WriteTransport):
            raise ConnectionResetError("the connection is closed")
        return protocol, protocol.transport

    def _has_said_more(self) -> bool:
        """Whether a reply waits that nothing asked for: it would pass for the next one's."""
        protocol = self._smtp.protocol
        return protocol is not None and bool(protocol._buffer)  # noqa: SLF001  # or stay blind

    async def _reset(self) -> None:
        """Leave the transaction. Its outcome stands, whatever comes of this."""
        self.broken = True  # as it is after a 421: aiosmtplib has closed the connection
        with suppress(SMTPException, OSError, asyncio.CancelledError):
            reply = await self._smtp.execute_command(b"RSET", timeout=self._timeout)
            self.broken = reply.code != 250

    async def close(self) -> None:
        """Say goodbye; whatever happens now concerns no message."""
        try:
            if not self.broken:
                await self._smtp.quit(timeout=5)
        except (SMTPException, OSError, TimeoutError):
            pass
        finally:
            self._smtp.close()
            await asyncio.sleep(0)  # a transport closes its socket in the loop's next turn


async def _greet(smtp: SMTP) -> None:
    """Say EHLO, or HELO to a server that knows no better (RFC 5321 §3.2)."""
    if not smtp.is_ehlo_or_helo_needed:
        return
    try:
        await smtp.ehlo()
    except SMTPHeloError:
        await smtp.helo()


async def _open(smtp: SMTP, address: RelayAddress) -> None:
    """Connect, greet, encrypt and log in; nobody is told the password before that order allows."""
    await smtp.connect()
    await _greet(smtp)
    if address.security == "starttls":
        if not smtp.supports_extension("starttls"):
            raise _lacks(address, "STARTTLS, which [relay] security = 'starttls' asks for")
        await smtp.starttls()
        await _greet(smtp)
    if address.username is not None:
        if not smtp.supported_auth_methods:
            raise _lacks(address, "a way to log in, while [relay] username is set")
        await smtp.login(address.username, address.password or "")


def _lacks(address: RelayAddress, what: str) -> RelayRefused:
    return RelayRefused(f"the relay {address.host}:{address.port} does not offer {what}")


def _fault(address: RelayAddress, error: Exception) -> RelayRefused | RelayUnavailable:
    """What an error while opening means: somebody must change something, or try again later."""
    where = f"{address.host}:{address.port}"
    for cause in (error, error.__cause__):
        if isinstance(cause, ssl.SSLCertVerificationError):
            return RelayRefused(f"the certificate of the relay {where} is wrong: {cause}")
    if not isinstance(error, SMTPResponseException):
        return RelayUnavailable(
            f"the relay {where} does not answer ({error}); what is planned stays queued"
        )
    kind = RelayRefused if 500 <= error.code < 600 else RelayUnavailable
    does = "turns us away"
    if isinstance(error, SMTPAuthenticationError):
        does = "refuses [relay] username and password"
    return kind(f"the relay {where} {does}: {error.code} {error.message}")


@asynccontextmanager
async def session(address: RelayAddress) -> AsyncIterator[Session]:
    """An open session; raises RelayUnavailable or, for a fault of ours, RelayRefused."""
    smtp = SMTP(
        hostname=address.host,
        port=address.port,
        use_tls=address.security == "tls",
        start_tls=False,  # aiosmtplib would make no difference between missing and failing
        timeout=address.timeout,
        local_hostname=socket.gethostname(),
    )
    opened = Session(smtp, address.timeout)
    try:
        try:
            await _open(smtp, address)
        except (SMTPException, OSError, UnicodeError) as error:  # a host name that is none
            opened.broken = True
            raise _fault(address, error) from error
        yield opened
    finally:
        await opened.close()


class Line:
    """A place among the connections to the relay: opened when a message needs it, and again after
    its session broke."""

    def __init__(self, address: RelayAddress) -> None:
        self._address = address
        self._stack = AsyncExitStack()
        self._session: Session | None = None

    async def deliver(self, message: Message) -> Outcome:
        """Hand one message over; raises what opening a session raises."""
        open_session = await self._opened()
        outcome = await open_session.deliver(message)
        if open_session.is_stale:
            outcome = await (await self._opened()).deliver(message)
        return outcome

    async def close(self) -> None:
        """Say goodbye to the relay."""
        self._session = None
        await self._stack.aclose()

    async def _opened(self) -> Session:
        if self._session is None or self._session.broken:
            await self.close()
            self._session = await self._stack.enter_async_context(session(self._address))
        return self._session
