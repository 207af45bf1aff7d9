from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.editorial.digests import Chooser, Digest, Skip, SkipReason
from newsletter.editorial.editions import Candidate, Edition, compose
from newsletter.editorial.papers import Paper, PaperId
from newsletter.editorial.topics import Catalogue, Topic
from subscribers.model import Preferences

NOBODY = Preferences()
MONDAY = date(2026, 4, 20)
TUESDAY, WEDNESDAY = MONDAY + timedelta(1), MONDAY + timedelta(2)


def topic(slug: str, title: str, word: str) -> Topic:
    return Topic(slug, title, "A subject.", (), (word,))


LANGUAGE = topic("nlp", "Language", "translation")
CATALOGUE = Catalogue((topic("robotics", "Robotics", "robot"), LANGUAGE))


def paper(
    title: str, votes: int | None = None, *authors: str, abstract: str = "", position: int = 0
) -> Paper:
    identity = PaperId.of_title(title)
    return Paper(identity, title, abstract, authors=authors, votes=votes, position=position or None)


def edition(*papers: Paper | Candidate, day: date = WEDNESDAY) -> Edition:
    candidates = [p if isinstance(p, Candidate) else Candidate(p) for p in papers]
    return compose(5, day, candidates, CATALOGUE)


def digest(
    edition: Edition,
    preferences: Preferences,
    seen: Sequence[Paper] = (),
    since: date | None = None,
    limit: int = 10,
) -> Digest | Skip:
    chooser = Chooser(edition, CATALOGUE)
    return chooser.digest_for(preferences, {paper.id for paper in seen}, since, limit)


def titles(edition: Edition, chosen: Digest | Skip) -> list[str]:
    assert isinstance(chosen, Digest), chosen
    printed = {listing.paper.id: listing.paper.title for listing in edition.listings}
    return [printed[choice.paper_id] for choice in chosen.choices]


def reasons(*papers: Paper, wishes: Preferences) -> list[str]:
    chosen = digest(edition(*papers), wishes)
    return [choice.reason for choice in chosen.choices] if isinstance(chosen, Digest) else []


def test_without_wishes_she_gets_the_days_best_in_the_editions_order() -> None:
    today = edition(paper("A", 1), paper("B", 30), paper("C"), paper("D", 30), paper("E", 7))
    best = [listing.paper.title for listing in today.listings]
    assert titles(today, digest(today, NOBODY)) == best
    assert titles(today, digest(today, NOBODY, limit=3)) == best[:3]


def test_without_wishes_the_reason_is_what_the_community_made_of_it() -> None:
    chosen = digest(edition(paper("A", 30), paper("B", position=2), paper("C")), NOBODY)
    assert isinstance(chosen, Digest)
    assert chosen.edition == 5
    reasons = [choice.reason for choice in chosen.choices]
    assert reasons == [
        "Trending: 30 votes",
        "Trending: place 2 at its source",
        "New in this edition",
    ]


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        (Preferences(topics=("robotics",)), "You follow Robotics"),
        (Preferences(keywords=("home robots",)), "Keyword: home robots"),
        (Preferences(authors=("Strauß, Élise",)), "By an author you follow: E. Strauss"),
        (Preferences(topics=("robotics",), keywords=("home robots",)), "Keyword: home robots"),
        (
            Preferences(topics=("robotics",), keywords=("robot",), authors=("Elise Strauss",)),
            "By an author you follow: E. Strauss",
        ),
    ],
)
def test_the_strongest_wish_a_paper_meets_is_the_reason(wishes: Preferences, reason: str) -> None:
    found = reasons(paper("A Home-Robot", 5, "E. Strauss"), paper("Another", 99), wishes=wishes)
    assert found == [reason]
    assert not reasons(paper("A", 5, "E. Strauss"), wishes=Preferences(authors=("Otto Strauss",)))


