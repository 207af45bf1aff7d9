"""Fingerprints: whether a second copy of a mail would still be the same bytes."""

import hashlib
import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from newsletter import __version__
from newsletter.rendering.loader import template_folders
from newsletter.settings import Settings
from newsletter.store.editions import edition_of, note_printing
from newsletter.store.ledger import Delivery

_SHAPING = {"sender", "look", "curator", "base_url", "language"}


def fingerprints(settings: Settings) -> Mapping[str, str]:
    """What shapes a mail beside its papers and its reader, each as a short hash: the templates,
    ours and the operator's; the settings; the keys."""
    sources = hashlib.sha256(__version__.encode())
    for folder in template_folders(settings.templates_dir):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                sources.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    shaping = settings.model_dump(mode="json", include=_SHAPING)
    shaping["ai_summary"] = settings.digest.ai_summary
    keys = settings.relay.dkim_key or ()
    signing = [settings.signing_keys()[0], *(key.path.read_bytes() for key in keys)]
    return {
        "templates": sources.hexdigest()[:16],
        "settings": _hash(json.dumps(shaping, sort_keys=True).encode()),
        "keys": _hash(b"\0".join([*signing, *(key.selector.encode() for key in keys)])),
    }


def note_fingerprints(connection: Connection, edition: int, settings: Settings) -> None:
    """Keep what the edition's first mail was printed with."""
    note_printing(connection, edition, json.dumps(fingerprints(settings)))


def altered(
    connection: Connection, deliveries: Sequence[Delivery], settings: Settings
) -> dict[int, list[str]]:
    """By the number of an edition, what has changed since its first mail was printed: templates,
    settings, keys. Editions of which nothing has are not in it."""
    today = fingerprints(settings)
    found = {}
    for number in sorted({delivery.edition for delivery in deliveries}):
        kept = json.loads(edition_of(connection, number).printed_with or "{}")
        if changed := [name for name, value in today.items() if kept.get(name, value) != value]:
            found[number] = changed
    return found


def _hash(octets: bytes) -> str:
    return hashlib.sha256(octets).hexdigest()[:16]
