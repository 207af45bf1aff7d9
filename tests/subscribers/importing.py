"""Files brought in as an operator would, and what then stands in the roster."""

from datetime import UTC, datetime

from subscribers import roster
from subscribers.addresses import Address
from subscribers.exchange import import_csv
from subscribers.model import Consent, Preferences

NOW = datetime(2026, 3, 13, 7, tzinfo=UTC)
TOPICS = ("computer-vision", "nlp", "robotics")
GROUND = "signed up at the desk"
NOTHING = Preferences()


def paper_of(text):
    """Papers here are called paper:1, paper:2…, by their numbers or by name."""
    number = text.removeprefix("paper:")
    return f"paper:{number}" if number.isdecimal() else None


def brought(connection, path):
    return import_csv(connection, path, GROUND, TOPICS, NOW, paper_of)


def taken(connection, file, content):
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return brought(connection, file)


def names(connection):
    return {str(reader.address): reader.name for reader in roster.everyone(connection)}


def only(connection):
    (reader,) = roster.everyone(connection)
    return reader


def refusals(report):
    return [(fault.line, fault.email) for fault in report.refused]


def enrolled(connection, address, preferences=NOTHING):
    consent = Consent("asked in person", "the desk", NOW)
    return roster.enrol(connection, Address.parse(address), "", preferences, consent).number
