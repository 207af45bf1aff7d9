"""`newsletter topics`: the catalogue, and what each topic matches in an edition or in a file."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.console import Console, JustifyMethod
from rich.table import Table

from newsletter.cli.desk import Desk, load_catalogue, pass_desk
from newsletter.rendering.printable import title_line
from newsletter.settings import FixedSettings
from newsletter.sources import Haul
from newsletter.sources.files import read_papers
from newsletter.steps.topics import SWALLOWS, Match, Tally, tally
from newsletter.store.editions import latest_edition, load_edition

_WORDS_SHOWN = 8
_UNCLAIMED_SHOWN = 20
_LINE = 96  # characters


@click.group(invoke_without_command=True, short_help="List the topics and what each matches.")
@click.pass_context
def topics(context: click.Context) -> None:
    """List the topics readers can follow, and what each matches today."""
    if context.invoked_subcommand is None:
        _list(context.ensure_object(Desk))


def _list(desk: Desk) -> None:
    with desk.store() as store, store.reading() as connection:
        summary = latest_edition(connection)
        listings = load_edition(connection, summary).listings if summary else ()
    matches = Counter(a.topic for listing in listings for a in listing.topics)
    table = Table(box=None, pad_edge=False)
    widest = max(map(len, desk.catalogue.slugs))
    for heading, least in (("slug", widest), ("title", 0), ("papers", 6), ("what is in it", 0)):
        side: JustifyMethod = "right" if heading == "papers" else "left"
        table.add_column(heading, justify=side, no_wrap=True, overflow="ellipsis", min_width=least)
    for topic in desk.catalogue.topics:
        table.add_row(topic.slug, topic.title, str(matches[topic.slug]), topic.sentence)
    Console().print(table)
    if summary:
        without = sum(not listing.topics for listing in listings)
        click.echo(
            f"\nOf the {len(listings)} papers of No. {summary.number} ({summary.day}),"
            f" {without} belong to no topic."
        )


@topics.command(short_help="Try a catalogue on a file of papers.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--topics",
    "catalogue_file",
    type=click.Path(path_type=Path),
    help="A catalogue (TOML) instead of the configured one.",
)
@click.option("-v", "--verbose", is_flag=True, help="All of it, and the words never found.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@pass_desk
def check(
    desk: Desk, file: Path, catalogue_file: Path | None, verbose: bool, as_json: bool
) -> None:
    """Say what each topic matches in a file of papers, by which words, and what none matches.

    FILE is any that --papers reads. Nothing is kept.
    """
    own = catalogue_file and load_catalogue(FixedSettings(topics_file=catalogue_file))
    catalogue = own or desk.catalogue
    haul = read_papers(file)
    found = tally(catalogue, haul.papers)
    if as_json:
        click.echo(json.dumps(_report(haul, found), ensure_ascii=False, indent=2))
        return
    for fault in haul.faults:
        click.echo(f"newsletter: {fault}", err=True)
    click.echo("\n".join(_lines(file, found, verbose=verbose)))


def _report(haul: Haul, found: Tally) -> dict[str, Any]:
    return {
        "papers": found.papers,
        "faults": [str(fault) for fault in haul.faults],
        "topics": [
            {
                "slug": match.topic.slug,
                "papers": match.papers,
                "by_category": match.by_category,
                "by_title": match.by_title,
                "by_abstract": match.by_abstract,
                "words": dict(match.words),
                "examples": list(match.examples),
                "never_found": list(match.unused),
            }
            for match in found.matches
        ],
        "swallowing": [match.topic.slug for match in found.swallowing],
        "unclaimed": list(found.unclaimed),
        "hints": dict(found.hints),
    }


def _lines(file: Path, found: Tally, *, verbose: bool) -> list[str]:
    claimed = found.papers - len(found.unclaimed)
    lines = [f"{file}: {found.papers:,} papers, {claimed:,} with a topic.", ""]
    lines += _columns(found.matches)
    for match in found.matches:
        if match.papers:
            lines += ["", *_matched(match, verbose=verbose)]
    idle = [match.topic.slug for match in found.matches if not match.papers]
    if idle:
        lines += ["", *_listed("No paper belongs to: ", idle)]
    if found.swallowing:
        large = [f"{match.topic.slug} ({match.papers})" for match in found.swallowing]
        lines += ["", *_listed(f"More than {SWALLOWS:.0%} of the papers belong to: ", large)]
    if found.unclaimed:
        lines += ["", *_unclaimed(found, verbose=verbose)]
    if verbose:
        lines += ["", "Words of the catalogue that no paper here has:"]
        for match in found.matches:
            if match.unused:
                lines += _listed(f"  {match.topic.slug}: ", match.unused)
    return lines


def _columns(matches: tuple[Match, ...]) -> list[str]:
    """A line for each topic: how many papers, and where what says so was found."""
    width = max(len(match.topic.slug) for match in matches)
    heads = ("papers", "category", "title", "abstract")
    rows: list[tuple[str, ...]] = [("topic", *heads)]
    for match in matches:
        counts = (match.papers, match.by_category, match.by_title, match.by_abstract)
        rows.append((match.topic.slug, *(str(count or "-") for count in counts)))
    return [f"{name:<{width}}{''.join(f'{cell:>10}' for cell in cells)}" for name, *cells in rows]


def _matched(match: Match, *, verbose: bool) -> list[str]:
    shown = match.words if verbose else match.words[:_WORDS_SHOWN]
    words = [f"{word} {count}" for word, count in shown]
    if more := len(match.words) - len(shown):
        words.append(f"and {more} more")
    return [*_listed(f"{match.topic.slug}: ", words), *(f"  {_title(t)}" for t in match.examples)]


def _unclaimed(found: Tally, *, verbose: bool) -> list[str]:
    shown = found.unclaimed if verbose else found.unclaimed[:_UNCLAIMED_SHOWN]
    lines = ["No topic claims:", *(f"  {_title(title)}" for title in shown)]
    if more := len(found.unclaimed) - len(shown):
        lines.append(f"  and {more:,} more (-v lists them)")
    if found.hints:
        lines += _listed("  Several of these say: ", [f"{word} {n}" for word, n in found.hints])
    return lines


def _listed(head: str, items: tuple[str, ...] | list[str]) -> list[str]:
    """The items after a head, with commas between, in lines that fit."""
    lines = [head]
    for number, item in enumerate(items, start=1):
        text = f"{item}{'' if number == len(items) else ', '}"
        if len(lines[-1]) + len(text.rstrip()) > _LINE and lines[-1].strip():
            lines.append(" " * 4)
        lines[-1] += text
    return [line.rstrip() for line in lines]


def _title(title: str) -> str:
    return title_line(title)
