"""Languages: dates, numbers and plurals as each writes them, and translations of one file."""

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from newsletter.errors import ConfigurationError
from newsletter.rendering.kinds import KINDS
from newsletter.rendering.language import Language
from newsletter.rendering.loader import Templates, bundled_templates
from newsletter.rendering.printable import Words, isolated
from newsletter.rendering.views import Variant, count_words
from newsletter.rendering.wishes import wishes_words
from subscribers.model import Frequency, Preferences, Rhythm, Weekday
from tests.rendering.both_ways import CATALOGUE, ENGLISH, LOOK, SENDER, URL

ARABIC = """\
msgid ""
msgstr ""
"Plural-Forms: nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : "
"n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);\\n"

msgid "1 paper"
msgid_plural "{n} papers"
msgstr[0] "لا أوراق"
msgstr[1] "ورقة"
msgstr[2] "ورقتان"
msgstr[3] "{n} أوراق"
msgstr[4] "{n} ورقة"
msgstr[5] "{n} ورقة"
"""


def german() -> Language:
    return Language("de", [bundled_templates()])


def foreign(folder: Path, text: str, tag: str = "ar") -> Language:
    (folder / "locale").mkdir(exist_ok=True)
    (folder / f"locale/{tag}.po").write_text(text, "utf-8")
    return Language(tag, [folder])


@pytest.mark.parametrize(
    ("tag", "day", "number", "three"),
    [
        ("en", "Friday, March 13, 2026", "12,345", "A, B, and C"),
        ("en-GB", "Friday, 13 March 2026", "12,345", "A, B and C"),
        ("de", "Freitag, 13. März 2026", "12.345", "A, B und C"),
        ("de-CH", "Freitag, 13. März 2026", "12’345", "A, B und C"),
    ],
)
def test_days_numbers_and_lists_are_written_as_the_language_does(
    tag: str, day: str, number: str, three: str
) -> None:
    language = Language(tag, [bundled_templates()])
    assert language.date(date(2026, 3, 13)) == day
    assert language.number(12345) == number
    assert language.list(["A", "B", "C"]) == three


def test_a_moment_names_its_clock_and_has_plain_blanks() -> None:
    when = datetime(2026, 3, 15, 7, tzinfo=ZoneInfo("Europe/Berlin"))
    assert ENGLISH.moment(when) == "Sun, Mar 15, 7:00 AM (Europe/Berlin)"
    assert ENGLISH.hour(19) == "7:00 PM"
    assert german().hour(19) == "19:00"


@pytest.mark.parametrize(
    ("count", "english", "in_german"),
    [
        (0, "no new papers", "keine neuen Arbeiten"),
        (1, "1 paper", "1 Arbeit"),
        (2, "2 papers", "2 Arbeiten"),
        (1204, "1,204 papers", "1.204 Arbeiten"),
    ],
)
def test_plurals(count: int, english: str, in_german: str) -> None:
    assert count_words(count, ENGLISH) == english
    assert count_words(count, german()) == in_german


def test_a_language_with_six_plurals_that_runs_from_right_to_left(tmp_path: Path) -> None:
    arabic = foreign(tmp_path, ARABIC)
    assert arabic.direction == "rtl"
    counted = [count_words(n, arabic) for n in (1, 2, 3, 11)]
    assert counted == [
        "ورقة",
        "ورقتان",
        "3 أوراق",
        "11 ورقة",
    ]
    assert arabic.gettext("Unsubscribe") == "Unsubscribe"  # not translated yet
    page = Templates(None, arabic).rendered(
        "email/goodbye/body.html",
        {
            "sender": SENDER,
            "look": LOOK,
            "variant": Variant(),
            "reader": {"undo_url": Words.plain(URL)},
        },
    )
    assert '<html lang="ar" dir="rtl">' in page


