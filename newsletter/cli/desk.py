"""What every command needs: the settings, the store, the catalogue, the hour."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from newsletter.configuration import DEFAULT_CONFIG, is_configured, load_settings
from newsletter.editorial.topics import Catalogue
from newsletter.errors import ConfigurationError
from newsletter.settings import STORE_NAME, Settings
from newsletter.steps.morning import Morning
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
        """The open store; raises ConfigurationError in a folder that nobody has set up, where a
        mistyped `cd` would otherwise begin a new, empty store."""
        url = self.settings.store_url
        if not is_configured(self.config) and not (self.settings.data_dir / STORE_NAME).exists():
            raise ConfigurationError(
                f"there is no {DEFAULT_CONFIG} here and no store in {self.settings.data_dir}:"
                " run 'newsletter init' first, or name the file with --config"
            )
        opened = open_store(url)
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
            if day > moment.date():
                click.echo(
                    f"newsletter: {day} is still to come: its edition is frozen by this, and papers"
                    " gathered until then will stand in the next one",
                    err=True,
                )
            moment = datetime.combine(day, moment.timetz())
        return Morning(day or moment.date(), moment.astimezone(UTC), self.catalogue, self.settings)


def load_catalogue(settings: Settings) -> Catalogue:
    """The operator's catalogue, or the bundled one."""
    if settings.topics_file:
        try:
            text = settings.topics_file.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{settings.topics_file}: cannot be read: {error}") from error
        return Catalogue.parse(text, str(settings.topics_file))
    bundled = files("newsletter") / "topics.toml"
    return Catalogue.parse(bundled.read_text("utf-8"), "topics.toml")


class Parsed(click.ParamType[object]):
    """An argument that a function parses; it raises ValueError for what is none.

    `example` says what was expected; without it the error's own words do.
    """

    def __init__(self, name: str, parse: Callable[[str], object], example: str = "") -> None:
        self.name = name
        self._parse = parse
        self._example = example

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> object:
        try:
            return self._parse(str(value))
        except ValueError as error:
            expected = f"{value!r} is not {self._example}"
            self.fail(expected if self._example else str(error), param, ctx)


DAY = Parsed("date", date.fromisoformat, "a date such as 2026-03-13")
TIME = Parsed("time", datetime.fromisoformat, "a time such as 2026-03-13T07:00+01:00")
ADDRESS = Parsed("address", Address.parse)


def _new_file(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and not path.parent.is_dir():
        raise click.BadParameter(f"there is no folder {path.parent}", context, parameter)
    return path


def output_option(help_: str) -> Callable[[Any], Any]:
    """-o FILE, into a folder that is there."""
    kind = click.Path(path_type=Path, dir_okay=False, writable=True)
    return click.option("-o", "--output", type=kind, callback=_new_file, help=help_)


day_option = click.option("--day", type=DAY, help="The edition's day; by default today.")
now_option = click.option("--now", type=TIME, help="Act as if it was this time.")
papers_option = click.option(
    "--papers",
    type=click.Path(path_type=Path),
    help="A file of papers instead of the sources: JSONL, Hugging Face's JSON, arXiv's RSS or Atom,"
    " or a trending page's text.",
)
pass_desk = click.make_pass_decorator(Desk)


def count_of(number: int, noun: str) -> str:
    """1 paper, 2 papers."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
