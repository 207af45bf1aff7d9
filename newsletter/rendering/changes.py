"""What has changed in a reader's subscription, in words, each beside what it was before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from newsletter.editorial.topics import Catalogue
from newsletter.rendering.language import Language
from newsletter.rendering.printable import Words, isolated
from newsletter.rendering.views import count_words
from newsletter.rendering.wishes import when_words
from subscribers.model import Breadth, Format, Rhythm, State
from subscribers.terms import Terms


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One of them, as templates see it."""

    name: str
    before: Words
    now: Words


def changes_in(
    before: Terms, now: Terms, default: Rhythm, catalogue: Catalogue, language: Language
) -> list[ChangeView]:
    """All of them, the weightiest first; `default` is the operator's."""
    words = _Wording(default, catalogue, language)
    pairs = zip(words.of(before), words.of(now), strict=True)
    return [
        ChangeView(name, Words.plain(was), Words.plain(has))
        for (name, was), (_, has) in pairs
        if was != has
    ]


class _Wording:
    """Puts terms into words, field by field."""

    def __init__(self, default: Rhythm, catalogue: Catalogue, language: Language) -> None:
        self._default = default
        self._catalogue = catalogue
        self._language = language

    def of(self, terms: Terms) -> Iterator[tuple[str, str]]:
        """The name of every field and what it holds."""
        language, wishes = self._language, terms.preferences
        yield language.gettext("Mails"), self._mails(terms)
        yield language.gettext("When"), when_words(wishes.rhythm(self._default), language)
        yield language.gettext("Topics"), self._topics(wishes.topics)
        yield language.gettext("Muted topics"), self._topics(wishes.muted_topics)
        yield language.gettext("Keywords"), self._list(wishes.keywords)
        yield language.gettext("Muted keywords"), self._list(wishes.muted_keywords)
        yield language.gettext("Authors"), self._list(wishes.authors)
        yield language.gettext("What your taste goes by"), self._papers(terms.tastes)
        yield language.gettext("Papers that meet no wish"), self._breadth(wishes.breadth)
        yield language.gettext("Most papers in a mail"), self._most(wishes.max_papers)
        yield language.gettext("How your mails look"), self._format(wishes.format)

    def _mails(self, terms: Terms) -> str:
        language, until = self._language, terms.paused_until
        if terms.state is State.ACTIVE:
            return language.gettext("they come")
        if terms.state is not State.PAUSED:
            return language.gettext("none")
        if until is None:
            return language.gettext("paused")
        return language.gettext("paused until {date}").format(date=language.date(until))

    def _breadth(self, breadth: Breadth) -> str:
        language = self._language
        if breadth is Breadth.ONLY:
            return language.gettext("Never")
        return language.gettext("After those that do")

    def _format(self, form: Format) -> str:
        language = self._language
        if form is Format.HTML:
            return language.gettext("With colours and links (HTML)")
        return language.gettext("Plain text, for any mail program")

    def _papers(self, count: int) -> str:
        return count_words(count, self._language) if count else self._language.gettext("none")

    def _most(self, count: int | None) -> str:
        return count_words(count, self._language) if count else self._language.gettext("as usual")

    def _topics(self, slugs: Sequence[str]) -> str:
        known = self._catalogue
        return self._list([known.topic(s).title if s in known.slugs else s for s in slugs])

    def _list(self, wishes: Sequence[str]) -> str:
        if not wishes:
            return self._language.gettext("none")
        return self._language.list([isolated(wish) for wish in wishes])
