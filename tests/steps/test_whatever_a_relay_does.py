"""Dispatch against relays that do anything at any stage; what the server saw is the truth.

Every stage, every kind of answer, one by one, pipelined, over TLS; then any of them in any order:
nobody is mailed twice, nobody is lost, and the ledger never says more than the server does.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.delivery.journal import Journal, Mark
from newsletter.delivery.message import Message
from newsletter.delivery.pace import Pace
from newsletter.delivery.relay import Line
from newsletter.errors import NewsletterError
from newsletter.steps.books import Books as AnyBooks
from newsletter.steps.books import Job
from newsletter.steps.dispatch import Dispatch
from newsletter.store.ledger import Delivery, Ending, State
from tests.edges.handing import mail_to, relay_at
from tests.edges.scripted import CONTENT, END, GREETING, USUAL, Answer, Fault, ScriptedServer
from tests.edges.test_relay_opening import KEY_PAIR, server_tls
from tests.steps.test_dispatch import NOW, Books, Noted

READERS = 8
LINES = 2
WAYS = {"one by one": (), "pipelined": ("PIPELINING",), "over TLS": ("PIPELINING", "STARTTLS")}
STAGES = ("MAIL", "RCPT", "DATA", END)
ANSWERS: dict[str, Answer] = {
    "yes": "250 2.0.0 ok",
    "go on": "354 go on",
    "on two lines": "250-2.0.0 first\r\n250 second",
    "yes, without words": "250",
    "rare yes": "252 perhaps",
    "closing": "421 4.7.0 enough",
    "later": "451 4.3.0 later",
    "greylisted": "450 4.7.1 greylisted",
    "slow down": "451 4.7.28 rate limit",
    "nobody": "550 5.1.1 no such user",
    "policy": "554 5.7.1 not this",
    "too big": "552 5.3.4 too big",
    "what?": "503 5.5.1 what?",
    "no such code": "099 what is this",
    "no code": "OK, thanks",
    "octets": "\udcff\udcfe\x00",
    "8-bit words": "250 \udcc3\udca4\udcff",
    "empty": "",
    "half a reply": "250-more is to",
    "endless line": "250 " + "a" * 9_000,
    "endless reply": "250-" + "a" * 70 + "\r\n250-b" * 10_000,
    "endless, without words": "250-\n" * 20_000,
    "twice": "250 ok\r\n250 ok",
    "yes and no": "250 ok\r\n550 5.1.1 no",
    "no and yes": "451 4.3.0 no\r\n250 ok",
    "gone": Fault.DROP,
}
RIGHT = "as it should be"

Script = Mapping[str, Sequence[str]]
"""The names of answers, at every stage in turn."""

TAKEN, REFUSED, UNKNOWN = "taken", "refused", "unknown"


@pytest.fixture(scope="module", autouse=True)
def trusted() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(KEY_PAIR))
        yield


class Witness(ScriptedServer):
    """Notes for every mail that it has whole who it is for and what it said to the final dot."""

    def __init__(self, script: Script, extensions: Sequence[str]) -> None:
        spoken = {
            stage: [
                USUAL.get(stage, "250 ok") if what == RIGHT else ANSWERS[what] for what in named
            ]
            for stage, named in script.items()
        }
        super().__init__(spoken, extensions, server_tls() if "STARTTLS" in extensions else None)
        self.security = "starttls" if "STARTTLS" in extensions else "none"
        self.answers: list[Answer] = []

    def _next(self, verb: str) -> Answer:
        answer = super()._next(verb)
        if verb == END:
            self.answers.append(answer)
        return answer

    def seen(self) -> dict[int, list[str]]:
        """What became of each reader's mails, by her number."""
        found: dict[int, list[str]] = {}
        for mail, answer in zip(self.mails, self.answers, strict=True):
            number = int(mail.partition(b"To: r")[2].partition(b"@")[0])
            found.setdefault(number, []).append(_fate(answer))
        return found


