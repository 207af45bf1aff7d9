import gzip
import json
import os
from datetime import date
from pathlib import Path

import pytest

from newsletter.editorial.freshness import Freshness, Past, judged
from newsletter.errors import InputError
from newsletter.sources import Haul, folder
from tests.sources.documents import rss, rss_item

DAY = date(2026, 4, 28)


def line(number: int) -> bytes:
    title = f"The title of paper number {number}"
    words = {"id": f"2604.{number:05}", "title": title, "abstract": "An abstract."}
    return json.dumps(words).encode() + b"\n"


def sentence(haul: Haul) -> str:
    (listed,) = haul.lists
    return judged(listed.batch, Past(), len(haul.papers)).sentence


@pytest.mark.parametrize(
    ("name", "waits"),
    [
        ("papers.jsonl", True),
        ("papers.JSON", True),
        ("papers.xml", True),
        ("papers.rss", True),
        ("papers.atom", True),
        ("papers.txt", True),
        ("papers.gz", True),
        ("Zoë's papers (2).json.gz", True),
        ("papers.part.jsonl", True),
        (".hidden.jsonl", False),
        (".papers.jsonl.swp", False),
        ("papers.jsonl.part", False),
        ("papers.jsonl.tmp", False),
        ("papers.jsonl.crdownload", False),
        ("papers.swp", False),
        ("papers.jsonl~", False),
    ],
)
def test_a_file_that_is_hidden_or_half_written_is_not_there_yet(tmp_path, name, waits) -> None:
    path = tmp_path / name
    path.write_bytes(line(1))
    assert folder.dropped(tmp_path) == ([path] if waits else [])
    assert not folder.read(tmp_path).faults
    haul = folder.read(tmp_path)
    assert (len(haul.papers), haul.files) == ((1, (path,)) if waits else (0, ()))


def test_folders_and_dangling_links_are_no_files(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "old.jsonl").write_bytes(line(1))
    (tmp_path / "dangling.jsonl").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    assert folder.dropped(tmp_path) == []


def test_what_waits_is_read_in_the_order_of_names_and_every_work_once(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_bytes(line(2) + line(1))
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(line(3) + line(2)))
    (tmp_path / "c.xml").write_bytes(
        rss(
            rss_item("2604.00004v1", title="The fourth of these titles"),
            rss_item("2604.00001v2", kind="replace"),
        )
    )
    haul = folder.read(tmp_path)
    assert haul.source == "folder"
    assert [paper.arxiv for paper in haul.papers] == [f"2604.0000{n}" for n in (3, 2, 1, 4)]
    assert [paper.arxiv for paper in haul.updates] == ["2604.00001"]
    assert [path.name for path in haul.files] == ["a.json.gz", "b.jsonl", "c.xml"]
    (listed,) = haul.lists
    assert (listed.covered, listed.batch.due, listed.batch.listed) == (None, None, None)
    assert listed.batch.ids == {paper.id for paper in haul.papers}
    assert sentence(haul) == "folder: fresh: 4 new papers"


def test_an_empty_folder_is_quiet(tmp_path: Path) -> None:
    haul = folder.read(tmp_path)
    assert (haul.papers, haul.faults, haul.files) == ((), (), ())
    assert sentence(haul) == "folder: quiet: no file waits in it"


def test_a_missing_folder_is_broken_and_says_what_to_do(tmp_path: Path) -> None:
    haul = folder.read(tmp_path / "inbox")
    reason = f"{tmp_path}/inbox: No such file or directory: make the folder, or mend sources"
    assert sentence(haul) == f"folder: broken: {reason}"
    assert haul.files == ()
    with pytest.raises(InputError, match=f"^{reason}$"):
        folder.dropped(tmp_path / "inbox")
    (tmp_path / "inbox").write_bytes(b"")
    assert "inbox: Not a directory: " in sentence(folder.read(tmp_path / "inbox"))


