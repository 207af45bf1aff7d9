"""Ten thousand digests into a real Postfix, each of which must be there once, and at what rate
beside Postfix's own smtp-source: `make bench-postfix`, as root.

Postfix keeps every mail on disk before it says that it has it, and delivers what it has into a
Maildir meanwhile. The senders take turns; the next begins when the queue is empty.
"""

import argparse
import random
import re
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from email.parser import BytesHeaderParser
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from rich.console import Console

from newsletter.delivery.dkim import Signer
from tests.bench.costs import WrongResultError, sync_cost
from tests.bench.delivered import delivered, nearest_to_mean
from tests.bench.figures import Figures, Ratio, load, quotients, table_of, table_of_ratios
from tests.bench.mta import DOMAIN, RunningPostfix, real_postfix
from tests.bench.planned import Stores
from tests.bench.senders import CONNECTIONS, Sender, limit, ours
from tests.delivery.verifying import records, verdicts

LIMIT, OURS, SIGNED = "smtp-source: the limit", "newsletter send", "  signed by RSA and Ed25519"
_TOKEN = re.compile(r"<https://[^>]+/([\w.~-]+)>")


def main() -> None:
    options = _options()
    # Else Postfix would outlive a run that `timeout` ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended from outside"))
    console = Console(width=120)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        scratch = Path(name)
        scratch.chmod(0o755)  # for the users of Postfix
        try:
            _compare(console, scratch, options)
        except WrongResultError as error:
            sys.exit(f"bench: {error}")
    console.print(f"It took {time.monotonic() - began:.0f} s.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.postfix", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--sample", type=int, default=200, help="mails whose signatures are judged")
    return parser.parse_args()


def _compare(console: Console, scratch: Path, options: argparse.Namespace) -> None:
    many, stores, signers = options.messages, Stores(scratch / "kept", scratch), _signers()
    mail, mean = nearest_to_mean(delivered(ours(stores), 40, scratch))
    signed = {"NEWSLETTER_RELAY__DKIM_KEY": _keys(scratch, signers)}
    load_before, judged = load(), 0
    with real_postfix(scratch / "mta") as server:
        senders = (
            Sender(LIMIT, server, 1, many, limit(mail, scratch)),
            Sender(OURS, server, 1, many, ours(stores)),
            Sender(SIGNED, server, 1, many, ours(stores, signed)),
        )
        figures = {sender.name: Figures(sender) for sender in senders}
        for _ in range(options.rounds):
            for name, each in figures.items():
                each.few.append(each.sender.sent(each.sender.few))
                server.forget()
                each.many.append(each.sender.sent(many))
                if name != LIMIT:
                    _require_each_once(server, many)
                if name == SIGNED:
                    judged += _require_signed(server, min(options.sample, many), signers)
                server.forget()
        worked = server.busy() / sum(each.sent for each in figures.values())
    caption = (
        f"Into a real Postfix with its queue and a Maildir on this disk; {options.rounds} rounds,"
        f" {CONNECTIONS} connections, mails of {mean:,} bytes on average. The rate is that at which"
        " Postfix took them, while it delivered. 'All in' has what is done once."
    )
    console.print(table_of(figures.values(), caption))
    console.print(table_of_ratios(_ratios(figures)))
    console.print(
        f"Each of the {many:,} readers had her mail once, every round: as many files, Delivered-To,"
        " Message-IDs, and tokens of List-Unsubscribe. dkimpy verified both signatures of"
        f" {judged} mails. Postfix itself worked {worked * 1e6:,.0f} µs a mail; the disk keeps 4 kB"
        f" in {sync_cost(scratch):.0f} µs. Load before {load_before}, after {load()}."
    )


def _ratios(figures: dict[str, Figures]) -> Iterator[Ratio]:
    most = figures[LIMIT]
    for words, name in (("ours", OURS), ("ours, signed", SIGNED)):
        rates = quotients(figures[name].rates, most.rates)
        yield Ratio(f"mails/s, {words} : smtp-source", rates, 0.7, at_least=True)


def _signers() -> tuple[Signer, ...]:
    return (
        Signer(DOMAIN, "s1", generate_private_key(65537, 2048)),
        Signer(DOMAIN, "e1", Ed25519PrivateKey.generate()),
    )


def _keys(scratch: Path, signers: tuple[Signer, ...]) -> str:
    """The keys in files, as the setting names them."""
    named = []
    for signer in signers:
        path = scratch / f"{signer.selector}.pem"
        path.touch(mode=0o600)
        path.write_bytes(
            signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )
        named.append(f'"{signer.selector}={path}"')
    return f"[{', '.join(named)}]"


def _require_each_once(server: RunningPostfix, messages: int) -> None:
    """Raises WrongResultError unless every reader has one mail, and every mail is another."""
    people, names, tokens = set(), set(), set()
    paths = server.mails()
    for path in paths:
        with path.open("rb") as file:
            header = BytesHeaderParser().parse(file)
        people.add(header["Delivered-To"])
        names.add(header["Message-ID"])
        token = _TOKEN.search(str(header["List-Unsubscribe"]))
        tokens.add(token and token[1])
    if people != {f"reader{number}@{DOMAIN}" for number in range(messages)}:
        raise WrongResultError(f"{len(people)} readers have a mail, not the {messages} on the list")
    found = {len(paths), len(names - {None}), len(tokens - {None})}
    if found != {messages}:
        raise WrongResultError(f"of {messages} mails, Message-IDs and tokens there are {found}")


def _require_signed(server: RunningPostfix, count: int, signers: tuple[Signer, ...]) -> int:
    """How many were judged; raises WrongResultError unless both signatures of each hold."""
    known = records(*signers)
    sample = random.Random(1).sample(server.mails(), count)
    for path in sample:
        octets = path.read_bytes().replace(b"\n", b"\r\n")  # a Maildir's lines end without CR
        if verdicts(octets, known) != {signer.selector: True for signer in signers}:
            raise WrongResultError(f"a signature does not hold: {octets[:2000]!r}")
    return len(sample)


if __name__ == "__main__":
    main()
