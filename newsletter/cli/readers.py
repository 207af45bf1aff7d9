"""`newsletter subscribers`: who gets what, and by what consent."""

import os
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from newsletter.cli.desk import DAY, Desk, output_option, pass_desk
from newsletter.cli.one_reader import address_argument, found
from newsletter.cli.taste import taste, taste_words
from newsletter.errors import InputError, WrongUse
from newsletter.steps import taste as tasting
from newsletter.steps.held import everything
from newsletter.steps.rhythm import default_rhythm
from subscribers import roster
from subscribers import taste as tastes
from subscribers.addresses import Address
from subscribers.exchange import export_csv, import_csv
from subscribers.leaving import CAME_BACK, LEFT
from subscribers.model import Breadth, Consent, Format, Frequency, Preferences, Weekday
from subscribers.taste import Taste

_consent_option = click.option(
    "--consent", required=True, help='On what ground: "asked at our booth, 3 May 2026".'
)


@click.group(short_help="Bring readers in, look up, pause, remove.")
def subscribers() -> None:
    """Bring readers in, look one up, pause, remove or erase her."""


subscribers.add_command(taste)


@subscribers.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_consent_option
@pass_desk
def import_(desk: Desk, file: Path, consent: str) -> None:
    """Import a CSV file: ours, or an export of Mailchimp, Substack, beehiiv, Ghost and others.

    Columns: email (required), name, topics, muted_topics, keywords, muted_keywords, authors,
    frequency, weekday, hour, timezone, max_papers, format, breadth, likes, dislikes; lists
    separated by ";". Nobody who left is brought back. Rows with faults are refused one by one, each
    with its line and reason.
    """
    ground = _ground(consent)
    with desk.store() as store, store.writing() as connection:
        slugs = desk.catalogue.slugs
        report = import_csv(connection, file, ground, slugs, _now(), tasting.paper_of)
    for fault in report.refused:
        click.echo(f"{file}: {fault}", err=True)
    click.echo(
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged,"
        f" {len(report.refused)} refused."
    )
    if not report.added + report.updated + report.unchanged:
        raise InputError(f"{file}: no row of it was usable")


@subscribers.command()
@output_option("By default it goes to standard output.")
@pass_desk
def export(desk: Desk, output: Path | None) -> None:
    """Write every subscriber as CSV, to import elsewhere."""
    with desk.store() as store, store.reading() as connection:
        if output is None:
            export_csv(connection, sys.stdout)
            return
        # Path.open takes no opener.
        with open(output, "w", encoding="utf-8", newline="", opener=_own) as out:
            count = export_csv(connection, out)
    click.echo(f"{count} subscribers written to {output}.")


@subscribers.command()
@address_argument
@_consent_option
@click.option("--name", default="")
@click.option("--topic", "topics", multiple=True, help="A slug; may be repeated.")
@click.option("--mute-topic", "muted_topics", multiple=True)
@click.option("--keyword", "keywords", multiple=True)
@click.option("--mute-keyword", "muted_keywords", multiple=True)
@click.option("--author", "authors", multiple=True)
@click.option("--frequency", type=click.Choice([f.value for f in Frequency]))
@click.option("--weekday", type=click.Choice([d.value for d in Weekday]))
@click.option("--hour", type=click.IntRange(0, 23))
@click.option("--timezone")
@click.option("--max-papers", type=click.IntRange(1, 100))
@click.option("--format", "format_", type=click.Choice([f.value for f in Format]))
@click.option(
    "--breadth",
    type=click.Choice([b.value for b in Breadth]),
    help="Only what meets her wishes, or that first and then what everyone reads.",
)
@click.option("--like", "likes", multiple=True, help="A paper she likes; may be repeated.")
@pass_desk
def add(
    desk: Desk,
    address: Address,
    consent: str,
    name: str,
    topics: tuple[str, ...],
    muted_topics: tuple[str, ...],
    keywords: tuple[str, ...],
    muted_keywords: tuple[str, ...],
    authors: tuple[str, ...],
    frequency: str | None,
    weekday: str | None,
    hour: int | None,
    timezone: str | None,
    max_papers: int | None,
    format_: str | None,
    breadth: str | None,
    likes: tuple[str, ...],
) -> None:
    """Add one subscriber, or change what is given of one who is there.

    A paper that she likes is an arXiv id, a DOI, a link to one of both, or words of a title in the
    archive.
    """
    for slug in (*topics, *muted_topics):
        if slug not in desk.catalogue.slugs:
            nearest = desk.catalogue.nearest(slug)
            hint = f"; did you mean {nearest!r}?" if nearest else "; see 'newsletter topics'"
            raise WrongUse(f"there is no topic {slug!r}{hint}")
    wishes: dict[str, Any] = {
        "topics": topics,
        "muted_topics": muted_topics,
        "keywords": keywords,
        "muted_keywords": muted_keywords,
        "authors": authors,
        "frequency": Frequency(frequency) if frequency else None,
        "weekday": Weekday(weekday) if weekday else None,
        "hour": hour,
        "timezone": timezone,
        "max_papers": max_papers,
        "format": Format(format_) if format_ else None,
        "breadth": Breadth(breadth) if breadth else None,
    }
    said = {key: value for key, value in wishes.items() if value not in {None, ()}}
    given = Consent(_ground(consent), "newsletter subscribers add", _now())
    with desk.store() as store, store.writing() as connection:
        known = roster.find(connection, address)
        preferences = replace(known.preferences if known else Preferences(), **said)
        enrolment = roster.enrol(connection, address, name, preferences, given)
        liked = Taste(tuple(tasting.liked(connection, paper) for paper in likes))
        outcome = tastes.begin(connection, enrolment, liked, given.at)
    click.echo(f"{address}: {outcome} as subscriber {enrolment.number}.")


