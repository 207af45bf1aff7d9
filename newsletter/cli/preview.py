"""`newsletter preview`: the bytes that run would send, and every kind of mail on one page."""

import email
import email.policy
import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from importlib.resources import as_file, files
from pathlib import Path

import click

from newsletter.cli.desk import (
    ADDRESS,
    Desk,
    day_option,
    now_option,
    output_option,
    papers_option,
    pass_desk,
)
from newsletter.cli.gallery import Exhibit, gallery_page, serve_gallery
from newsletter.delivery.message import Message
from newsletter.editorial.editions import Candidate, Listing, compose
from newsletter.errors import WrongUse
from newsletter.rendering.loader import template_folders
from newsletter.sources import Haul
from newsletter.steps.gather import haul_of
from newsletter.steps.morning import Morning
from newsletter.steps.preview import Preview, mail_preview
from newsletter.steps.preview import preview as preview_step
from newsletter.steps.specimens import for_looking, proofread, specimens
from newsletter.steps.stationery import Stationery
from subscribers.addresses import Address

_NO_ADDRESS = "-o and --mail-to show one reader's mail: name her with --for ADDRESS"


@click.command(short_help="Show the mail that run would send, or every kind of mail.")
@click.option("--for", "address", type=ADDRESS, help="Whose mail.")
@day_option
@papers_option
@now_option
@output_option("FILE.eml, .html or .txt.")
@click.option("--mail-to", type=ADDRESS, help="Send it there, to look at in a real inbox.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Of the gallery; by default a free one.",
)
@pass_desk
def preview(
    desk: Desk,
    address: Address | None,
    day: date | None,
    papers: Path | None,
    now: datetime | None,
    output: Path | None,
    mail_to: Address | None,
    port: int,
) -> None:
    """Print one reader's mail, byte for byte as 'run' with the same options sends it.

    Without -o and --mail-to a gallery opens in the browser: every kind of mail on a phone and a
    desktop, in light and dark, printed anew as templates change. Where there is no terminal, the
    mail's text is printed instead, or without --for the gallery is written to a file.
    """
    if output and output.suffix not in {".eml", ".html", ".txt"}:
        raise click.UsageError(f"{output}: the name must end in .eml, .html or .txt")
    if address is None and (output or mail_to):
        raise click.UsageError(_NO_ADDRESS)
    morning = desk.morning(day, now)
    haul = haul_of(papers) if papers else None
    if not (output or mail_to) and (address is None or sys.stdout.isatty()):
        _show_gallery(desk, morning, haul, address, port)
        return
    if address is None:
        raise click.UsageError(_NO_ADDRESS)
    shown = _previewed(desk, morning, haul, address)
    click.echo(_told(shown), err=True)
    if shown.message is None:
        return
    if mail_to:
        mail_preview(desk.settings, shown.message, mail_to)
        click.echo(f"Sent to {mail_to}.")
        if output is None:
            return
    _write(shown.message, address, output)
    proofread(desk.catalogue, for_looking(desk.settings))  # what run would refuse to send


def _write(message: Message, address: Address, output: Path | None) -> None:
    octets = message.as_bytes()
    if output and output.suffix == ".eml":
        output.write_bytes(octets)
        return
    kind = "html" if output and output.suffix == ".html" else "plain"
    part = email.message_from_bytes(octets, policy=email.policy.default).get_body((kind,))
    if part is None:
        raise WrongUse(f"{address} gets plain text only: there is no HTML to show")
    if output:
        output.write_text(part.get_content(), "utf-8")
    else:
        click.echo(part.get_content())


def _show_gallery(
    desk: Desk, morning: Morning, haul: Haul | None, address: Address | None, port: int
) -> None:
    settings = for_looking(desk.settings)
    listings = _listings(desk, haul)

    def exhibits() -> Iterator[Exhibit]:
        if address:
            hers = _previewed(desk, morning, haul, address)
            if hers.message:
                yield Exhibit(f"{address}: {hers.note}", hers.message)
        for specimen in specimens(desk.catalogue, settings, listings):
            yield Exhibit(specimen.name, specimen.message, specimen.faults)

    source = f"{len(listings)} papers, made-up readers."
    if sys.stdout.isatty():
        folders = template_folders(settings.templates_dir)
        serve_gallery(lambda stamp: gallery_page(exhibits, source, stamp), folders, port)
        return
    folder = settings.data_dir / "preview"
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "index.html"
    page.write_text(gallery_page(exhibits, source), "utf-8")
    click.echo(f"Every kind of mail: {page}")


def _previewed(desk: Desk, morning: Morning, haul: Haul | None, address: Address) -> Preview:
    with desk.store() as store, store.trying() as connection:
        return preview_step(
            connection,
            address,
            desk.catalogue,
            desk.settings,
            morning.day,
            morning.now,
            haul,
        )


def _told(shown: Preview) -> str:
    return f"Edition No. {shown.edition.number} of {shown.edition.day}: {shown.note}"


def _listings(desk: Desk, haul: Haul | None) -> Sequence[Listing]:
    """What the gallery's digests are made of: the papers named, or the shipped ones."""
    if haul is None:
        with as_file(files("newsletter") / "demo/papers.jsonl") as shipped:
            haul = haul_of(shipped)
    language = Stationery(desk.settings).language
    candidates = (Candidate(paper) for paper in haul.papers)
    return compose(1, date(2026, 3, 13), candidates, desk.catalogue, language).listings
