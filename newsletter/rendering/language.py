"""The language of the mails: its texts, and how it writes dates, numbers, lists and plurals.

The templates and the code hold the texts in English. A translation is one file, `locale/<tag>.po`
among the templates (gettext's own format); nothing has to be compiled.
"""

import io
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import cached_property, lru_cache
from gettext import NullTranslations
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_day_names
from babel.lists import format_list
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal
from babel.support import Translations

from newsletter.errors import ConfigurationError

SOURCE = "en"
"""The language that the texts are written in."""


_PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")


class Language:
    """One language. `tag` is as in RFC 5646: en, en-GB, de; `folders` are searched in order for
    `locale/<tag>.po`. Raises ConfigurationError for a tag that is none, or has no texts."""

    def __init__(self, tag: str, folders: Sequence[Path] = ()) -> None:
        try:
            self._locale = Locale.parse(tag, sep="-")
        except (ValueError, UnknownLocaleError) as error:
            raise ConfigurationError(f"language: {tag!r} is no language that is known") from error
        self.tag = tag
        self.direction = self._locale.text_direction
        self._folders = folders

    @cached_property
    def translations(self) -> NullTranslations:
        """What Jinja2's {% trans %} asks."""
        if self._locale.language == SOURCE:
            return NullTranslations()
        names = [f"locale/{self.tag}.po", f"locale/{self._locale.language}.po"]
        for path in (folder / name for folder in self._folders for name in names):
            if path.is_file():
                return _read(path, self._locale)
        raise ConfigurationError(
            f"language: there are no texts in {self.tag!r}: no {names[-1]} in templates_dir"
        )

    def gettext(self, message: str, /) -> str:
        """The text for an English one."""
        return self.translations.gettext(message)

    def counted(self, one: str, many: str, count: int, /) -> str:
        """The form for this count, with the number in place of {n}: "1,204 votes"."""
        form = self.translations.ngettext(one, many, count)
        return form.format(n=self.number(count))

    def number(self, number: int) -> str:
        return _decimal(number, self._locale)

    def day(self, day: date) -> str:
        """A date among others of its year: "Fri, Mar 13"."""
        return str(format_skeleton("MMMMEEEEd", day, locale=self._locale))

    def month(self, day: date) -> str:
        """The month of a day: "March 2026"."""
        return str(format_skeleton("yMMMM", day, locale=self._locale))

    def date(self, day: date) -> str:
        """With the month written out, so that nobody takes it for the day."""
        return format_date(day, "full", self._locale)

    def hour(self, hour: int) -> str:
        """An hour of the day, 0 to 23: "7:00 AM"."""
        return _plain(format_time(time(hour), "short", locale=self._locale))

    def weekday(self, number: int) -> str:
        """The name of a day, 0 for Monday."""
        return str(get_day_names("wide", locale=self._locale)[number])

    def moment(self, when: datetime) -> str:
        """Day and time on the clock of `when`, which is named: "Sunday, March 15, 7:00 AM
        (Europe/Berlin)"."""
        day = format_skeleton("MMMMEEEEd", when, locale=self._locale)
        clock = format_time(when, "short", tzinfo=when.tzinfo, locale=self._locale)
        return _plain(f"{day}, {clock} ({when.tzinfo})")

    def list(self, words: Sequence[str]) -> str:
        """The words as a list in a sentence: "A, B, and C"."""
        return _listed(tuple(words), self._locale)


# The same few numbers and lists stand in thousands of mails, and CLDR's patterns take their time.
@lru_cache(maxsize=4096)
def _decimal(number: int, locale: Locale) -> str:
    return str(format_decimal(number, locale=locale))


@lru_cache(maxsize=4096)
def _listed(words: tuple[str, ...], locale: Locale) -> str:
    return format_list(list(words), locale=locale)


def _plain(text: str) -> str:
    """With plain blanks: CLDR's narrow ones are boxes in many a terminal and old font."""
    return text.replace("\u202f", " ").replace("\xa0", " ")


def _read(path: Path, locale: Locale) -> NullTranslations:
    try:
        _check_quotes(path)
        with path.open("rb") as file:
            catalog = read_po(file, locale, abort_invalid=True)
        for message in catalog:
            if message.id:
                _check(message, path)
        compiled = io.BytesIO()
        write_mo(compiled, catalog)
        compiled.seek(0)
        return Translations(compiled)
    except (OSError, PoFileError, ValueError) as error:  # bad characters, bad plurals
        raise ConfigurationError(f"{path}: cannot be read as a .po file: {error}") from error


def _check_quotes(path: Path) -> None:
    """Refuse a text without its last quote: Babel would take the last letter for it."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = line.strip()
        if text and not text.startswith("#") and (not text.endswith('"') or text.count('"') < 2):
            raise ConfigurationError(f"{path}:{number}: {text[:40]} lacks a quote")


def _check(message: Message, path: Path) -> None:
    """Refuse a translation that asks for other words than its original gives, or asks wrongly."""
    given = set().union(*map(_asked, _forms(message.id)))
    forms = _forms(message.string)
    for place, form in enumerate(forms, 1):
        asked = _asked(form)
        # Forms for one and two may leave the number out, the last one may not.
        may_lack = message.pluralizable and place < len(forms)
        if not form or (asked <= given and (may_lack or asked == given)):
            continue
        wanted = f"has to hold {', '.join(sorted(given))}" if given else "holds words in braces"
        raise ConfigurationError(
            f"{path}:{message.lineno}: {form!r} {wanted}, like its original and no others"
        )


def _forms(texts: str | Sequence[str] | None) -> Sequence[str]:
    return [texts] if isinstance(texts, str) else texts or ()


def _asked(text: str) -> set[str]:
    """The places of a text for words; "?" stands for one that could not be filled in."""
    found = set(_PLACE.findall(text))
    if re.search(r"[{}%]", _PLACE.sub("", text)):
        found.add("?")
    return found