@subscribers.command()
@address_argument
@pass_desk
def show(desk: Desk, address: Address) -> None:
    """Show what is known of one subscriber."""
    with found(desk, address, writes=False) as (connection, reader):
        consents = roster.consents(connection, reader.number)
        asked = tastes.of(connection, [reader.number])[reader.number]
    until = f" until {reader.paused_until}" if reader.paused_until else ""
    click.echo(f"{reader.address} ({reader.name or 'no name'}), subscriber {reader.number}")
    click.echo(f"  {'state':<15} {reader.state}{until}")
    rhythm = reader.preferences.rhythm(default_rhythm(desk.settings))
    day = f" on {rhythm.weekday}" if rhythm.frequency is Frequency.WEEKLY else ""
    click.echo(f"  {'reads':<15} {rhythm.frequency}{day} at {rhythm.hour}:00, {rhythm.timezone}")
    for key, value in reader.preferences.as_json().items():
        words = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"  {key.replace('_', ' '):<15} {words}")
    if words := taste_words(asked):
        click.echo(f"  {'taste':<15} {words}")
    for consent in consents:
        click.echo(_consent_line(consent))


@subscribers.command()
@address_argument
@output_option("By default it goes to standard output.")
@pass_desk
def held(desk: Desk, address: Address, output: Path | None) -> None:
    """Write all that is kept about her, as JSON, to answer who asks for it."""
    with found(desk, address, writes=False) as (connection, reader):
        text = everything(connection, reader.number)
    if output is None:
        click.echo(text)
        return
    with open(output, "w", encoding="utf-8", opener=_own) as out:
        out.write(f"{text}\n")
    click.echo(f"{address}: written to {output}.")


@subscribers.command()
@address_argument
@click.option("--until", type=DAY, help="The first day she gets mail again; else until 'resume'.")
@pass_desk
def pause(desk: Desk, address: Address, until: date | None) -> None:
    """Send her nothing for a while."""
    if until and until <= date.today():  # noqa: DTZ011  # the operator's own today
        raise click.UsageError(f"--until {until} is not in the future")
    with found(desk, address) as (connection, reader):
        roster.pause(connection, reader.number, until, _now())
    click.echo(f"{address}: paused{f' until {until}' if until else ''}.")


@subscribers.command()
@address_argument
@pass_desk
def resume(desk: Desk, address: Address) -> None:
    """End a pause."""
    with found(desk, address) as (connection, reader):
        roster.resume(connection, reader.number, _now())
    click.echo(f"{address}: active.")


@subscribers.command()
@address_argument
@pass_desk
def remove(desk: Desk, address: Address) -> None:
    """Unsubscribe her; no import brings her back."""
    with found(desk, address) as (connection, reader):
        roster.withdraw(connection, reader.number, _now())
    click.echo(f"{address}: unsubscribed.")


@subscribers.command()
@address_argument
@click.confirmation_option(prompt="Everything about her is deleted for ever. Go on?")
@pass_desk
def erase(desk: Desk, address: Address) -> None:
    """Delete everything about her; a keyed hash keeps imports from bringing her back."""
    with found(desk, address) as (connection, reader):
        roster.erase(connection, reader.number, _now())
    click.echo(f"{address}: erased.")


def _consent_line(consent: Consent) -> str:
    """A consent; or a departure or return by the link in a mail, which stand among them."""
    turn = {LEFT: "left", CAME_BACK: "came back"}.get(consent.ground)
    words = consent.source if turn else f"{consent.ground} ({consent.source})"
    return f"  {turn or 'consent':<15} {consent.at:%Y-%m-%d}: {words}"


def _own(path: str, flags: int) -> int:
    """Open for the owner alone: the file is full of addresses."""
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)  # it may have been there before
    return descriptor


def _ground(consent: str) -> str:
    if not consent.strip():
        raise click.UsageError("--consent says on what ground she is written to; it is empty")
    return consent.strip()


def _now() -> datetime:
    return datetime.now(UTC)
