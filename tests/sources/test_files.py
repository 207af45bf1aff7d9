import gzip
import json
from pathlib import Path

import pytest

from newsletter.errors import InputError
from newsletter.sources.files import read_papers
from tests.sources.documents import announcement, atom, error, found, oai, oai_record, rss, rss_item

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
needs_real_inputs = pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here")

LONG = "An abstract says what was done and what came of it. " * 8
FORMATS = (
    "JSONL (one paper a line), the JSON of Hugging Face's daily papers, arXiv's RSS or Atom, or "
    "the text of a trending page (a title, a blank line, its abstract, and so on); each may be "
    "packed with gzip"
)


def written(folder: Path, content: bytes, name: str = "papers") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def line(**values: object) -> bytes:
    return json.dumps({"title": "A title", "abstract": "An abstract."} | values).encode() + b"\n"


@needs_real_inputs
@pytest.mark.parametrize(
    ("name", "papers"),
    [
        ("seed/trending-page.txt", 68),
        ("seed/trending-mar-13.jsonl", 68),
        ("hf/daily_papers-2026-06-12.json", 30),
        ("hf/daily_papers-2026-07-13.json", 25),
        ("arxiv/day-2026-04-21.jsonl.gz", 644),
        ("arxiv/day-2025-03-28.jsonl.gz", 199),
        ("arxiv/day-2025-11-18.jsonl.gz", 2),
        ("arxiv/awkward.jsonl.gz", 31),
        ("arxiv/labelled-topics-a.jsonl.gz", 1889),
        ("feeds/arxiv-api-all-transformer.atom.xml", 5),
        ("feeds/arxiv-api-cs.AI-cs.LG-2026-07-13.atom.xml", 50),
        ("feeds/arxiv-rss-cs.AI-2026-04-27.rss.xml", 3),
        ("feeds/arxiv-rss-weekend-empty-2026-08-01.rss.xml", 0),
        ("feeds/arxiv-oai-arXiv-record-single.xml", 1),
    ],
)
def test_every_real_file_is_read_whole_and_without_a_fault(name: str, papers: int) -> None:
    haul = read_papers(SHARED / name)
    assert len(haul.papers) == papers
    assert haul.faults == ()
    assert len({paper.id for paper in haul.papers}) == papers


@needs_real_inputs
@pytest.mark.parametrize(
    "name",
    [
        "feeds/arxiv-mail-announcement-q-fin-2023-03-17.txt",
        "feeds/arxiv-rss_specifications.md",
        "feeds/arxiv-429-body.txt",
        "feeds/arxiv-oai_dc-cs-2024-01-25.xml",
        "hf/third-party-rss-feedgen-2026-04-30.xml",
        "lists/substack-signups.csv",
        "README.md",
    ],
)
def test_a_real_file_that_is_something_else_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        read_papers(SHARED / name)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(line(), id="lines"),
        pytest.param(b"\xef\xbb\xbf" + line(), id="a byte order mark"),
        pytest.param(b"\r\n\n  " + line().rstrip() + b"\r\n", id="CRLF and blank lines"),
        pytest.param(line().rstrip(), id="no final newline"),
        pytest.param(b"[" + line() + b"]", id="an array"),
        pytest.param(json.dumps(json.loads(line()), indent=2).encode(), id="one pretty object"),
        pytest.param(b'{"paper": ' + line() + b"}", id="one wrapped object"),
        pytest.param(f"new\n\nA title\n\n{LONG}".encode(), id="a page"),
        pytest.param(rss(rss_item()), id="RSS"),
        pytest.param(b"\xef\xbb\xbf\r\n" + atom(announcement()), id="Atom, as an editor saves it"),
        pytest.param(atom(found()), id="what a query found"),
        pytest.param(oai(oai_record()), id="a harvest"),
    ],
)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_the_format_is_told_by_content_and_never_by_name(tmp_path, content, pack) -> None:
    haul = read_papers(written(tmp_path, pack(content), "papers.csv"))
    assert [paper.title for paper in haul.papers] == ["A title"]
    assert haul.faults == ()
    assert haul.source == str(tmp_path / "papers.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", ": the file is empty", id="empty"),
        pytest.param(b"\xef\xbb\xbf \r\n\n", ": the file is empty", id="blank"),
        pytest.param(gzip.compress(b""), ": the file is empty", id="empty gzip"),
        pytest.param(b"[]", ": an empty list of papers", id="empty list"),
        pytest.param(b"name,email\na,b\n", f": in no format that is read: {FORMATS}", id="CSV"),
        pytest.param(
            f"<html>\n\nA title\n\n{LONG}".encode(),
            f": in no format that is read: {FORMATS}",
            id="HTML",
        ),
        pytest.param(
            f"A title\n\n{LONG}".encode("utf-16-le"),
            f": in no format that is read: {FORMATS}",
            id="NUL",
        ),
        pytest.param(
            b"<!DOCTYPE rss>" + rss(rss_item()).partition(b"?>")[2],
            f": in no format that is read: {FORMATS}",
            id="a DOCTYPE",
        ),
        pytest.param(
            b"<feed><entry><id>tag:blog</id><title>A</title><summary>B</summary></entry></feed>",
            ": no paper in it could be read\n  {path}: record 1: its id is none of arXiv's",
            id="somebody's blog",
        ),
        pytest.param(
            rss(rss_item())[:600],
            ": no paper in it could be read"
            "\n  {path}: not well-formed from line 8 on; nothing after it was read",
            id="RSS that breaks off",
        ),
        pytest.param(
            atom(error("incorrect id format for abc")),
            ": no paper in it could be read\n  {path}: arXiv says: incorrect id format for abc",
            id="an error of arXiv's",
        ),
        pytest.param(
            f"A title\n\n{LONG}\n\n".encode() * 12_000,
            f": in no format that is read: {FORMATS}",
            id="far more than a page",
        ),
        pytest.param(
            b"new\n\nA t\xe9tle\n",
            f":3: not UTF-8 in column 4; papers are read from {FORMATS}",
            id="Latin-1 page",
        ),
        pytest.param(
            '[{"title": "é'.encode("utf-16"),
            f":1: not UTF-8 in column 1; papers are read from {FORMATS}",
            id="UTF-16",
        ),
        pytest.param(
            '[{"title": "é'.encode() + b'\xff"}]',
            f":1: not UTF-8 in column 14; papers are read from {FORMATS}",
            id="columns count characters",
        ),
        pytest.param(
            gzip.compress(b"x", mtime=0)[:-8] + bytes(8),
            ": the gzip is damaged (CRC check failed 0x0 != 0x8cdc1683); fetch it again",
            id="wrong checksum",
        ),
        pytest.param(
            b'{"title": "x"}',
            ': no paper in it could be read\n  {path}:1: "abstract" or "summary" is missing',
            id="one bad record",
        ),
        pytest.param(
            b'{"title": ""}\n' * 1007,
            ": no paper in it could be read"
            + "".join(f'\n  {{path}}:{number}: "title" is empty' for number in range(1, 6))
            + "\n  and 1,002 more",
            id="many bad records",
        ),
    ],
)
def test_a_file_with_nothing_usable_is_refused_with_the_reason(tmp_path, content, message) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError) as refusal:
        read_papers(path)
    assert str(refusal.value) == f"{path}{message}".replace("{path}", str(path))


