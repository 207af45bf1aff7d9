"""The real files together: how many works they hold, and why any two records are one."""

import gzip
import json

from newsletter.editorial.papers import Paper
from newsletter.editorial.works import Identities, merged, unified, works
from newsletter.sources.files import read_papers
from tests.sources.test_files import SHARED, needs_real_inputs

PAGE, KNOWN = "seed/trending-page.txt", "seed/trending-mar-13.jsonl"
BIG_DAY = "arxiv/day-2026-04-21.jsonl.gz"
OTHERS = ("hf/daily_papers-2026-06-12.json", "hf/daily_papers-2026-07-13.json", BIG_DAY)


def papers(*names: str) -> list[Paper]:
    return [paper for name in names for paper in read_papers(SHARED / name).papers]


@needs_real_inputs
def test_the_page_and_its_known_ids_are_one_work_each_and_nothing_else_is() -> None:
    records = papers(PAGE, KNOWN, *OTHERS)
    found = works([Identities.of(paper) for paper in records])
    assert (len(records), len(found)) == (835, 767)
    several = [[records[place] for place in places] for places in found if len(places) > 1]
    assert all(len(work) == 2 for work in several)

    lines = (SHARED / KNOWN).read_text().splitlines()
    known = {line["position"]: line for line in map(json.loads, lines)}
    listed = {
        on_page.position: (on_page.title, on_page.abstract, on_page.id.arxiv, in_lines.arxiv)
        for on_page, in_lines in several
    }
    assert listed == {
        position: (line["title"], line["abstract"], None, line["arxiv_id"])
        for position, line in known.items()
    }
    assert sum(one.id != other.id for one, other in several) == 61


@needs_real_inputs
def test_no_two_works_share_a_name_so_nothing_was_left_apart() -> None:
    found = unified(papers(PAGE, KNOWN, *OTHERS))
    names = [name for paper in found for name in Identities.of(paper).every]
    assert len(names) == len(set(names))


@needs_real_inputs
def test_the_lines_of_a_big_day_are_one_work_just_where_their_ids_are() -> None:
    lines = gzip.decompress((SHARED / BIG_DAY).read_bytes()).splitlines()
    ids = [json.loads(line)["id"] for line in lines]
    assert (len(ids), len(set(ids))) == (846, 644)
    assert [paper.arxiv for paper in papers(BIG_DAY)] == list(dict.fromkeys(ids))


@needs_real_inputs
def test_the_real_works_are_the_same_whichever_file_comes_first() -> None:
    forward, backward = (unified(papers(*names)) for names in ((PAGE, KNOWN), (KNOWN, PAGE)))
    assert forward == backward
    assert all(merged(paper, paper) == paper for paper in forward)
