"""Mails as a sink got them, and whether those of two senders say the same."""

import html
from collections.abc import Callable, Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from tests.bench.costs import Cost, WrongResultError
from tests.bench.sinks import expect, smtp_sink

_COMPARED = ("From", "To", "Subject", "Date", "List-Unsubscribe", "List-Unsubscribe-Post")


def delivered(send: Callable[[int, int], Cost], messages: int, scratch: Path) -> dict[str, bytes]:
    """What arrived in a sink that keeps it, by recipient."""
    folder = scratch / f"dump-{len(list(scratch.glob('dump-*')))}"
    with smtp_sink(folder, "-d", "mail.") as sink:
        send(sink.port, messages)
        expect(sink, messages)
    found = {}
    for path in folder.iterdir():
        octets = path.read_bytes()
        # Its own lines stand before ours; it keeps lines without CR, and adds an empty one.
        start = 0 if octets.startswith(b"From:") else _beginning(octets)
        mail = octets[start:-1].replace(b"\n", b"\r\n")
        found[str(_parsed(mail)["To"])] = mail
    if len(found) != messages:
        raise WrongResultError(f"{len(found)} of {messages} mails were found in {folder}")
    return found


def _beginning(octets: bytes) -> int:
    """Where the client's header begins: after "Received:", the last of the sink's own."""
    line = octets.index(b"\nReceived:") + 1
    while octets[(line := octets.index(b"\n", line) + 1)] in b"\t ":
        pass
    return line


def require_equal(ours: Mapping[str, bytes], naive: Mapping[str, bytes]) -> None:
    """Raises WrongResultError unless all mails have the same readers, texts and HTML, byte for
    byte once decoded, and the same header fields of those that both have."""
    _require_same_people(ours, naive)
    for to, octets in ours.items():
        mine, other = _parsed(octets), _parsed(naive[to])
        for name in _COMPARED:
            if _value(mine, name) != _value(other, name):
                raise WrongResultError(f"{to}: {name}: {mine[name]!r}, not {other[name]!r}")
        if _parts(mine) != _parts(other):
            raise WrongResultError(f"{to}: the mail differs from the one rendered whole")


def require_alike(ours: Mapping[str, bytes], peer: Mapping[str, bytes], who: str) -> None:
    """The same for a peer whose engine escapes other characters and breaks lines elsewhere: the
    subject and the words and tags have to be the same."""
    _require_same_people(ours, peer)
    for to, octets in ours.items():
        mine, other = _parsed(octets), _parsed(peer[to])
        if _value(mine, "Subject") != _value(other, "Subject") or _words(mine) != _words(other):
            raise WrongResultError(f"{to}: the mail of {who} says something else than ours")


def nearest_to_mean(mails: Mapping[str, bytes]) -> tuple[bytes, int]:
    """The mail whose length is nearest to the mean, and that mean."""
    mean = sum(map(len, mails.values())) // len(mails)
    return min(mails.values(), key=lambda mail: abs(len(mail) - mean)), mean


def _require_same_people(some: Mapping[str, bytes], others: Mapping[str, bytes]) -> None:
    if some.keys() != others.keys():
        raise WrongResultError(f"mails to different readers: {some.keys() ^ others.keys()}")


def _value(message: EmailMessage, name: str) -> list[str]:
    """A field's words: the library writes folds between encoded words, and reads them as blanks."""
    return str(message[name]).split()


def _parsed(octets: bytes) -> EmailMessage:
    message = message_from_bytes(octets, policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def _parts(message: EmailMessage) -> list[tuple[str, bytes]]:
    parts = [part for part in message.walk() if not part.is_multipart()]
    assert not any(part.defects for part in parts)
    # The last line's end belongs to the boundary for some and to the part for others.
    return [
        (part.get_content_type(), part.get_payload(decode=True).replace(b"\r\n", b"\n"))
        for part in parts
        if isinstance(part, EmailMessage)
    ]


def _words(message: EmailMessage) -> list[tuple[str, list[str]]]:
    parts = _parts(message)
    return [(kind, html.unescape(octets.decode()).split()) for kind, octets in parts]
