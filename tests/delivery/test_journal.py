import socket
from pathlib import Path

import pytest

from newsletter.delivery import journal as journals
from newsletter.delivery.journal import Journal, Mark, forget_journals, read_journal
from newsletter.errors import StoreUnavailable


def test_the_last_mark_of_a_delivery_counts(tmp_path: Path) -> None:
    with Journal(tmp_path / "journal") as journal:
        for mark, number in ((Mark.STARTED, 7), (Mark.STARTED, 8), (Mark.NOT_TAKEN, 7)):
            journal.note(mark, number)
        journal.note(Mark.STARTED, 7)
        journal.note(Mark.ACCEPTED, 7)
        # Read while the other is open: it is on disk as far as the kernel is concerned.
        marks = read_journal(tmp_path / "journal", journal.name)
        assert marks == {7: Mark.ACCEPTED, 8: Mark.STARTED}
    assert (tmp_path / "journal" / journal.name).stat().st_mode & 0o777 == 0o600
    forget_journals(tmp_path / "journal")
    forget_journals(tmp_path / "none")
    assert list((tmp_path / "journal").iterdir()) == []


def test_a_journal_whose_deliveries_stand_in_the_ledger_is_removed(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.note(Mark.STARTED, 7)
        journal.is_settled()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (f'"host": "{socket.gethostname()}"', '"host": "elsewhere"'),
        ('"boot": "', '"boot": "another'),
        ("{", "["),
    ],
)
def test_the_journal_of_another_machine_or_boot_is_not_believed(
    tmp_path: Path, old: str, new: str
) -> None:
    with Journal(tmp_path) as journal:
        journal.note(Mark.STARTED, 7)
    path = tmp_path / journal.name
    path.write_text(path.read_text().replace(old, new, 1))
    assert read_journal(tmp_path, journal.name) is None


@pytest.mark.parametrize("name", ["none", "../x", "a/b", ""])
def test_there_is_no_journal_of_that_name(tmp_path: Path, name: str) -> None:
    assert read_journal(tmp_path, name) is None


def test_a_line_that_was_not_written_whole_is_none(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        journal.note(Mark.STARTED, 7)
    path = tmp_path / journal.name
    path.write_text(path.read_text() + "a 7")
    assert read_journal(tmp_path, journal.name) == {7: Mark.STARTED}


def test_without_a_boot_id_nothing_is_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "_BOOT", tmp_path / "none")
    with Journal(tmp_path) as journal:
        journal.note(Mark.STARTED, 7)
    assert read_journal(tmp_path, journal.name) is None


def test_a_full_disk_is_told_before_anything_leaves() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("/dev/full is not here")
    journal = Journal(Path("/tmp"))
    with Path("/dev/full").open("wb", buffering=0) as full:
        journal._file = full.fileno()
        with pytest.raises(StoreUnavailable, match="cannot be written"):
            journal.note(Mark.STARTED, 7)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("a file")
    with pytest.raises(StoreUnavailable, match="cannot be made"), Journal(tmp_path / "journal"):
        pass
