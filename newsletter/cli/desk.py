"""What every command needs: the settings, the store, the catalogue, the hour."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from newsletter.configuration import load_settings
from newsletter.editorial.topics import Catalogue
from newsletter.settings import Settings
from newsletter.steps.run import Morning
from newsletter.store.engine import Store, open_store
from subscribers.addresses import Address


class Desk:
    """Opened on demand, so that `--help` needs no settings and `topics` no store."""

    def __init__(self, config: str | None) -> None:
        self.config = Path(config) if config else None

    @cached_property
    def settings(self) -> Settings:
        return load_settings(self.config)

    @cached_property
    def catalogue(self) -> Catalogue:
        return load_catalogue(self.settings)

    @contextmanager
    def store(self) -> Iterator[Store]:
        opened = open_store(self.settings.store_url)
        try:
            yield opened
        finally:
            opened.close()

    def morning(self, day: date | None, now: datetime | None) -> Morning:
        """The moment of a run: --now, or the present; --day, or now's date on the operator's clock.

        --day alone means this time of day on that day, so that runs for several days can follow
        each other; a --now without an offset is on the operator's clock.
        """
        zone = ZoneInfo(self.settings.timezone)
        moment = datetime.now(zone) if now is None else now
        moment = moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
        if now is None and day is not None:
            moment = datetime.combine(day, moment.timetz())
        return Morning(day or moment.date(), moment.astimezone(UTC), self.catalogue, self.settings)


def load_catalogue(settings: Settings) -> Catalogue:
    """The operator's catalogue, or the bundled one."""
    if settings.topics_file:
        return Catalogue.parse(settings.topics_file.read_text("utf-8"), str(settings.topics_file))
    bundled = files("newsletter") / "topics.toml"
    return Catalogue.parse(bundled.read_text("utf-8"), "topics.toml")


class Parsed(click.ParamType[object]):
    """An argument that a function parses; it raises ValueError for what is none."""

    def __init__(self, name: str, parse: Callable[[str], object], example: str) -> None:
        self.name = name
        self._parse = parse
        self._example = example

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        try:
            return self._parse(str(value))
        except ValueError as error:
            self.fail(f"{value!r} is not {self._example}: {error}", param, ctx)


DAY = Parsed("date", date.fromisoformat, "a date such as 2026-03-13")
TIME = Parsed("time", datetime.fromisoformat, "a time such as 2026-03-13T07:00+01:00")
ADDRESS = Parsed("address", Address.parse, "an address such as ada@example.org")

day_option = click.option("--day", type=DAY, help="The edition's day; by default today.")
now_option = click.option("--now", type=TIME, help="Act as if it was this time.")
papers_option = click.option(
    "--papers",
    type=click.Path(path_type=Path),
    help="A file of papers: JSONL, Hugging Face's JSON, or a trending page's text.",
)
pass_desk = click.make_pass_decorator(Desk)
