"""The mail log: named events, one JSON object a line; on a terminal, a progress bar instead.

Events carry subscribers' numbers, never their addresses.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from newsletter.delivery.replies import Sent
from newsletter.steps.books import Watch
from newsletter.steps.notify import Noted, Withheld
from newsletter.store.ledger import Delivery, Ending

if TYPE_CHECKING:
    from newsletter.sources import Fault

# json.dumps would make one for each event: there is one for each mail.
_JSON = json.JSONEncoder(ensure_ascii=False, default=repr)


class _Teller:
    """Watches a run that nobody looks at: an event for each outcome."""

    def __init__(self, log: "Log") -> None:
        self._log = log

    def expect(self, mails: int) -> None:
        self._log.event("sending", mails=mails)

    def __call__(self, delivery: Delivery, ending: Ending) -> None:
        self._log.delivery(delivery, ending)


class Log:
    """Writes events to standard error."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()

    def event(self, name: str, **facts: Any) -> None:
        if self._on_terminal:
            return
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        told = {**facts, "event": name, "timestamp": now}
        sys.stderr.write(f"{_JSON.encode(told)}\n")

    def faults(self, faults: "tuple[Fault, ...]") -> None:
        """What could not be read of a file; said on a terminal too."""
        for fault in faults:
            if self._on_terminal:
                print(fault, file=sys.stderr)
            else:
                name = "paper_mended" if fault.mended else "paper_refused"
                self.event(name, file=fault.where, line=fault.line, reason=str(fault))

    def asking(self, source: str) -> None:
        """That a source is being asked, which may take a minute."""
        if self._on_terminal:
            print(f"asking {source} …", file=sys.stderr)
        else:
            self.event("source_asked", source=source)

    @contextmanager
    def watching(self) -> Iterator[Watch]:
        """Tells of every delivery: a bar on a terminal, else an event each."""
        if not self._on_terminal:
            yield _Teller(self)
            return
        from newsletter.cli.progress import progress_bar  # nobody sees it in a cron job

        with progress_bar() as bar:
            yield bar

    def notice(self, noted: Noted) -> None:
        """What became of a mail about something a reader did."""
        self.event(
            "notice_sent" if isinstance(noted.outcome, Sent) else "notice_failed",
            notice=noted.notice,
            subscriber=noted.subscriber,
            reason=noted.outcome.words,
            again=noted.again,
        )

    def withheld(self, withheld: Withheld) -> None:
        """That a question was not asked, though the page says that it is on its way."""
        self.event("notice_withheld", **asdict(withheld))

    def delivery(self, delivery: Delivery, ending: Ending) -> None:
        self.event(
            f"delivery_{ending.state}",
            edition=delivery.edition,
            subscriber=delivery.subscriber,
            papers=len(delivery.papers),
            reason=ending.reason,
        )