def test_a_topic_that_the_catalogue_has_lost_is_named_by_its_slug() -> None:
    yesterdays = edition(paper("A Robot"))
    chooser = Chooser(yesterdays, Catalogue((LANGUAGE,)))
    chosen = chooser.digest_for(Preferences(topics=("robotics",)), (), None, 10)
    assert isinstance(chosen, Digest)
    assert [choice.reason for choice in chosen.choices] == ["You follow robotics"]


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("fine-tuning", "finetuning"),
        ("diffusion models", "a diffusion model"),
    ],
)
def test_a_keyword_is_found_in_title_abstract_and_keywords(keyword: str, text: str) -> None:
    wishes = Preferences(keywords=(keyword,))
    identity = PaperId.of_title("x")
    tagged = Paper(identity, "A", "", keywords=(text,))
    for found in (paper(text), paper("A", abstract=text), tagged):
        assert reasons(found, wishes=wishes) == [f"Keyword: {keyword}"]
    assert not reasons(Paper(identity, keyword.split()[0][:4], "tuning model"), wishes=wishes)


def test_an_author_counts_more_than_a_keyword_and_that_more_than_a_topic() -> None:
    wishes = Preferences(topics=("nlp",), keywords=("robot",), authors=("Yann LeCun",))
    today = edition(paper("Translation"), paper("Robot"), paper("Music", None, "Y. LeCun"))
    assert titles(today, digest(today, wishes)) == ["Music", "Robot", "Translation"]


def test_more_wishes_met_come_first() -> None:
    wishes = Preferences(topics=("robotics", "nlp"))
    today = edition(paper("A robot"), paper("B robot", 1), paper("C robot translation"))
    assert titles(today, digest(today, wishes))[0] == "C robot translation"


def test_the_clearer_a_topic_the_better() -> None:
    catalogue = Catalogue((Topic("robotics", "Robotics", "S.", (), ("robot", "gripper")),))
    papers = (paper("A robot", 1), paper("Robot grippers"))
    today = compose(1, MONDAY, map(Candidate, papers), catalogue)
    chosen = Chooser(today, catalogue).digest_for(ROBOTICS, (), None, 10)
    assert titles(today, chosen) == ["Robot grippers", "A robot"]


@pytest.mark.parametrize(
    "mute", [Preferences(muted_keywords=("gripper",)), Preferences(muted_topics=("nlp",))]
)
@pytest.mark.parametrize("field", ["topics", "keywords", "authors", None])
def test_a_mute_always_wins(mute: Preferences, field: str | None) -> None:
    asked: dict[str, Any] = {
        "topics": ("robotics",),
        "keywords": ("robot",),
        "authors": ("Y. LeCun",),
    }
    wishes = replace(mute, **{field: asked[field]}) if field else mute
    heard = paper("A robot", 1, "Yann LeCun")
    unheard = paper("A robot for translation with grippers", 900, "Yann LeCun")
    today = edition(heard, unheard)
    assert titles(today, digest(today, wishes)) == ["A robot"]
    assert digest(edition(unheard), wishes) == Skip(SkipReason.NO_MATCH)


ROBOTICS = Preferences(topics=("robotics",))
OLD_ROBOT = Candidate(paper("An old robot", 50), MONDAY)
NEW_ROBOT, NEW_OTHER = paper("A new robot", 1), paper("Something else", 90)


@pytest.mark.parametrize(
    ("papers", "wishes", "seen", "since", "reason"),
    [
        ([], NOBODY, (), None, SkipReason.EMPTY_EDITION),
        ([NEW_OTHER], ROBOTICS, (), None, SkipReason.NO_MATCH),
        ([NEW_ROBOT], ROBOTICS, (NEW_ROBOT,), None, SkipReason.NOTHING_NEW),
        ([NEW_ROBOT], ROBOTICS, (NEW_ROBOT,), TUESDAY, SkipReason.NOTHING_NEW),
        ([OLD_ROBOT], ROBOTICS, (), MONDAY, SkipReason.NOTHING_NEW),
        ([OLD_ROBOT, NEW_OTHER], ROBOTICS, (), MONDAY, SkipReason.NOTHING_NEW),
    ],
)
def test_there_is_no_digest_for_one_of_three_reasons(
    papers: list[Paper | Candidate],
    wishes: Preferences,
    seen: tuple[Paper, ...],
    since: date | None,
    reason: SkipReason,
) -> None:
    assert digest(edition(*papers), wishes, seen, since) == Skip(reason)


def test_what_she_was_sent_never_comes_again() -> None:
    today = edition(OLD_ROBOT, NEW_ROBOT)
    chosen = digest(today, ROBOTICS, seen=[OLD_ROBOT.paper], since=TUESDAY)
    assert titles(today, chosen) == ["A new robot"]


