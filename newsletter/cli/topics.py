"""`newsletter topics`: the catalogue, and what each topic matches in the newest edition."""

from collections import Counter

import click
from rich.console import Console, JustifyMethod
from rich.table import Table

from newsletter.cli.desk import Desk, pass_desk
from newsletter.store.editions import latest_edition, load_edition


@click.command(short_help="List the topics and what each matches.")
@pass_desk
def topics(desk: Desk) -> None:
    """List the topics readers can follow, and what each matches today."""
    with desk.store() as store, store.reading() as connection:
        summary = latest_edition(connection)
        listings = load_edition(connection, summary).listings if summary else ()
    matches = Counter(a.topic for listing in listings for a in listing.topics)
    table = Table(box=None, pad_edge=False)
    for heading in ("slug", "title", "papers", "what is in it"):
        side: JustifyMethod = "right" if heading == "papers" else "left"
        table.add_column(heading, justify=side, no_wrap=True, overflow="ellipsis")
    for topic in desk.catalogue.topics:
        table.add_row(topic.slug, topic.title, str(matches[topic.slug]), topic.sentence)
    Console().print(table)
    if summary:
        without = sum(not listing.topics for listing in listings)
        click.echo(
            f"\nOf the {len(listings)} papers of No. {summary.number} ({summary.day}),"
            f" {without} belong to no topic."
        )
