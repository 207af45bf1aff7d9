"""The mail log: named events, one JSON object a line; on a terminal, a progress bar instead.

Events carry subscribers' numbers, never their addresses.
"""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import structlog
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from newsletter.delivery.replies import Sent
from newsletter.sources import Fault
from newsletter.steps.books import Watch
from newsletter.steps.notify import Noted, Withheld
from newsletter.store.ledger import Delivery, Ending, State

# json.dumps would make one for each event: there is one for each mail.
_JSON = json.JSONEncoder(ensure_ascii=False, default=repr)


class _Rate(ProgressColumn):
    """How many mails a second, over the last half minute."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


class _Bar:
    """Watches a run on a terminal."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def expect(self, mails: int) -> None:
        self._task = self._progress.add_task("sending", total=mails)

    def __call__(self, _delivery: Delivery, ending: Ending) -> None:
        # What is tried again in this run has not ended.
        if self._task is not None and ending.state is not State.DEFERRED:
            self._progress.advance(self._task)


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
        self._log = structlog.wrap_logger(
            structlog.WriteLogger(sys.stderr),  # a line and its end in one piece
            processors=[
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.JSONRenderer(lambda event, **_: _JSON.encode(event)),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        ).bind()  # once, instead of at every event

    def event(self, name: str, **facts: Any) -> None:
        if not self._on_terminal:
            self._log.info(name, **facts)

    def faults(self, faults: tuple[Fault, ...]) -> None:
        """What could not be read of a file; said on a terminal too."""
        for fault in faults:
            if self._on_terminal:
                print(fault, file=sys.stderr)
            else:
                name = "paper_mended" if fault.mended else "paper_refused"
                self._log.info(name, file=fault.where, line=fault.line, reason=str(fault))

    def asking(self, source: str) -> None:
        """That a source is being asked, which may take a minute."""
        if self._on_terminal:
            print(f"asking {source} …", file=sys.stderr)
        else:
            self._log.info("source_asked", source=source)

    @contextmanager
    def watching(self) -> Iterator[Watch]:
        """Tells of every delivery: a bar on a terminal, else an event each."""
        if not self._on_terminal:
            yield _Teller(self)
            return
        columns = (
            TextColumn("sending"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
            TimeRemainingColumn(),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            yield _Bar(progress)

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