@pytest.mark.parametrize("wishes", [NOBODY, ROBOTICS])
def test_new_papers_beat_leftovers_that_are_little_stronger(wishes: Preferences) -> None:
    tuesdays = Candidate(paper("A robot", 13), TUESDAY)
    today = edition(tuesdays, paper("B robot", 8))
    assert titles(today, digest(today, NOBODY, since=MONDAY)) == ["A robot", "B robot"]
    assert titles(today, digest(today, wishes, since=TUESDAY)) == ["B robot", "A robot"]


@pytest.mark.parametrize("wishes", [NOBODY, ROBOTICS])
def test_an_unseen_strong_paper_of_tuesday_beats_a_weak_one_of_wednesday(
    wishes: Preferences,
) -> None:
    strong = Candidate(paper("A strong robot", 400), TUESDAY)
    today = edition(paper("A weak robot", 1), strong)
    chosen = titles(today, digest(today, wishes, since=TUESDAY))
    assert chosen == ["A strong robot", "A weak robot"]


def test_for_a_weekly_reader_all_that_entered_since_is_equally_new() -> None:
    week = [Candidate(paper(f"Robot {n}", 9 - n), MONDAY + timedelta(n)) for n in range(7)]
    sunday = edition(*week, day=MONDAY + timedelta(6))
    in_order = [f"Robot {n}" for n in range(7)]
    assert titles(sunday, digest(sunday, ROBOTICS, since=MONDAY - timedelta(1))) == in_order
    assert titles(sunday, digest(sunday, NOBODY, since=None)) == in_order


def test_looking_up_many_readers_keywords_at_once_changes_nothing() -> None:
    today = edition(NEW_ROBOT, NEW_OTHER)
    wishes = Preferences(keywords=("robots", "else"))
    chooser = Chooser(today, CATALOGUE)
    chooser.look_up(["else", "robots", "unheard of"])
    assert chooser.digest_for(wishes, (), None, 10) == digest(today, wishes)


SUBJECTS = ("robot", "translation", "gripper", "music")
PEOPLE = ("Yann LeCun", "Y. LeCun", "Fei-Fei Li")
PAPERS = st.lists(
    st.builds(
        lambda words, votes, people, n: paper(" ".join((*words, str(n))), votes, *people),
        st.lists(st.sampled_from(SUBJECTS), max_size=2),
        st.integers(0, 40),
        st.lists(st.sampled_from(PEOPLE), max_size=2),
        st.integers(1, 50),
    ),
    unique_by=lambda paper: paper.id,
    max_size=12,
)
SOME_SUBJECTS = st.lists(st.sampled_from(SUBJECTS), max_size=2, unique=True).map(tuple)
PREFERENCES = st.builds(
    Preferences,
    topics=st.sampled_from([(), ("robotics",), ("robotics", "nlp")]),
    keywords=SOME_SUBJECTS,
    muted_keywords=SOME_SUBJECTS,
    authors=st.sampled_from([(), ("Yann LeCun",), ("Li",)]),
)


def is_wanted(paper: Paper, wishes: Preferences) -> bool:
    words = paper.title.split()
    meant = {"robotics": "robot", "nlp": "translation"}
    asked = {*wishes.keywords, *(meant[slug] for slug in wishes.topics)}
    family = {author.split()[-1] for author in wishes.authors}
    meets = asked & {*words} or family & {author.split()[-1] for author in paper.authors}
    return bool(meets or not wishes.has_wishes) and not {*wishes.muted_keywords} & {*words}


@given(st.data(), PREFERENCES, st.sampled_from([None, MONDAY, TUESDAY]), st.integers(1, 5))
def test_a_digest_holds_only_what_she_wants_and_has_not_had(
    data: st.DataObject, wishes: Preferences, since: date | None, limit: int
) -> None:
    papers = data.draw(PAPERS)
    days = st.sampled_from([MONDAY, TUESDAY, None])
    candidates = [Candidate(paper, data.draw(days)) for paper in papers]
    seen = data.draw(st.lists(st.sampled_from(papers), max_size=4)) if papers else []
    today = edition(*candidates)
    chosen = digest(today, wishes, seen, since, limit)
    assert chosen == digest(today, wishes, seen, since, limit)
    matching = {paper.id for paper in papers if is_wanted(paper, wishes)}
    unseen = matching - {paper.id for paper in seen}
    new = {item.paper.id for item in today.listings if since is None or item.entered > since}
    if isinstance(chosen, Skip):
        assert not unseen & new
        assert (chosen.reason is SkipReason.NOTHING_NEW) == bool(matching)
        assert (chosen.reason is SkipReason.EMPTY_EDITION) == (not papers)
        return
    assert unseen & new
    sent = [choice.paper_id for choice in chosen.choices]
    assert len(set(sent) & unseen) == len(sent) == min(limit, len(unseen))


