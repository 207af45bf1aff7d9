"""`newsletter explain`: why she got, or did not get, a mail or a paper."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import click

from newsletter.cli.desk import ADDRESS, Desk, count_of, day_option, now_option, pass_desk
from newsletter.editorial.topics import Catalogue
from newsletter.errors import WrongUse
from newsletter.rendering.printable import title_line
from newsletter.settings import Settings
from newsletter.steps.curate import find
from newsletter.steps.explain import Explainer, MailExplained, PaperExplained, Weighed
from newsletter.steps.rhythm import default_rhythm
from newsletter.store.editions import latest_edition
from newsletter.store.ledger import State
from subscribers.addresses import Address
from subscribers.model import Breadth, Preferences

_SKIPPED = {
    "empty_edition": "the edition holds no paper",
    "no_match": "no paper of the edition meets her wishes, or all that do are muted",
    "nothing_new": "what she would want she has been sent, or it was there before her last digest",
    "superseded": "it was still open when her next digest was planned, and gave way to it",
    "left": "she left after it was planned",
    "paused": "she paused after it was planned",
}


@click.command(short_help="Why she got, or did not get, a mail or a paper.")
@click.argument("address", type=ADDRESS)
@click.argument("paper", required=False)
@day_option
@now_option
@pass_desk
def explain(
    desk: Desk, address: Address, paper: str | None, day: date | None, now: datetime | None
) -> None:
    """Say why a reader got, or did not get, a mail of the newest edition (or of --day's), and with
    PAPER why that paper is in it or is not: by its id, a link, or words of its title."""
    morning = desk.morning(None, now)
    with desk.store() as store, store.reading() as connection:
        edition = latest_edition(connection, day)
        if edition is None:
            raise WrongUse(f"there is no edition of {day}" if day else "no edition is out yet")
        explainer = Explainer(
            connection, address, edition, desk.catalogue, desk.settings, morning.now
        )
        if paper is None:
            _tell_mail(explainer.mail(), desk.catalogue, desk.settings)
        else:
            _tell_paper(explainer.paper(find(connection, paper)))


def _tell_mail(told: MailExplained, catalogue: Catalogue, settings: Settings) -> None:
    reader, edition = told.reader, told.edition
    preferences = reader.preferences
    rhythm = preferences.rhythm(default_rhythm(settings))
    day = f" on {rhythm.weekday.name.title()}" if rhythm.frequency == "weekly" else ""
    click.echo(
        f"Reader {reader.number}, {reader.address}: {reader.state.value}; {rhythm.frequency.value}"
        f"{day} at {rhythm.hour}:00, {rhythm.timezone}"
    )
    for line in _wishes(preferences, catalogue):
        click.echo(f"  {line}")
    if told.likes:
        click.echo(f"  seems to like: {', '.join(told.likes)}")
    click.echo(
        f"Edition No. {edition.number} of {edition.day} ({edition.freshness}):"
        f" {count_of(edition.listings, 'paper')}, {edition.entered_today} new"
    )
    click.echo(_stand(told, rhythm.timezone))
    for number, weighed in enumerate(told.papers, 1):
        click.echo(f"{number:>3}. {_title(weighed)}")
        _tell_parts(weighed)


def _wishes(preferences: Preferences, catalogue: Catalogue) -> list[str]:
    def titles(slugs: tuple[str, ...]) -> list[str]:
        return [catalogue.topic(s).title if s in catalogue.slugs else s for s in slugs]

    named = [
        ("follows", titles(preferences.topics)),
        ("keywords", preferences.keywords),
        ("authors", preferences.authors),
        ("mutes", [*titles(preferences.muted_topics), *preferences.muted_keywords]),
    ]
    lines = [f"{what}: {', '.join(words)}" for what, words in named if words]
    if not preferences.has_wishes:
        return [*lines, "follows nothing by name: she gets the best of the day"]
    if preferences.breadth is Breadth.FIRST:
        lines.append("after her own papers she wants what everyone reads")
    return lines


def _stand(told: MailExplained, timezone: str) -> str:
    """How her mail of this edition stands."""
    delivery = told.delivery
    struck = f"{told.slot.astimezone(ZoneInfo(timezone)):%A %H:%M}"
    if delivery is None:
        if told.skip and told.is_due:
            why = _why(told.skip)
            return f"She is due (her clock struck {struck}) and would get no mail: {why}."
        if told.skip:
            return f"She is not due now, and would get no mail: {_why(told.skip)}."
        if told.is_due:
            return f"She is due (her clock struck {struck}): the next run mails her this."
        return (
            f"She is not due now (her clock struck {struck}, and that is answered):"
            " this is what she would get."
        )
    if delivery.state is State.SKIPPED:
        return f"There was no mail for her: {_why(delivery.reason)}."
    reason = f" ({delivery.reason})" if delivery.reason else ""
    return f"Her mail with {count_of(len(delivery.papers), 'paper')} is {delivery.state}{reason}:"


def _tell_paper(told: PaperExplained) -> None:
    edition = f"No. {told.edition.number} of {told.edition.day}"
    click.echo(f"“{title_line(told.work.title)}” ({told.work.id})")
    if told.weighed is None:
        click.echo(f"It is not in edition {edition}: {told.why_not[0]}.")
        return
    click.echo(
        f"It stands at place {told.weighed.place} of {told.edition.listings} in edition {edition},"
        f" and entered on {told.weighed.entered}."
    )
    _tell_parts(told.weighed)
    place = f"number {told.rank} of {told.of} that she could get" if told.rank else ""
    if told.is_in:
        click.echo(f"It is in her mail: {told.weighed.reason}{f'; {place}' if place else ''}.")
    elif told.why_not:
        click.echo(f"It is not in her mail: {'; '.join(told.why_not)}.")
    else:
        click.echo(
            f"It is not in her mail: it is {place}, and her mails hold {told.limit}; of one thread"
            " no more than two stand before others."
        )


def _tell_parts(weighed: Weighed) -> None:
    total = sum(part.value for part in weighed.parts)
    parts = "".join(
        f" {'+' if part.value >= 0 else '−'} {abs(part.value):.2f} {part.words}"
        for part in weighed.parts
    ).removeprefix(" + ")
    faded = weighed.score / total if total > 0 else 1.0
    fading = f", faded to {faded:.0%} since she last had a mail" if faded < 0.995 else ""
    click.echo(f"     {weighed.score:.2f} = {parts}{fading}")


def _title(weighed: Weighed) -> str:
    return f"{title_line(weighed.title)} ({weighed.paper_id})"


def _why(reason: str) -> str:
    return _SKIPPED.get(reason, reason)
