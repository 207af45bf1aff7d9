"""`newsletter demo`: the whole thing on shipped papers and made-up readers."""

from pathlib import Path

import click
from rich.console import Console

from newsletter.cli.desk import Desk, pass_desk
from newsletter.cli.serve import serve_pages
from newsletter.demo.album import write_album
from newsletter.demo.morning import NOW, NOWHERE, DemoMorning, demo_morning, demo_place
from newsletter.rendering.tex import to_text
from newsletter.store.ledger import State


@click.command(short_help="Send a morning's digests to made-up readers.")
@click.option("--serve", "serving", is_flag=True, help="And serve the pages their links lead to.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@pass_desk
def demo(desk: Desk, serving: bool, port: int) -> None:
    """Send one morning's digests to made-up readers: no account, no network.

    Everything stays in the data directory's demo/ folder: a store, the mails, a page that shows
    them. With --serve their links work, on that morning, until Ctrl-C; what the pages mail goes to
    the same folder.
    """
    folder = desk.settings.data_dir / "demo"
    here = ("127.0.0.1", port)
    with demo_place(folder, "http://{}:{}".format(*here) if serving else NOWHERE) as place:
        _show(demo_morning(place, desk.catalogue), folder)
        if serving:
            serve_pages(place.settings, place.store, desk.catalogue, lambda: NOW, here)


def _show(morning: DemoMorning, folder: Path) -> None:
    page = folder / "index.html"
    count = write_album(morning.mails, page)
    _tell(morning)
    waiting = sum(served.delivery is None for served in morning.served)
    skipped = len(morning.served) - waiting - count
    click.echo(
        f"\n{len(morning.served)} readers: {count} mails were sent over SMTP into {morning.mails},"
        f" {waiting} not due, {skipped} skipped."
    )
    click.echo(f"Look at them: {page}")


def _tell(morning: DemoMorning) -> None:
    console = Console(highlight=False)
    edition = morning.edition
    console.print(f"Edition No. {edition.number} of {edition.day}: {edition.listings} papers")
    for served in morning.served:
        reader, delivery = served.reader, served.delivery
        name = reader.name or reader.address.text
        if delivery is None:
            console.print(f"\n[bold]{_plain(name)}[/]: not due at this hour")
        elif delivery.state is not State.SENT:
            console.print(f"\n[bold]{_plain(name)}[/]: {delivery.state} ({delivery.reason})")
        else:
            console.print(f"\n[bold]{_plain(name)}[/]: {len(delivery.papers)} papers")
            for printed in delivery.papers:
                title = to_text(morning.titles[printed.paper_id])
                console.print(f"  {_plain(title)}", no_wrap=True, overflow="ellipsis")
                console.print(f"    [dim]{_plain(printed.reason)}[/]")


def _plain(text: str) -> str:
    """The text with nothing in it that rich would take for markup."""
    return text.replace("[", r"\[")
