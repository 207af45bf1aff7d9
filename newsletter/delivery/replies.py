"""What an SMTP reply means for the delivery it was given to. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from newsletter.errors import RelayRefused


class Stage(StrEnum):
    """The command a reply answers."""

    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    END = "end of mail"
    """The final dot: from here on the server may have taken the message."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The relay took the message; it answers for it now (RFC 5321 §4.2.5)."""

    words: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: the same message may be offered again later."""

    words: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: this message to this recipient."""

    words: str


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Handed over, and no answer came: it may have been taken, so it is not sent again."""

    words: str


Outcome = Sent | Deferred | Refused | Doubtful


def meaning(stage: Stage, code: int, text: str) -> Outcome | None:
    """The outcome that the reply decides, None where the dialogue goes on.

    Raises RelayRefused for a 5xx at MAIL: that is about us, and no recipient is to blame.
    """
    words = f"{stage}: {code} {_printable(text)}"
    if code == 354 and stage is Stage.DATA:
        return None
    if 200 <= code < 300 and stage is not Stage.DATA:
        return Sent(words) if stage is Stage.END else None
    # With SIZE a message that is too big is refused at MAIL already (RFC 1870 §6.1).
    if 500 <= code < 600 and code != 552 and stage is Stage.MAIL:
        raise RelayRefused(
            f"the relay refuses the sender: {words}."
            " Check [sender] and the account at the relay; no recipient is to blame"
        )
    if 500 <= code < 600:
        return Refused(words)
    if 400 <= code < 500 or stage is not Stage.END:
        return Deferred(words)
    return Doubtful(words)  # no answer that the final dot can have (RFC 5321 §4.3.2)


def is_closing(code: int) -> bool:
    """Whether the relay closes the connection with this reply (RFC 5321 §3.8)."""
    return code == 421


def silence(stage: Stage, reason: str) -> Deferred | Doubtful:
    """The outcome where the connection was lost or no answer came in time."""
    words = f"{stage}: {_printable(reason)}"
    return Doubtful(words) if stage is Stage.END else Deferred(words)


def _printable(text: str) -> str:
    """A reply as the ledger can keep it and a terminal show it: a relay may send any octets."""
    words = " ".join(text.split())[:500]
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in words)