def test_a_missing_file_and_a_folder_are_refused_by_name(tmp_path) -> None:
    with pytest.raises(InputError, match=r"/nowhere: No such file or directory$"):
        read_papers(tmp_path / "nowhere")
    with pytest.raises(InputError, match=f"^{tmp_path}: Is a directory$"):
        read_papers(tmp_path)


def test_bad_lines_are_named_and_the_others_go_on(tmp_path) -> None:
    broken = b'Sure, here they are:\n\n{"title": "Cut o\n' + line() + line(votes="many")
    broken += line(title="Latin-1").replace(b"1", b"\xe9")
    haul = read_papers(written(tmp_path, broken))
    assert len(haul.papers) == 1
    assert [str(fault) for fault in haul.faults] == [
        f"{tmp_path}/papers:1: not JSON from column 1 on",
        f"{tmp_path}/papers:3: not JSON from column 11 on",
        f'{tmp_path}/papers:5: "votes" must be a whole number, not "many"',
        f"{tmp_path}/papers:6: not UTF-8 in column 18",
    ]


def test_a_first_line_beyond_reading_does_not_hide_the_others(tmp_path) -> None:
    haul = read_papers(written(tmp_path, b'{"title": "\xff\n' + line()))
    assert [paper.title for paper in haul.papers] == ["A title"]
    assert [str(fault) for fault in haul.faults] == [f"{tmp_path}/papers:1: not UTF-8 in column 12"]


def test_one_work_under_several_names_is_one_paper_in_the_place_of_its_first(tmp_path) -> None:
    lines = [
        line(id="2604.10929v1", votes=3),
        line(title="Another", id="2604.10930"),
        line(url="https://arxiv.org/abs/2604.10929v2", votes=5),
        line(title="Another", arxiv_id="2604.10930"),
    ]
    haul = read_papers(written(tmp_path, b"".join(lines)))
    assert [(str(paper.id), paper.votes) for paper in haul.papers] == [
        ("arxiv:2604.10929", 5),
        ("arxiv:2604.10930", None),
    ]


def test_what_arxiv_announces_again_is_an_update_and_the_list_of_a_sunday_is_empty(
    tmp_path,
) -> None:
    items = [rss_item("2604.00001v1"), rss_item("2604.00002v2", kind="replace"), rss_item(kind="x")]
    haul = read_papers(written(tmp_path, rss(*items)))
    assert [str(paper.id) for paper in haul.papers] == ["arxiv:2604.00001"]
    assert [str(paper.id) for paper in haul.updates] == ["arxiv:2604.00002"]
    assert [str(fault) for fault in haul.faults] == [
        f'{tmp_path}/papers: record 3: announced as "x", which is not known'
    ]
    empty = read_papers(written(tmp_path, rss()))
    assert (empty.papers, empty.updates, empty.faults) == ((), (), ())


def test_a_feed_that_breaks_off_brings_what_came_before(tmp_path) -> None:
    haul = read_papers(written(tmp_path, rss(rss_item(), rss_item("2604.00002v1"))[:-60]))
    assert [str(paper.id) for paper in haul.papers] == ["arxiv:2604.00001"]
    assert [fault.reason.partition("; ")[2] for fault in haul.faults] == [
        "nothing after it was read"
    ]


def test_more_records_than_a_month_brings_are_refused_whole(tmp_path) -> None:
    path = written(tmp_path, line() + b"{}x\n" * 50_000)
    with pytest.raises(InputError, match=r": more than 50,000 records: bring fewer at a time$"):
        read_papers(path)


def test_a_feed_has_a_measure_too(tmp_path: Path) -> None:
    path = written(tmp_path, rss(*["<item/>"] * 50_000, rss_item()))
    with pytest.raises(InputError, match=r": more than 50,000 records: bring fewer at a time$"):
        read_papers(path)