def _fate(answer: Answer) -> str:
    """What whoever hears this answer to the final dot may believe (RFC 5321 §4.2.1)."""
    if answer is Fault.DROP or not isinstance(answer, str):
        return UNKNOWN
    first, *_ = answer.split("\r\n")
    if not (first[:3].isdigit() and first[3:4] in {"", " ", "-"}):
        return UNKNOWN
    if len(first) > 4096 or answer.startswith("250-more") or len(answer) > 65_536:
        return UNKNOWN
    return {"2": TAKEN, "4": REFUSED, "5": REFUSED}.get(first[0], UNKNOWN)


# What the server may have of a reader's mails, but for those it turned away; a doubtful one may not
# have arrived.
_MAY_HAVE = {State.SENT: ([TAKEN],), State.DOUBTFUL: ([], [UNKNOWN])}


class Letters(Books):
    """Books whose mails say who they are for."""

    def message(self, job: Job) -> Message | Ending:
        return letter(job.delivery)


def letter(delivery: Delivery) -> Message:
    address = f"r{delivery.number}@example.org"
    return mail_to(address, f"To: {address}\r\nSubject: hello\r\n\r\nhello\r\n".encode())


def dispatched(
    server: Witness, books: AnyBooks, journal: Journal, now: datetime = NOW
) -> NewsletterError | None:
    """Send all that waits; what kept some from being sent."""

    async def run() -> None:
        address = relay_at(server.port, security=server.security, timeout=0.25)
        lines, pace = [Line(address) for _ in range(LINES)], Pace()
        await Dispatch(books, journal, lines, pace, lambda: now, 900, lambda *_: None).run()

    try:
        asyncio.run(run())
    except NewsletterError as error:
        return error
    return None


def compare(script: Script, extensions: Sequence[str]) -> None:
    """Send, and hold what the ledger says against what the server saw."""
    with Witness(script, extensions) as server:
        dispatched(server, books := Letters(READERS), journal := Noted())
    seen = server.seen()  # not before it has ended: it may still read what was given up
    assert sorted([*books.states, *books.queued]) == list(range(1, READERS + 1))
    for number, state in books.states.items():
        fates = [fate for fate in seen.get(number, []) if fate != REFUSED]
        assert fates in _MAY_HAVE.get(state, ([],)), (number, state, seen.get(number))
    assert not seen.keys() & set(books.queued)
    assert seen.keys() <= {number for mark, number in journal.marks if mark is Mark.STARTED}
    assert journal.settled


@pytest.mark.parametrize("extensions", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize(
    ("stage", "what"),
    # After half a reply to the dot more may come for ten minutes.
    [case for case in product(STAGES, ANSWERS) if case != (END, "half a reply")],
)
def test_the_ledger_says_what_the_server_saw_whatever_was_answered_where(
    stage: str, what: str, extensions: Sequence[str]
) -> None:
    # To a first mail, and to one on a connection that has carried others.
    compare({stage: [what, *[RIGHT] * 4, what]}, extensions)


def scripts() -> st.SearchStrategy[dict[str, list[str]]]:
    """Up to 16 answers at every stage by their names, most of them as they should be."""
    odd = [what for what in ANSWERS if what != "half a reply"]
    answers = st.lists(st.sampled_from([RIGHT] * 4 * len(odd) + odd), max_size=16)
    greetings = st.lists(st.sampled_from([RIGHT, RIGHT, "closing", "no code", "gone"]), max_size=4)
    return st.fixed_dictionaries(
        dict.fromkeys((*STAGES, "RSET"), answers)
        | {GREETING: greetings, CONTENT: st.lists(st.just("gone"), max_size=1)}
    )


@given(scripts(), st.sampled_from([*WAYS.values()]))
def test_nobody_is_mailed_twice_or_lost_whatever_a_relay_says(
    script: dict[str, list[str]], extensions: Sequence[str]
) -> None:
    compare(script, extensions)