def test_a_file_that_cannot_be_read_stays_and_is_told_every_time(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_bytes(b'{"title": ""}\n' * 2)
    (tmp_path / "cut.gz").write_bytes(gzip.compress(line(1))[:-9])
    (tmp_path / "empty.xml").write_bytes(b"")
    (tmp_path / "good.jsonl").write_bytes(line(1))
    for haul in (folder.read(tmp_path), folder.read(tmp_path)):
        assert [path.name for path in haul.files] == ["good.jsonl"]
        assert len(haul.papers) == 1
        (listed,) = haul.lists
        assert listed.batch.trouble == (
            f"{tmp_path}/bad.jsonl: no paper in it could be read;"
            f" {tmp_path}/cut.gz: the gzip breaks off: is it still being written?;"
            f" {tmp_path}/empty.xml: the file is empty"
        )
        assert judged(listed.batch, Past(), 1).freshness is Freshness.PARTIAL
        assert [(fault.where, fault.line) for fault in haul.faults] == [
            (f"{tmp_path}/{name}", None) for name in ("bad.jsonl", "cut.gz", "empty.xml")
        ]
        assert haul.faults[0].reason.startswith("no paper in it could be read\n  ")
        assert haul.faults[2].reason == "the file is empty"


ENDINGS = ".json, .jsonl, .xml, .rss, .atom, .gz or .txt"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("README", b"Put papers here.\n", f"not read: its name ends in no {ENDINGS}"),
        ("papers.csv", line(1), f"not read: its name ends in no {ENDINGS}"),
        ("taken", b"", f"not read: its name ends in no {ENDINGS}"),
        ("README.txt", b"Put papers here.\n", "in no format that is read: "),
        ("Notes.TXT", b"\xff", "1: not UTF-8 in column 1; "),
        ("empty.txt", b"", "the file is empty"),
    ],
)
def test_what_is_none_of_papers_is_told_and_nobody_waits_for_it(tmp_path, name, content, reason):
    (tmp_path / name).write_bytes(content)
    haul = folder.read(tmp_path)
    assert sentence(haul) == "folder: quiet: no file waits in it"
    (fault,) = haul.faults
    assert (fault.where, haul.files) == (f"{tmp_path}/{name}", ())
    assert fault.reason.removeprefix(f"{tmp_path}/{name}:").startswith(reason)
    (tmp_path / "good.jsonl").write_bytes(line(1))
    assert sentence(folder.read(tmp_path)) == "folder: fresh: 1 new paper"


def test_a_bad_line_of_a_good_file_is_told_and_the_file_is_taken(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(1) + b"{}\n")
    haul = folder.read(tmp_path)
    assert [str(fault) for fault in haul.faults] == [f'{tmp_path}/a.jsonl:2: "title" is missing']
    assert len(haul.files) == 1
    assert sentence(haul) == "folder: fresh: 1 new paper"


def test_a_file_that_was_taken_is_under_its_day_and_is_not_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(1))
    folder.take(folder.read(tmp_path).files, DAY)
    assert (tmp_path / "taken/2026-04-28/a.jsonl").read_bytes() == line(1)
    assert folder.dropped(tmp_path) == []
    assert folder.read(tmp_path).papers == ()


def test_files_of_the_same_name_are_all_kept(tmp_path: Path) -> None:
    for number in range(1, 4):
        for name in ("a.jsonl", "b", "c.json.gz"):
            (tmp_path / name).write_bytes(line(number))
        folder.take(folder.dropped(tmp_path), DAY)
    taken = tmp_path / "taken/2026-04-28"
    assert {path.name: path.read_bytes() for path in taken.iterdir()} == {
        "a.jsonl": line(1),
        "a-2.jsonl": line(2),
        "a-3.jsonl": line(3),
        "b": line(1),
        "b-2": line(2),
        "b-3": line(3),
        "c.json.gz": line(1),
        "c.json-2.gz": line(2),
        "c.json-3.gz": line(3),
    }


def test_a_file_that_somebody_moved_meanwhile_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(1))
    (tmp_path / "b.jsonl").write_bytes(line(2))
    haul = folder.read(tmp_path)
    (tmp_path / "a.jsonl").unlink()
    assert folder.take(haul.files, DAY) == []
    assert [path.name for path in (tmp_path / "taken/2026-04-28").iterdir()] == ["b.jsonl"]


def test_a_file_in_the_place_of_the_folder_of_what_is_taken_is_told(tmp_path: Path) -> None:
    (tmp_path / "taken").write_bytes(b"")
    for number in (1, 2):
        (tmp_path / f"{number}.jsonl").write_bytes(line(number))
    assert folder.take(folder.read(tmp_path).files, DAY) == [
        f"{tmp_path}/{number}.jsonl was read and could not be moved to taken"
        f" ({tmp_path}/taken is a file: move it away)"
        for number in (1, 2)
    ]
    assert len(folder.read(tmp_path).papers) == 2


def test_what_cannot_be_moved_stays_and_is_told_and_the_others_are_moved(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(line(1))
    there = tmp_path / "there"
    there.mkdir()
    (there / "b.jsonl").write_bytes(line(2))
    too_long = tmp_path / ("x" * 300 + ".jsonl")
    told = folder.take([too_long, tmp_path / "a.jsonl", there / "b.jsonl"], DAY)
    reason = f"{tmp_path}/taken: File name too long"
    assert told == [f"{too_long} was read and could not be moved to taken ({reason})"]
    assert len(list(tmp_path.rglob("taken/2026-04-28/*.jsonl"))) == 2
