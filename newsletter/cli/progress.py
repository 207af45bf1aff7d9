"""The progress bar of a run that somebody watches on a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager

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

from newsletter.steps.books import Watch
from newsletter.store.ledger import Delivery, Ending, State


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


@contextmanager
def progress_bar() -> Iterator[Watch]:
    """A bar with rate and time left, gone at the end."""
    columns = (
        TextColumn("sending"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield _Bar(progress)
