"""`newsletter mailbox`: a catch-all SMTP server into a Maildir, for trying things."""

import time
from pathlib import Path

import click

from newsletter.demo.mailbox import Mailbox


@click.command(short_help="Take every mail here, for trying things.")
@click.option("--port", type=click.IntRange(0, 65535), default=2525, show_default=True)
@click.option(
    "--dir", "folder", type=click.Path(path_type=Path), default=Path("var/mailbox"),
    show_default=True, help="The Maildir; made if it is missing.",
)  # fmt: skip
def mailbox(port: int, folder: Path) -> None:
    """Take every mail on 127.0.0.1 and keep it in a Maildir, byte for byte, until Ctrl-C.

    For newsletter.toml: [relay] host = "127.0.0.1", port = 2525, security = "none".
    """
    with Mailbox(folder, port) as box:
        click.echo(f"Taking all mail on 127.0.0.1:{box.port} into {folder}; Ctrl-C ends it.")
        try:
            while True:  # a signal right before a wait is heard after it
                time.sleep(1)
        except KeyboardInterrupt:
            click.echo(f"{box.count} mails taken.")
