"""`newsletter subscribers taste`: what one reader asked more and less of."""

from datetime import UTC, datetime

import click
from sqlalchemy import Connection

from newsletter.cli.desk import Desk, count_of, pass_desk
from newsletter.cli.one_reader import address_argument, found
from newsletter.rendering.printable import title_line
from newsletter.steps import taste as tasting
from newsletter.steps.taste import Asked
from subscribers import taste as tastes
from subscribers.addresses import Address


@click.command(short_help="Show or change what she asked more and less of.")
@address_argument
@click.option("--more", multiple=True, metavar="PAPER", help="She wants more like it.")
@click.option("--less", multiple=True, metavar="PAPER", help="She wants less like it.")
@click.option("--forget", multiple=True, metavar="PAPER", help="Take back what she asked about it.")
@click.option("--reset", is_flag=True, help="Take back all that she asked until now.")
@pass_desk
def taste(
    desk: Desk,
    address: Address,
    more: tuple[str, ...],
    less: tuple[str, ...],
    forget: tuple[str, ...],
    reset: bool,
) -> None:
    """Show or change what she asked more and less of.

    PAPER is an arXiv id, a DOI, a link to one of both, or words of a title that only one paper of
    the archive has. Each option may be repeated. Without any, what she asked is listed.
    """
    changes = reset or bool(more + less + forget)
    with found(desk, address, writes=changes) as (connection, reader):
        lines = []
        if reset:
            count = tastes.reset(connection, reader.number, datetime.now(UTC))
            lines.append(f"what she asked about {count_of(count, 'paper')} is forgotten.")
        for text in forget:
            paper = tasting.forget(connection, reader.number, text)
            lines.append(f"what she asked about {paper} is forgotten.")
        lines += _asking(connection, reader.number, more, more=True)
        lines += _asking(connection, reader.number, less, more=False)
        known = () if changes else tasting.asked(connection, reader.number)
    for line in lines:
        click.echo(f"{address}: {line}")
    for asked in known:
        click.echo(_line(asked))
    if not (changes or known):
        click.echo(f"{address}: she asked neither more nor less of any paper.")


def taste_words(taste: tastes.Taste) -> str:
    """How much she asked, in words, "" for nothing."""
    counts = (("more like", taste.more), ("less like", taste.less))
    return ", ".join(
        f"{words} {count_of(len(papers), 'paper')}" for words, papers in counts if papers
    )


def _asking(
    connection: Connection, subscriber: int, texts: tuple[str, ...], *, more: bool
) -> list[str]:
    now, sign = datetime.now(UTC), "more" if more else "less"
    works = [tasting.ask(connection, subscriber, text, more, now) for text in texts]
    return [f"{sign} like {_title(work.title)} ({work.id})." for work in works]


def _line(asked: Asked) -> str:
    title = _title(asked.title) if asked.title else "not in the archive yet"
    return f"{'more' if asked.more else 'less'}  {asked.paper}  {title}"


def _title(title: str) -> str:
    return f"“{title_line(title)}”"
