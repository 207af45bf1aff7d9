"""A reader's wishes in words, as her mails tell them back to her."""

from newsletter.editorial.topics import Catalogue
from newsletter.rendering.language import Language
from newsletter.rendering.printable import Words, isolated
from subscribers.model import Frequency, Preferences, Rhythm, Weekday

_MOST_NAMED = 6


def wishes_words(
    preferences: Preferences, rhythm: Rhythm, catalogue: Catalogue, language: Language
) -> Words:
    """What she reads and when: "Robotics, “pruning”, every weekday at 7:00 AM (Europe/Berlin)"."""
    named = [catalogue.topic(slug).title for slug in preferences.topics if slug in catalogue.slugs]
    quoted = language.gettext("“{keyword}”")
    named += [quoted.format(keyword=isolated(word)) for word in preferences.keywords]
    named += [isolated(author) for author in preferences.authors]
    if len(named) > _MOST_NAMED:
        rest = language.number(len(named) - _MOST_NAMED)
        named = [*named[:_MOST_NAMED], language.gettext("{n} more").format(n=rest)]
    what = language.list(named) if named else language.gettext("the day's best papers")
    return Words.folded(f"{what}, {when_words(rhythm, language)}.")


def when_words(rhythm: Rhythm, language: Language) -> str:
    """When she reads: "every weekday at 7:00 AM (Europe/Berlin)"."""
    pattern = {
        Frequency.DAILY: language.gettext("every day at {hour} ({zone})"),
        Frequency.WEEKDAYS: language.gettext("every weekday at {hour} ({zone})"),
        Frequency.WEEKLY: language.gettext("every {weekday} at {hour} ({zone})"),
    }[rhythm.frequency]
    return pattern.format(
        hour=language.hour(rhythm.hour),
        zone=rhythm.timezone,
        weekday=language.weekday(list(Weekday).index(rhythm.weekday)),
    )
