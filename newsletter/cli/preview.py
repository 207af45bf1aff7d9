"""`newsletter preview`: the bytes that run would send."""

import email
import email.policy
from datetime import date, datetime
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
from newsletter.errors import WrongUse
from newsletter.steps.gather import haul_of
from newsletter.steps.preview import mail_preview
from newsletter.steps.preview import preview as preview_step
from subscribers.addresses import Address


@click.command(short_help="Show the mail that run would send.")
@click.option("--for", "address", type=ADDRESS, required=True, help="Whose mail.")
@day_option
@papers_option
@now_option
@output_option("FILE.eml, .html or .txt; by default the text goes to the terminal.")
@click.option("--mail-to", type=ADDRESS, help="Send it there, to look at in a real inbox.")
@pass_desk
def preview(
    desk: Desk,
    address: Address,
    day: date | None,
    papers: Path | None,
    now: datetime | None,
    output: Path | None,
    mail_to: Address | None,
) -> None:
    """Print one reader's mail, byte for byte as 'run' with the same options sends it."""
    if output and output.suffix not in {".eml", ".html", ".txt"}:
        raise click.UsageError(f"{output}: the name must end in .eml, .html or .txt")
    morning = desk.morning(day, now)
    haul = haul_of(papers) if papers else None
    with desk.store() as store, store.trying() as connection:
        shown = preview_step(
            connection,
            address,
            desk.catalogue,
            desk.settings,
            morning.day,
            morning.now,
            haul,
        )
    click.echo(f"Edition No. {shown.edition.number} of {shown.edition.day}: {shown.note}", err=True)
    if shown.message is None:
        return
    if mail_to:
        mail_preview(desk.settings, shown.message, mail_to)
        click.echo(f"Sent to {mail_to}.")
        if output is None:
            return
    octets = shown.message.as_bytes()
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
