from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.editions import Candidate, Edition, compose
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.ranking import standing
from newsletter.editorial.topics import Catalogue, Topic

CATALOGUE = Catalogue(
    (
        Topic("robots", "Robots", "Machines that move.", ("cs.RO",), ("robot",)),
        Topic("language", "Language", "Words.", ("cs.CL",), ("language model",)),
    )
)
DAY = date(2026, 4, 21)


def candidate(
    number: int,
    votes: int | None = None,
    position: int | None = None,
    days_ago: int | None = None,
    pinned: str | None = None,
    pin: int = 0,
) -> Candidate:
    title = f"Paper {number}"
    identity = PaperId.parse(f"2604.{number:05d}")
    assert identity
    paper = Paper(identity, title, "About a robot.", votes=votes, position=position)
    return Candidate(paper, None if days_ago is None else DAY - timedelta(days_ago), pinned, pin)


def order(*candidates: Candidate) -> list[str]:
    edition = compose(1, DAY, candidates, CATALOGUE)
    return [listing.paper.title.removeprefix("Paper ") for listing in edition.listings]


CANDIDATES = st.lists(
    st.builds(
        candidate,
        st.integers(1, 30),
        st.none() | st.integers(0, 3),
        st.none() | st.integers(1, 3),
        st.none() | st.integers(0, 3),
        st.none() | st.sampled_from(["", "Read this."]),
        st.integers(0, 3),
    ),
    unique_by=lambda candidate: candidate.paper.id,
)


@given(st.data())
def test_an_edition_does_not_depend_on_the_order_of_its_candidates(data: st.DataObject) -> None:
    candidates = data.draw(CANDIDATES)
    shuffled = data.draw(st.permutations(candidates))
    edition = compose(7, DAY, iter(candidates), CATALOGUE)
    assert edition == compose(7, DAY, shuffled, CATALOGUE)
    assert {listing.paper for listing in edition.listings} == {c.paper for c in candidates}
    assert len(edition.listings) == len(candidates)
    pinned = [listing.pinned is not None for listing in edition.listings]
    assert pinned == sorted(pinned, reverse=True)


def test_the_better_stands_first_and_fades_with_the_days() -> None:
    assert order(candidate(1, 5), candidate(2, 50), candidate(3)) == ["2", "1", "3"]
    assert order(candidate(1, 20, days_ago=2), candidate(2, 10), candidate(3, 9)) == ["2", "1", "3"]


def test_equal_standings_go_by_the_pages_order() -> None:
    first, later = candidate(9, position=1), candidate(1, votes=10, position=26)
    assert standing(first.paper).value == standing(later.paper).value == 0.5
    assert order(later, first) == ["9", "1"]


def test_equal_standings_and_places_go_by_identity() -> None:
    assert order(candidate(9), candidate(3), candidate(8)) == ["3", "8", "9"]
    assert order(candidate(9, position=2), candidate(3, position=2)) == ["3", "9"]


def test_pins_stand_first_as_they_were_pinned_however_weak_and_old() -> None:
    weak = candidate(3, days_ago=3, pinned="", pin=2)
    strong = candidate(1, 5, pinned="Look.", pin=7)
    assert order(strong, candidate(2, 99), weak) == ["3", "1", "2"]


def test_a_pin_changes_a_papers_words_and_not_its_standing() -> None:
    given = [candidate(1, 20, pinned="the best by far"), candidate(2, 20, pinned="")]
    edition = compose(1, DAY, given, CATALOGUE)
    assert [listing.standing.words for listing in edition.listings] == [
        "Curator's pick: the best by far",
        "Curator's pick",
    ]
    assert [listing.pinned for listing in edition.listings] == ["the best by far", ""]
    assert {listing.standing.value for listing in edition.listings} == {0.5}


def test_a_paper_keeps_the_day_it_entered_and_a_new_one_enters_today() -> None:
    edition = compose(3, DAY, [candidate(1, days_ago=5), candidate(2)], CATALOGUE)
    entered = {listing.paper.title: listing.entered for listing in edition.listings}
    assert entered == {"Paper 1": DAY - timedelta(5), "Paper 2": DAY}
    assert (edition.number, edition.day, edition.entered_today) == (3, DAY, 1)


def test_a_listing_holds_its_topics_and_its_standing() -> None:
    paper = candidate(1, votes=20).paper
    (listing,) = compose(1, DAY, [Candidate(paper)], CATALOGUE).listings
    assert listing.topics == CATALOGUE.assign(paper)
    assert listing.standing == standing(paper)


def test_a_day_without_papers_is_an_edition_too() -> None:
    assert compose(1, DAY, [], CATALOGUE) == Edition(1, DAY, ())
    assert Edition(1, DAY, ()).entered_today == 0