def test_the_german_texts_are_whole() -> None:
    folder = bundled_templates() / "locale"
    with (folder / "newsletter.pot").open("rb") as file:
        wanted = {message.id for message in read_po(file) if message.id}
    with (folder / "de.po").open("rb") as file:
        found = {message.id: message for message in read_po(file, "de") if message.id}
    assert found.keys() == wanted
    assert [m.id for m in found.values() if not all(m.string)] == []
    assert german().gettext("Unsubscribe") == "Abmelden"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_mail_has_its_three_templates(kind: object) -> None:
    for part in ("subject", "text", "html"):
        assert (bundled_templates() / getattr(kind, part)).is_file()


@pytest.mark.parametrize("tag", ["", "xx", "german", "de/../../x", "e n"])
def test_what_is_no_language_is_refused(tag: str) -> None:
    with pytest.raises(ConfigurationError, match="no language"):
        Language(tag)


def test_a_language_without_texts_is_refused_and_told_where_they_would_be() -> None:
    with pytest.raises(ConfigurationError, match=r"no locale/fr\.po in templates_dir"):
        Language("fr", [bundled_templates()]).gettext("Unsubscribe")


@pytest.mark.parametrize(
    ("po", "words"),
    [
        (
            'msgid "Keyword: {keyword}"\nmsgstr "Mot : {mot}"\n',
            r"fr\.po:1: 'Mot : \{mot\}' has to hold \{keyword\}",
        ),
        ('msgid "Keyword: {keyword}"\nmsgstr "Mot"\n', r"fr\.po:1: 'Mot' has to hold \{keyword\}"),
        ('msgid "Welcome, %(name)s"\nmsgstr "100 % %(name)s"\n', r"fr\.po:1"),
        ('msgid "Welcome"\nBon\n', r"fr\.po:2: Bon lacks a quote"),
        ('msgid "Unsubscribe"\nmsgstr "Adieu\n', r"fr\.po:2: msgstr .Adieu lacks a quote"),
        ('msgid "Keyword: {keyword}"\nmsgstr "Mot {keyword"\n', r"fr\.po:1"),
        ('msgid "Keyword: {keyword}"\nmsgstr "Mot { keyword }"\n', r"fr\.po:1"),
        (
            'msgid "1 vote"\nmsgid_plural "{n} votes"\nmsgstr[0] "une"\nmsgstr[1] "deux"\n',
            r"fr\.po:1: 'deux' has to hold \{n\}",
        ),
        ('msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=(n > );\\n"\n', r"fr\.po"),
        ("\x00\xff", r"fr\.po"),
    ],
)
def test_a_translation_that_could_not_be_printed_is_refused(
    tmp_path: Path, po: str, words: str
) -> None:
    with pytest.raises(ConfigurationError, match=words):
        foreign(tmp_path, po, "fr").gettext("Unsubscribe")


@pytest.mark.parametrize(
    ("preferences", "rhythm", "words"),
    [
        (
            Preferences(topics=("a-b",), keywords=("kites",), authors=("Ada L.",)),
            Rhythm(Frequency.WEEKDAYS, Weekday.MON, 7, "Europe/Berlin"),
            "A & B <topic>, “kites”, and Ada L., every weekday at 7:00 AM (Europe/Berlin).",
        ),
        (
            Preferences(),
            Rhythm(Frequency.WEEKLY, Weekday.FRI, 19, "UTC"),
            "the day's best papers, every Friday at 7:00 PM (UTC).",
        ),
        (
            Preferences(keywords=tuple("abcdefgh")),
            Rhythm(Frequency.DAILY, Weekday.MON, 0, "UTC"),
            "“a”, “b”, “c”, “d”, “e”, “f”, and 2 more, every day at 12:00 AM (UTC).",
        ),
    ],
)
def test_wishes_are_told_back(preferences: Preferences, rhythm: Rhythm, words: str) -> None:
    told = wishes_words(preferences, rhythm, CATALOGUE, ENGLISH)
    assert " ".join(str(told).split()) == words
    assert max(map(len, str(told).splitlines())) <= 72
    assert "&lt;topic&gt;" in told.__html__() or "<topic>" not in words


def test_only_what_runs_from_right_to_left_is_isolated() -> None:
    assert isolated("Zoë 李小龍") == "Zoë 李小龍"
    assert isolated("مرحبا") == "\u2068مرحبا\u2069"
