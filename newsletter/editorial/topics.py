"""Topics: which paper belongs where, and the words that say why. A catalogue is a TOML file."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Self

from newsletter.editorial.papers import Paper
from newsletter.editorial.phrases import Phrases
from newsletter.errors import ConfigurationError

IN_TITLE = 2
IN_ABSTRACT = 1
BY_CATEGORY = 2
ENOUGH = 2
"""Points that make a paper belong: one word of the title, two of the abstract, or a category."""

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_CATEGORY = re.compile(r"[a-z-]+(\.[A-Za-z-]+)?")
_TEXTS = ("slug", "title", "sentence")
_LISTS = ("categories", "words")
_GROUP = "group"


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject that a reader can ask for or mute, by its slug."""

    slug: str
    title: str
    sentence: str
    """What is in it, for the reader who chooses."""
    categories: tuple[str, ...]
    """arXiv categories whose papers all belong; an archive (`q-bio`) means each of its own."""
    words: tuple[str, ...]
    """Phrases as `Phrases` understands them."""
    group: str = ""
    """The title of those that it is shown among; "" for none."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """That a paper belongs to a topic, how clearly, and what says so."""

    topic: str
    """The topic's slug."""
    points: int
    because: tuple[str, ...]
    """The topic's words found in the title, those found elsewhere, the category: at least one."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What in a paper speaks for a topic, enough or not."""

    topic: str
    """The topic's slug."""
    title: tuple[str, ...] = ()
    """The topic's words found in the title."""
    abstract: tuple[str, ...] = ()
    """Those found in the abstract or the keywords alone."""
    category: str | None = None
    """The first of the paper's categories that means the topic."""

    @property
    def points(self) -> int:
        by_words = IN_TITLE * len(self.title) + IN_ABSTRACT * len(self.abstract)
        return by_words + (BY_CATEGORY if self.category else 0)

    @property
    def because(self) -> tuple[str, ...]:
        return (*self.title, *self.abstract, *([self.category] if self.category else ()))


