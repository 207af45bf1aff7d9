import pytest

from newsletter.sources import Fault
from newsletter.sources.jsonl import LINE_LIMIT, read

GOOD = b'{"title": "A title", "abstract": "An abstract."}\n'


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"title": "x",', "not JSON from column 15 on"),
        (GOOD.strip() + b" " + GOOD.strip(), "not JSON from column 50 on"),
        (b'{"title": "tab\there"}', "not JSON from column 15 on"),
        (b"not JSON", "not JSON from column 1 on"),
        ('{"title": "é'.encode() + b'\xe9"}', "not UTF-8 in column 13"),
        (b"[" * 100_000, "a number too long or brackets too deep to be read"),
        (b"9" * 5_000, "a number too long or brackets too deep to be read"),
        (b" " * LINE_LIMIT + b"x", "longer than 5,000,000 bytes"),
        (b'"text"', '"text" is not an object'),
    ],
)
def test_a_bad_line_is_a_fault_and_the_next_one_a_paper(line, reason) -> None:
    fault, paper = read(line + b"\n" + GOOD, "papers.jsonl")
    assert fault == Fault("papers.jsonl", 1, reason)
    assert not isinstance(paper, Fault)
    assert paper.title == "A title"


def test_lines_are_counted_as_editors_do_and_blank_ones_are_nothing() -> None:
    separators = '{"title": "one\u2028\u0085line", "abstract": "x"}'.encode()
    _, _, fault = read(b"\n\r\n" + separators + b"\r\n" + GOOD + b"\n{}", "papers.jsonl")
    assert str(fault) == 'papers.jsonl:6: "title" is missing'
