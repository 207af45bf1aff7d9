"""What an SMTP reply means for the delivery it was given to. Pure."""

import re
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


class Concern(StrEnum):
    """What a reply is about."""

    RECIPIENT = "recipient"
    """This one: there is no such mailbox, or she is greylisted."""
    MESSAGE = "message"
    """This mail, or a policy: the same reader may get the next."""
    DESTINATION = "destination"
    """Her mail domain, which asks us to slow down."""
    SENDER = "sender"
    """Us: no recipient is to blame."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The relay took the message; it answers for it now (RFC 5321 §4.2.5)."""

    words: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now: the same message may be offered again later."""

    words: str
    concern: Concern = Concern.RECIPIENT


@dataclass(frozen=True, slots=True)
class Refused:
    """Never: this message to this recipient. Only where it concerns the recipient is there
    something wrong with her address."""

    words: str
    concern: Concern = Concern.MESSAGE


@dataclass(frozen=True, slots=True)
class Doubtful:
    """Handed over, and no answer came: it may have been taken, so it is not sent again."""

    words: str


# RFC 3463: class, subject, detail at the beginning of a reply's text (RFC 2034 §4).
_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\S)")
_UNKNOWN = {"1.1", "1.2", "1.3", "1.6", "1.10"}
_RATE = re.compile(r"\b(rate|limit|too many|throttl|slow down)", re.IGNORECASE)

Outcome = Sent | Deferred | Refused | Doubtful


def meaning(stage: Stage, code: int, text: str) -> Outcome | None:
    """The outcome that the reply decides, None where the dialogue goes on.

    Raises RelayRefused for a 5xx at MAIL: that is about us, and no recipient is to blame.
    """
    goes_on = 200 <= code < 300 and stage in {Stage.MAIL, Stage.RCPT}
    if goes_on or (code == 354 and stage is Stage.DATA):
        return None
    words = f"{stage}: {code} {printable(text)}"
    if 200 <= code < 300 and stage is Stage.END:
        return Sent(words)
    # With SIZE a message that is too big is refused at MAIL already (RFC 1870 §6.1).
    if 500 <= code < 600 and code != 552 and stage is Stage.MAIL:
        raise RelayRefused(
            f"the relay refuses the sender: {words}."
            " Check [sender] and the account at the relay; no recipient is to blame"
        )
    if 500 <= code < 600:
        unknown = stage is Stage.RCPT and _is_unknown_user(code, text)
        return Refused(words, Concern.RECIPIENT if unknown else Concern.MESSAGE)
    if 400 <= code < 500 or stage is not Stage.END:
        return Deferred(words, _concern(stage, code, text))
    return Doubtful(words)  # no answer that the final dot can have (RFC 5321 §4.3.2)


def is_closing(code: int) -> bool:
    """Whether the relay closes the connection with this reply (RFC 5321 §3.8)."""
    return code == 421


def silence(stage: Stage, reason: str) -> Deferred | Doubtful:
    """The outcome where the connection was lost or no answer came in time."""
    words = f"{stage}: {printable(reason)}"
    if stage is Stage.END:
        return Doubtful(words)
    # Before anything was said of a recipient it cannot be about one.
    return Deferred(words, Concern.SENDER if stage is Stage.MAIL else Concern.RECIPIENT)


def printable(text: str) -> str:
    """A reply as the ledger can keep it and a terminal show it: a relay may send any octets."""
    words = " ".join(text.split())[:500]
    if words.isprintable():
        return words
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in words)


def _is_unknown_user(code: int, text: str) -> bool:
    """Whether there is no such mailbox or domain (RFC 3463 §3.2), or a 550 without more says so."""
    status = _STATUS.match(text)
    return f"{status[2]}.{status[3]}" in _UNKNOWN if status else code == 550


def _concern(stage: Stage, code: int, text: str) -> Concern:
    """Whom a 4yz is about. X.7.Z is policy (RFC 3463 §3.8): a rate, but 4.7.1 for a recipient is
    greylisting mostly."""
    if stage is Stage.MAIL:
        return Concern.SENDER
    status = _STATUS.match(text)
    is_policy = status is not None and status[1] == "4" and status[2] == "7"
    is_greylisted = stage is Stage.RCPT and code in {450, 451} and status and status[3] == "1"
    if code == 421 or (is_policy and (not is_greylisted or _RATE.search(text))):
        return Concern.DESTINATION
    return Concern.RECIPIENT