def pinned(paper: Paper, note: str = "", pin: int = 0, entered: date | None = None) -> Candidate:
    return Candidate(paper, entered, note, pin)


MUSIC, DANCE = paper("Music", 1), paper("Dance", 2)


def test_without_wishes_pins_come_first_in_the_curators_order() -> None:
    today = edition(NEW_OTHER, pinned(DANCE, pin=2), pinned(MUSIC, "hear it", 1), OLD_ROBOT)
    chosen = digest(today, NOBODY)
    assert titles(today, chosen) == ["Music", "Dance", "Something else", "An old robot"]
    assert isinstance(chosen, Digest)
    words = [choice.reason for choice in chosen.choices][:3]
    assert words == ["Curator's pick: hear it", "Curator's pick", "Trending: 90 votes"]
    assert titles(today, digest(today, NOBODY, seen=[MUSIC], limit=2)) == [
        "Dance",
        "Something else",
    ]


def test_a_leftover_pin_comes_first_and_the_best_new_paper_with_it() -> None:
    today = edition(pinned(MUSIC, entered=MONDAY), OLD_ROBOT, NEW_ROBOT)
    assert titles(today, digest(today, NOBODY, since=TUESDAY, limit=2)) == ["Music", "A new robot"]


def test_with_wishes_pins_come_along_before_a_paper_of_her_own() -> None:
    today = edition(pinned(MUSIC, "hear it"), pinned(DANCE, pin=1), NEW_ROBOT, NEW_OTHER)
    chosen = digest(today, ROBOTICS)
    assert titles(today, chosen) == ["Music", "Dance", "A new robot"]
    assert isinstance(chosen, Digest)
    assert [choice.reason for choice in chosen.choices] == [
        "Curator's pick: hear it",
        "Curator's pick",
        "You follow Robotics",
    ]
    assert titles(today, digest(today, ROBOTICS, limit=2)) == ["Music", "A new robot"]
    assert titles(today, digest(today, ROBOTICS, limit=1)) == ["A new robot"]


def test_pins_leave_room_for_the_paper_that_is_why_she_gets_a_mail() -> None:
    today = edition(pinned(MUSIC), OLD_ROBOT, NEW_ROBOT)
    chosen = digest(today, ROBOTICS, since=TUESDAY, limit=2)
    assert titles(today, chosen) == ["Music", "A new robot"]


@pytest.mark.parametrize(
    ("papers", "reason"),
    [([NEW_OTHER], SkipReason.NO_MATCH), ([OLD_ROBOT], SkipReason.NOTHING_NEW)],
)
def test_pins_alone_cause_no_mail_for_a_reader_with_wishes(
    papers: list[Paper | Candidate], reason: SkipReason
) -> None:
    assert digest(edition(pinned(MUSIC), *papers), ROBOTICS, since=TUESDAY) == Skip(reason)


def test_a_pin_that_meets_her_wish_is_a_paper_of_her_own_in_the_curators_words() -> None:
    today = edition(pinned(NEW_ROBOT, "neat"))
    for limit in (1, 2):
        chosen = digest(today, ROBOTICS, limit=limit)
        assert isinstance(chosen, Digest)
        assert [choice.reason for choice in chosen.choices] == ["Curator's pick: neat"]
    assert digest(edition(pinned(NEW_ROBOT, entered=MONDAY)), ROBOTICS, since=TUESDAY) == Skip(
        SkipReason.NOTHING_NEW
    )


@pytest.mark.parametrize("wishes", [NOBODY, ROBOTICS])
def test_a_muted_pin_and_one_that_she_had_stay_out(wishes: Preferences) -> None:
    muting = replace(wishes, muted_keywords=("music",))
    today = edition(pinned(MUSIC), pinned(DANCE), NEW_ROBOT)
    assert titles(today, digest(today, muting, seen=[DANCE])) == ["A new robot"]


