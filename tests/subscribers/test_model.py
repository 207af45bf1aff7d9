import json
import unicodedata
import zoneinfo
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.errors import HasLeft, IllegalMove, PreferencesRefused, SubscriberError
from subscribers.model import (
    Breadth,
    Format,
    Frequency,
    Move,
    Preferences,
    Rhythm,
    State,
    Weekday,
    after,
    clean_name,
)

DEFAULT = Rhythm(Frequency.DAILY, Weekday.MON, 7, "Europe/Berlin")

# One column for each state she may be in, one row for each move; `-` is a move that is refused
# and `left` one that is refused because she went.
TABLE = """
           nobody      pending       active        paused        unsubscribed  suppressed
 ask       pending     pending       -             -             unsubscribed  -
 confirm   -           active        -             -             active        -
 enrol     active      active        active        paused        left          left
 change    -           -             active        paused        -             -
 pause     -           -             paused        paused        -             -
 resume    -           -             active        active        -             -
 withdraw  -           unsubscribed  unsubscribed  unsubscribed  unsubscribed  -
 return    -           -             -             -             active        -
 suppress  suppressed  suppressed    suppressed    suppressed    suppressed    suppressed
"""


def moves():
    header, *rows = [line.split() for line in TABLE.strip().splitlines()]
    for move, *outcomes in rows:
        for start, outcome in zip(header, outcomes, strict=True):
            yield None if start == "nobody" else State(start), Move(move), outcome


def test_the_table_of_moves_has_them_all():
    assert {(start, move) for start, move, _ in moves()} == {
        (start, move) for start in (None, *State) for move in Move
    }


@pytest.mark.parametrize(("start", "move", "outcome"), list(moves()))
def test_a_move_leads_where_the_table_says_or_is_refused(start, move, outcome):
    if outcome not in {"-", "left"}:
        assert after(start, move) is State(outcome)
        return
    with pytest.raises(IllegalMove, match=str(start or move)) as refused:
        after(start, move)
    assert isinstance(refused.value, HasLeft) == (outcome == "left")


def test_nobody_returns_from_being_suppressed():
    reached = set()
    for move in Move:
        try:
            reached.add(after(State.SUPPRESSED, move))
        except IllegalMove:
            continue
    assert reached == {State.SUPPRESSED}


def test_weekdays_count_as_dates_do():
    week = [date(2024, 1, day) for day in range(1, 8)]  # the first of January was a Monday
    assert [day.number for day in Weekday] == [day.weekday() for day in week]
    assert [str(day) for day in Weekday] == [f"{day:%a}".lower() for day in week]


@pytest.mark.parametrize(
    ("preferences", "rhythm"),
    [
        (Preferences(), DEFAULT),
        (Preferences(hour=0), Rhythm(Frequency.DAILY, Weekday.MON, 0, "Europe/Berlin")),
        (
            Preferences(frequency=Frequency.WEEKLY, weekday=Weekday.SUN),
            Rhythm(Frequency.WEEKLY, Weekday.SUN, 7, "Europe/Berlin"),
        ),
        (
            Preferences(frequency=Frequency.WEEKDAYS, hour=23, timezone="Asia/Tokyo"),
            Rhythm(Frequency.WEEKDAYS, Weekday.MON, 23, "Asia/Tokyo"),
        ),
    ],
)
def test_her_rhythm_is_her_own_wishes_above_the_operators_default(preferences, rhythm):
    assert preferences.rhythm(DEFAULT) == rhythm


@pytest.mark.parametrize(
    ("preferences", "wishes"),
    [
        (Preferences(), False),
        (Preferences(muted_topics=("nlp",), muted_keywords=("survey",), hour=6), False),
        (Preferences(topics=("nlp",)), True),
        (Preferences(keywords=("diffusion",)), True),
        (Preferences(authors=("Ada Lovelace",)), True),
    ],
)
def test_only_what_she_asks_for_is_a_wish(preferences, wishes):
    assert preferences.has_wishes is wishes


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("hour", 24, "24"),
        ("hour", -1, "-1"),
        ("max_papers", 0, "1 to 100"),
        ("max_papers", 101, "1 to 100"),
        ("timezone", "Europe/Atlantis", "Europe/Atlantis"),
        ("timezone", "", "IANA"),
        ("timezone", "Europe", "IANA"),
        ("timezone", "../../../etc/passwd", "IANA"),
        ("timezone", "/etc/localtime", "IANA"),
        ("timezone", "localtime", "IANA"),
        ("timezone", "Europe/Berlin\0", "IANA"),
        ("timezone", "europe/berlin", "IANA"),
        ("topics", ("nlp", ""), "empty"),
        ("muted_topics", (" ",), "empty"),
        ("keywords", ("a\nb",), "control character"),
        ("muted_keywords", ("\u202egpj",), "control character"),
        ("authors", ("\ud800",), "control character"),
        ("authors", ("a" * 101,), "longer than 100"),
        ("keywords", tuple(f"k{n}" for n in range(101)), "101"),
    ],
)
def test_a_wish_that_cannot_be_kept_is_refused_with_its_field(field, value, reason):
    with pytest.raises(PreferencesRefused) as refused:
        Preferences(**{field: value})
    assert refused.value.field == field
    assert reason in refused.value.reason
    assert str(refused.value).startswith(f"{field}: ")
    assert str(refused.value).isprintable()


