"""Opening a connection to the relay: aiosmtplib connects, greets, encrypts and logs in."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPResponseException,
)

from newsletter.delivery.replies import printable
from newsletter.errors import RelayRefused, RelayUnavailable


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


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection that is ready for mail: nothing is under way on it."""

    transport: asyncio.Transport
    extensions: frozenset[str]
    """What the relay offered in its answer to EHLO, in small letters."""


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
            f"the relay {where} does not answer ({error}): if it stays so, look at the server and"
            " at [relay] host and port"
        )
    words = printable(error.message)
    if error.code < 0:  # aiosmtplib's for what it cannot read
        return RelayUnavailable(f"what the relay {where} says is no reply ({words})")
    kind = RelayRefused if 500 <= error.code < 600 else RelayUnavailable
    does = "turns us away"
    if isinstance(error, SMTPAuthenticationError):
        does = "refuses [relay] username and password"
    return kind(f"the relay {where} {does}: {error.code} {words}")


@asynccontextmanager
async def opened(address: RelayAddress) -> AsyncIterator[Opened]:
    """An open connection, ended at the end; raises RelayUnavailable or, for a fault of ours,
    RelayRefused."""
    smtp = SMTP(
        hostname=address.host,
        port=address.port,
        use_tls=address.security == "tls",
        start_tls=False,  # aiosmtplib would make no difference between missing and failing
        timeout=address.timeout,
        local_hostname=socket.gethostname(),
    )
    try:
        try:
            await _open(smtp, address)
        except (SMTPException, OSError, UnicodeError) as error:  # a host name that is none
            raise _fault(address, error) from error
        transport, protocol = smtp.transport, smtp.protocol
        if not isinstance(transport, asyncio.Transport) or protocol is None:
            raise _fault(address, ConnectionResetError("the connection is closed"))
        if protocol._buffer:  # noqa: SLF001  # said before it was asked: it would pass for a reply
            raise _fault(address, ConnectionResetError("it says more than it is asked for"))
        yield Opened(transport, frozenset(map(str.lower, smtp.esmtp_extensions)))
    finally:
        smtp.close()
        await asyncio.sleep(0)  # a transport closes its socket in the loop's next turn