class Catalogue:
    """The topics on offer, in the order in which they are shown."""

    __slots__ = ("_by_category", "_by_word", "_phrases", "_topics", "topics")

    def __init__(self, topics: Sequence[Topic]) -> None:
        self.topics = tuple(topics)
        self._topics = {topic.slug: topic for topic in topics}
        self._by_word: dict[str, list[str]] = {}
        self._by_category: dict[str, list[str]] = {}
        for topic in topics:
            for word in dict.fromkeys(topic.words):
                self._by_word.setdefault(word, []).append(topic.slug)
            for category in dict.fromkeys(topic.categories):
                self._by_category.setdefault(category, []).append(topic.slug)
        self._phrases = Phrases(tuple(self._by_word))

    @classmethod
    def parse(cls, text: str, name: str) -> Self:
        """The catalogue that a TOML text holds; `name` is what a refusal calls the file.

        Raises ConfigurationError with the file, the topic, the key and the reason.
        """
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{name}: this is not TOML: {error}") from error
        for key in document.keys() - {"topic"}:
            raise ConfigurationError(f"{name}: {key}: unknown key; only [[topic]] tables are read")
        tables = document.get("topic")
        if not isinstance(tables, list) or not tables:
            raise ConfigurationError(f"{name}: topic: at least one [[topic]] table is needed")
        topics: dict[str, Topic] = {}
        for number, table in enumerate(tables, start=1):
            topic = _topic(table, name, number)
            if topic.slug in topics:
                raise ConfigurationError(f"{name}: topic '{topic.slug}': slug: it is there twice")
            topics[topic.slug] = topic
        return cls(tuple(topics.values()))

    @property
    def slugs(self) -> tuple[str, ...]:
        return tuple(self._topics)

    @property
    def groups(self) -> Mapping[str, tuple[Topic, ...]]:
        """The topics by the title of their group, the groups in the order in which each is first
        named."""
        groups: dict[str, list[Topic]] = {}
        for topic in self.topics:
            groups.setdefault(topic.group, []).append(topic)
        return {title: tuple(topics) for title, topics in groups.items()}

    def topic(self, slug: str) -> Topic:
        """The topic of that slug; raises KeyError where there is none."""
        return self._topics[slug]

    def nearest(self, slug: str) -> str | None:
        """The slug that somebody may have meant by an unknown one, or None."""
        written = "-".join(slug.casefold().replace("_", " ").replace("-", " ").split())
        return next(iter(get_close_matches(written, self.slugs, n=1)), None)

    def assign(self, paper: Paper) -> tuple[Assignment, ...]:
        """The topics a paper belongs to, the clearest first, equals in the catalogue's order."""
        found = [each for each in self.evidence(paper) if each.points >= ENOUGH]
        found.sort(key=lambda each: -each.points)
        return tuple(Assignment(each.topic, each.points, each.because) for each in found)

    def evidence(self, paper: Paper) -> tuple[Evidence, ...]:
        """What speaks for each topic that anything speaks for, in the catalogue's order.

        Each different word counts once, at its best place. Keywords count like the abstract: the
        sources that give them had a machine draw them from it.
        """
        in_title = self._phrases.found_in(paper.title)
        around = self._phrases.found_in("; ".join((paper.abstract, *paper.keywords)))
        titles = self._by_topic(in_title)
        abstracts = self._by_topic(word for word in around if word not in in_title)
        categories = self._named_by(paper.categories)
        return tuple(
            Evidence(
                slug,
                tuple(titles.get(slug, ())),
                tuple(abstracts.get(slug, ())),
                categories.get(slug),
            )
            for slug in self._topics
            if slug in titles or slug in abstracts or slug in categories
        )

    def _by_topic(self, words: Iterable[str]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for word in words:
            for slug in self._by_word[word]:
                found.setdefault(slug, []).append(word)
        return found

    def _named_by(self, categories: Sequence[str]) -> dict[str, str]:
        """The topics that some category means, each with the first that does."""
        named: dict[str, str] = {}
        for category in categories:
            archive = category.partition(".")[0]
            for meant in dict.fromkeys((category, archive)):
                for slug in self._by_category.get(meant, ()):
                    named.setdefault(slug, category)
        return named


def _topic(table: object, name: str, number: int) -> Topic:
    where = f"{name}: topic number {number}"
    if not isinstance(table, dict):
        raise ConfigurationError(f"{where}: it must be a [[topic]] table")
    slug = _text(table, "slug", where)
    if not _SLUG.fullmatch(slug):
        reason = "small letters, digits and single hyphens only"
        raise ConfigurationError(f"{where}: slug: {slug!r} will not do: {reason}")
    where = f"{name}: topic '{slug}'"
    for key in table:
        if key not in (*_TEXTS, *_LISTS, _GROUP):
            raise ConfigurationError(f"{where}: {key}: unknown key")
    topic = Topic(
        slug=slug,
        title=_text(table, "title", where),
        sentence=_text(table, "sentence", where),
        categories=_texts(table, "categories", where),
        words=_texts(table, "words", where),
        group=_text(table, _GROUP, where) if _GROUP in table else "",
    )
    for category in topic.categories:
        if not _CATEGORY.fullmatch(category):
            raise ConfigurationError(f"{where}: categories: {category!r} is no arXiv category")
    for word in topic.words:
        if not any(map(str.isalnum, word)):
            raise ConfigurationError(f"{where}: words: {word!r} has no letter to look for")
    if not topic.categories and not topic.words:
        raise ConfigurationError(f"{where}: words: they and the categories are both empty")
    return topic


def _text(table: Mapping[str, object], key: str, where: str) -> str:
    if key not in table:
        raise ConfigurationError(f"{where}: {key}: it is missing")
    text = table[key]
    if not isinstance(text, str):
        raise ConfigurationError(f"{where}: {key}: it must be a text in quotes")
    if not text.strip():
        raise ConfigurationError(f"{where}: {key}: it is empty")
    return text.strip()


def _texts(table: Mapping[str, object], key: str, where: str) -> tuple[str, ...]:
    if key not in table:
        raise ConfigurationError(f"{where}: {key}: it is missing; [] says that there are none")
    texts = table[key]
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ConfigurationError(f"{where}: {key}: it must be a list of texts in quotes")
    return tuple(text.strip() for text in texts)
