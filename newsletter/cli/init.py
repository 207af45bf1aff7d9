"""`newsletter init`: a commented newsletter.toml, the key, the store."""

import os
import secrets
from datetime import date
from pathlib import Path
from typing import Any

import click
from pydantic_core import PydanticUndefined

from newsletter.cli.desk import Desk, pass_desk
from newsletter.configuration import CONFIG_VARIABLE, DEFAULT_CONFIG
from newsletter.mail_settings import EXAMPLE_ADDRESS
from newsletter.settings import Settings, every_setting
from newsletter.store.engine import init_store

_HEAD = """\
# Paper Round: what the operator decides. A key that is commented out has the value shown, or none
# where that is "…". Every key can also be set as an environment variable, which goes
# first: NEWSLETTER_BASE_URL, NEWSLETTER_RELAY__PASSWORD (two underscores after the table's name).
"""
# What has to be said before a first mail can leave, with values that work for trying things out
# with 'newsletter mailbox'.
_FIRST = {
    "base_url": '"http://localhost:8000"',
    "sender.address": '"papers@example.org"',
    "sender.postal_address": f'"{EXAMPLE_ADDRESS}"',
    "relay.host": '"127.0.0.1"',
    "relay.port": "2525",
    "relay.security": '"none"',
}


@click.command(short_help="Make newsletter.toml, the key, the store.")
@pass_desk
def init(desk: Desk) -> None:
    """Make what is missing: newsletter.toml, the secret key, the store. Run again, it changes
    nothing (but brings a PostgreSQL store up to date)."""
    config = desk.config or Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_CONFIG)
    if not config.exists():
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(example_toml(), "utf-8")
        click.echo(f"{config}: written; change at least what is not commented out.")
    settings = desk.settings
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if make_key(settings):
        click.echo(f"{settings.data_dir / 'secret.keys'}: written; keep a copy with the backups.")
    if init_store(settings.store_url):
        click.echo("The store is made and up to date.")
    if settings.sender.has_example_address:
        click.echo(
            "sender.postal_address is an example: put yours there, or no mail leaves but to a"
            " relay on this machine."
        )
    click.echo("Ready. Next: newsletter subscribers import FILE.csv --consent '…'")


def make_key(settings: Settings) -> bool:
    """Make a secret key in the data directory unless there is one; returns whether it did."""
    path = settings.data_dir / "secret.keys"
    if settings.secret_keys or path.exists():
        return False
    # Readable by the owner alone from the first moment on.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
    return True


def example_toml() -> str:
    """The commented newsletter.toml, made from the settings themselves."""
    lines = [_HEAD]
    open_section = ""
    for section, key, field in every_setting():
        if section != open_section:
            lines.append(f"[{section}]")
            open_section = section
        name = f"{section}.{key}" if section else key
        lines.append(f"# {field.description}")
        value = _FIRST.get(name)
        lines.append(f"{key} = {value}" if value else f"# {key} = {_example(field)}")
        lines.append("")
    return "\n".join(lines)


def _example(field: Any) -> str:
    default = field.default
    if isinstance(default, tuple):
        return "[" + ", ".join(_shown(value) for value in default) + "]"
    if default is None or default is PydanticUndefined:
        return '["…"]' if "tuple" in str(field.annotation) else '"…"'
    return _shown(default)


def _shown(default: Any) -> str:
    """A value as TOML has it."""
    if isinstance(default, bool):
        return str(default).lower()
    return str(default) if isinstance(default, int | float | date) else f'"{default}"'
