from datetime import UTC, datetime

from sqlalchemy import select

from subscribers import errands, roster, tables, taste
from subscribers.addresses import Address
from subscribers.held import held
from subscribers.links import Errand
from subscribers.model import Consent, Preferences

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
ADA = Address.parse("ada@example.org")


def test_nothing_is_held_of_nobody(connection):
    assert held(connection, 999) is None


def test_what_she_asked_for_and_has_yet_to_confirm_is_held_too(connection):
    question = errands.ask(connection, ADA, Preferences(hour=7), "wording 1", "form", NOW)
    hers = held(connection, question.subscriber)
    assert (hers["state"], hers["consents"]) == ("pending", [])
    assert hers["asked"] == [
        {
            "errand": "confirm",
            "with": {"preferences": {"hour": 7}, "wording": "wording 1", "source": "form"},
            "at": "2026-11-25T09:00:00+00:00",
            "until": "2026-11-27T09:00:00+00:00",
        }
    ]


def test_every_table_that_names_her_is_told_of_and_emptied_when_she_is_erased(connection):
    consent = Consent("asked", "form", NOW)
    number = roster.enrol(connection, ADA, "Ada", Preferences(), consent).number
    taste.ask(connection, number, "arxiv:2603.00001", False, NOW)
    errands.ask_own(connection, number, Errand.EXPORT, NOW)
    hers = held(connection, number)
    naming = [t for t in tables.metadata.sorted_tables if {"subscriber", "number"} & {*t.c.keys()}]
    told = {"subscribers": "address", "consents": "consents", "tastes": "taste", "errands": "asked"}
    assert {table.name for table in naming} - {"departures"} == set(told)
    assert all(hers[key] for key in told.values())
    roster.erase(connection, number, NOW)
    for name in told:
        assert connection.execute(select(tables.metadata.tables[name])).all() == []
    texts = [
        str(cell)
        for table in tables.metadata.sorted_tables
        for row in connection.execute(select(table))
        for cell in row
    ]
    # Her address by its domain: a key is random octets, and "@" may be among them.
    assert not any("example.org" in text or text == "Ada" for text in texts)
