"""Publish: the day's edition, composed once and frozen."""

from datetime import date, datetime

from sqlalchemy import Connection

from newsletter.editorial.editions import Edition, compose
from newsletter.editorial.freshness import Freshness, Verdict
from newsletter.editorial.texts import ENGLISH, Texts
from newsletter.editorial.topics import Catalogue
from newsletter.errors import WrongUse
from newsletter.store.editions import (
    EditionSummary,
    edition_of,
    keep_edition,
    latest_edition,
    next_number,
    window,
)
from newsletter.store.library import is_empty
from newsletter.store.mornings import Judged, verdict_of


def publish(
    connection: Connection,
    day: date,
    catalogue: Catalogue,
    window_days: int,
    now: datetime,
    texts: Texts = ENGLISH,
) -> EditionSummary:
    """The edition of `day`: the one that is out, else a new one from the window as it stands.

    Raises WrongUse where a later edition is out already, or where no paper was ever gathered.
    """
    published = latest_edition(connection, day)
    if published:
        return published
    newest = latest_edition(connection)
    if newest and newest.day > day:
        raise WrongUse(
            f"no edition can be published for {day}: No. {newest.number} of {newest.day} is out,"
            " and what it holds has entered"
        )
    if is_empty(connection):
        raise WrongUse("there are no papers yet: gather some with --papers FILE")
    candidates = window(connection, day, window_days)
    edition = compose(next_number(connection), day, candidates, catalogue, texts)
    morning = verdict_of(connection, day)
    keep_edition(connection, edition, now, _verdict(edition, morning))
    return edition_of(connection, edition.number)


def _verdict(edition: Edition, morning: Judged | None) -> Verdict:
    """The verdict on the morning; where that is well, or there is none, whether anything is new."""
    if morning and not morning.verdict.is_good:
        return morning.verdict
    word = Freshness.FRESH if edition.entered_today else Freshness.QUIET
    return Verdict(word, morning.verdict.sentence if morning else "")