@given(st.data(), PREFERENCES, st.sampled_from([None, MONDAY, TUESDAY]), st.integers(1, 5))
def test_pins_keep_every_promise_of_a_digest(
    data: st.DataObject, wishes: Preferences, since: date | None, limit: int
) -> None:
    papers = data.draw(PAPERS)
    days = st.sampled_from([MONDAY, TUESDAY, None])
    entered = {paper: data.draw(days) for paper in papers}
    pins = data.draw(st.lists(st.sampled_from(papers), max_size=4, unique=True)) if papers else []
    seen = data.draw(st.lists(st.sampled_from(papers), max_size=4)) if papers else []
    plain = edition(*(Candidate(paper, entered[paper]) for paper in papers))
    candidates = [
        pinned(paper, "", pins.index(paper), entered[paper])
        if paper in pins
        else Candidate(paper, entered[paper])
        for paper in papers
    ]
    today = edition(*candidates)
    chosen, without = digest(today, wishes, seen, since, limit), digest(plain, wishes, seen, since)
    if isinstance(chosen, Skip):
        assert chosen == without, "pins neither cause a mail nor cost one"
        return
    assert isinstance(without, Digest)
    sent = [choice.paper_id for choice in chosen.choices]
    own = {paper.id for paper in papers if is_wanted(paper, wishes)} - {p.id for p in seen}
    muted = {p.id for p in papers if {*wishes.muted_keywords} & {*p.title.split()}}
    allowed = [p.id for p in pins if p not in seen and p.id not in muted]
    allowed = allowed[: limit - 1] if wishes.has_wishes else allowed
    assert len(sent) == len({*sent} & (own | {*allowed})) == min(limit, len(own | {*allowed}))
    assert own & {*sent}
    if limit > 1:
        new = {x.paper.id for x in today.listings if since is None or x.entered > since}
        assert own & new & {*sent}, "what is new for her is why she gets a mail"
        first = allowed[: limit - 1]
        assert sent[: len(first)] == first


@given(st.lists(PAPERS, min_size=1, max_size=4), PREFERENCES, st.sampled_from([1, 3, 100]))
def test_day_after_day_each_paper_she_wants_is_sent_once(
    days: list[list[Paper]], wishes: Preferences, limit: int
) -> None:
    entered: dict[Paper, date] = {}
    sent: list[PaperId] = []
    since: date | None = None
    for number, papers in enumerate(days):
        day = MONDAY + timedelta(number)
        known = {paper.id for paper in entered}
        entered.update((paper, day) for paper in papers if paper.id not in known)
        today = edition(*(Candidate(paper, when) for paper, when in entered.items()), day=day)
        chosen = Chooser(today, CATALOGUE).digest_for(wishes, set(sent), since, limit)
        if isinstance(chosen, Digest):
            sent += [choice.paper_id for choice in chosen.choices]
            since = day
    assert len(set(sent)) == len(sent)
    if limit == 100:
        assert set(sent) == {paper.id for paper in entered if is_wanted(paper, wishes)}


def rest(edition: Edition, chosen: Digest | Skip) -> list[str]:
    assert isinstance(chosen, Digest), chosen
    printed = {listing.paper.id: listing.paper.title for listing in edition.listings}
    return [printed[paper_id] for paper_id in chosen.rest]


def test_the_rest_is_what_else_is_new_and_wanted_the_best_first() -> None:
    robots = [paper(f"Robot {number}", votes=100 - number) for number in range(30)]
    others = [paper(f"Translation {number}", votes=900) for number in range(3)]
    old = Candidate(paper("An old robot", votes=999), entered=MONDAY)
    today = edition(*robots, *others, old)
    found = digest(today, ROBOTICS, limit=10, since=TUESDAY)
    assert len(titles(today, found)) == 10
    left = [r.title for r in robots if r.title not in titles(today, found)]
    assert rest(today, found) == left[:8]
    assert rest(today, digest(today, ROBOTICS, seen=robots[:25], since=TUESDAY, limit=6)) == []


def test_a_reader_who_said_how_many_papers_she_wants_is_told_of_no_others() -> None:
    today = edition(*(paper(f"Robot {number}", votes=9) for number in range(9)))
    assert rest(today, digest(today, replace(NOBODY, max_papers=2), limit=2)) == []
    assert len(rest(today, digest(today, NOBODY, limit=2))) == 7