def test_a_topic_is_followed_or_muted_but_not_both():
    with pytest.raises(PreferencesRefused, match="'nlp' is both followed and muted"):
        Preferences(topics=("robotics", "nlp"), muted_topics=("nlp",))


def test_what_is_just_within_the_limits_is_kept():
    widest = Preferences(
        keywords=tuple(f"{n:0100}" for n in range(100)), hour=23, max_papers=100, timezone="UTC"
    )
    assert widest.keywords[99] == "0" * 98 + "99"
    assert Preferences(hour=0, max_papers=1, authors=("علی\u200cرضا",)).hour == 0


WISHES = st.lists(
    st.text(
        st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf")), min_size=1, max_size=100
    ).filter(str.strip),
    max_size=5,
).map(tuple)
PREFERENCES = st.builds(
    Preferences,
    topics=st.lists(st.sampled_from(["nlp", "robotics"])).map(tuple),
    muted_topics=st.lists(st.sampled_from(["vision", "audio"])).map(tuple),
    keywords=WISHES,
    muted_keywords=WISHES,
    authors=WISHES,
    frequency=st.none() | st.sampled_from(Frequency),
    weekday=st.none() | st.sampled_from(Weekday),
    hour=st.none() | st.integers(0, 23),
    timezone=st.none() | st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]),
    max_papers=st.none() | st.integers(1, 100),
    format=st.sampled_from(Format),
    breadth=st.sampled_from(Breadth),
)


@given(PREFERENCES)
@example(Preferences())
@example(Preferences(hour=0))
def test_preferences_survive_json_and_name_only_what_is_not_the_default(preferences):
    written = preferences.as_json()
    restored = Preferences.from_json(json.loads(json.dumps(written)))
    assert restored == preferences
    assert all(type(value) is not str for value in (restored.frequency, restored.weekday))
    default = Preferences()
    assert set(written) == {
        field
        for field in Preferences.__dataclass_fields__
        if getattr(preferences, field) != getattr(default, field)
    }


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"topics": "nlp"}, "topics"),
        ({"topics": [1]}, "topics"),
        ({"hour": "7"}, "hour"),
        ({"hour": 7.0}, "hour"),
        ({"hour": True}, "hour"),
        ({"hour": 25}, "hour"),
        ({"timezone": 1}, "timezone"),
        ({"frequency": "hourly"}, "frequency"),
        ({"frequency": ["daily"]}, "frequency"),
        ({"weekday": None}, "weekday"),
        ({"format": "HTML"}, "format"),
        ({"breadth": "all"}, "breadth: 'all' is not one of only, first"),
    ],
)
def test_json_that_is_no_preferences_is_refused_with_its_field(written, field):
    with pytest.raises(PreferencesRefused, match=field):
        Preferences.from_json(written)


def test_preferences_kept_before_there_was_a_breadth_are_those_of_the_default():
    assert Preferences.from_json({"topics": ["nlp"]}).breadth is Breadth.ONLY
    assert Preferences(breadth=Breadth.FIRST).as_json() == {"breadth": "first"}
    assert not Preferences(breadth=Breadth.FIRST).has_wishes


def test_every_place_that_the_time_zone_tables_know_is_accepted():
    for timezone in sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}):
        assert Preferences(timezone=timezone).timezone == timezone


def test_refusals_are_all_one_family():
    for error in (PreferencesRefused, IllegalMove, HasLeft):
        assert issubclass(error, SubscriberError)
    assert issubclass(PreferencesRefused, ValueError)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada\t\u00a0Lovelace \r\n", "Ada Lovelace"),
        ("Ada\r\nBcc: eve@example.org", "Ada Bcc: eve@example.org"),
        ("Ada\0\x1b[31m", "Ada[31m"),
        ("\u202eecilA\u202c", "ecilA"),
        ("\u2066Ada\u2069", "Ada"),
        ("A\ud800da", "Ada"),
        ("Zoe\u0308", "Zoë"),
        ("Zoe\u202e\u0308", "Zoë"),
        ("Ada\u2028Lovelace", "Ada Lovelace"),
        ("<b onclick=x>Ada</b> & {{ 7*7 }}", "<b onclick=x>Ada</b> & {{ 7*7 }}"),
        ("علی\u200cرضا", "علی\u200cرضا"),
        ("a" * 99 + " b", "a" * 99),
        ("", ""),
    ],
)
def test_a_name_becomes_one_clean_line(text, name):
    assert clean_name(text) == name


@given(st.text(st.characters(), max_size=150))
def test_a_clean_name_is_short_normal_one_line_and_stays_as_it_is(text):
    name = clean_name(text)
    assert len(name) <= 100
    assert unicodedata.is_normalized("NFC", name)
    assert name == " ".join(name.split())
    assert not {unicodedata.category(character) for character in name} & {"Cc", "Cs", "Zl", "Zp"}
    assert clean_name(name) == name
