"""`newsletter curate`: what the curator picks, keeps out, and says to the readers."""

from datetime import date, datetime, timedelta

import click

from newsletter.cli.desk import DAY, Desk, Parsed, now_option, pass_desk
from newsletter.editorial.notes import foreword, remark
from newsletter.rendering.printable import title_line
from newsletter.steps import curate as curating
from newsletter.steps import look_up as looking_up
from newsletter.steps.curate import Decided
from newsletter.store import curations
from newsletter.store.curations import Curation, Note, Verb, Work
from newsletter.store.editions import EditionSummary, latest_edition

_paper_argument = click.argument("paper")
note_option = click.option(
    "--note", type=Parsed("note", remark), default="", help="One line, printed above its title."
)


@click.group(short_help="Pin and drop papers; write a note.")
def curate() -> None:
    """Decide about the editions to come: pin, drop and add papers, write a note.

    PAPER is an arXiv id, a DOI, a link to one of both, or words of a title that only one paper of
    the archive has.
    """


@curate.command()
@_paper_argument
@note_option
@click.option("--day", type=DAY, help="From this day's edition on; by default today's.")
@now_option
@pass_desk
def pin(desk: Desk, paper: str, note: str, day: date | None, now: datetime | None) -> None:
    """Put a paper first, with a note or without."""
    morning = desk.morning(None, now)
    start, days = day or morning.day, desk.settings.edition.window_days
    with desk.store() as store, store.writing() as connection:
        work = curating.find(connection, paper)
        decided = curating.pin(connection, work, note, start, morning.now, days)
    click.echo(pinned_words(decided, start, days))


@curate.command()
@_paper_argument
@note_option
@now_option
@pass_desk
def add(desk: Desk, paper: str, note: str, now: datetime | None) -> None:
    """Look a paper up by its arXiv id or a link, and bring it in; with a note it is pinned too."""
    morning = desk.morning(None, now)
    days = desk.settings.edition.window_days
    with desk.store() as store:
        added = looking_up.add(store, desk.settings, paper, note, morning.day, morning.now)
    work = added.work
    gone = work.entered and work.entered <= morning.day - timedelta(days=days)
    where = "is in the archive, for the edition to come"
    if added.was_known:
        where = f"entered on {work.entered} already" if work.entered else "was there already"
    click.echo(f"Added: {_title(work)} {where}{'; pin it to bring it back' if gone else ''}.")
    if added.pinned:
        click.echo(pinned_words(added.pinned, morning.day, days))


@curate.command()
@_paper_argument
@now_option
@pass_desk
def drop(desk: Desk, paper: str, now: datetime | None) -> None:
    """Keep a paper out of every edition to come."""
    morning = desk.morning(None, now)
    with desk.store() as store, store.writing() as connection:
        work = curating.find(connection, paper)
        decided = curating.drop(connection, work, morning.day, morning.now)
    pin_gone = "; it is pinned no more" if _was(decided, Verb.PIN) else ""
    click.echo(f"Dropped: {_title(decided.work)} {_dropped_from(decided)}{pin_gone}.")


@curate.command()
@_paper_argument
@pass_desk
def undo(desk: Desk, paper: str) -> None:
    """Take back a pin or a drop."""
    with desk.store() as store, store.writing() as connection:
        decided = curating.undo(connection, curating.find(connection, paper))
    verb = "drop" if _was(decided, Verb.DROP) else "pin"
    frozen = ""
    if decided.newest and decided.listed:
        frozen = f"; {_edition(decided.newest)}, which holds it, is out and frozen"
    click.echo(f"Taken back: the {verb} of {_title(decided.work)}{frozen}.")


@curate.command()
@click.argument("text", type=Parsed("text", foreword))
@now_option
@pass_desk
def note(desk: Desk, text: str, now: datetime | None) -> None:
    """Write a note that the next edition carries; an empty one withdraws it."""
    morning = desk.morning(None, now)
    with desk.store() as store, store.writing() as connection:
        before = curations.next_note(connection, morning.day)
        curations.keep_note(connection, text, morning.now)
        newest = latest_edition(connection)
    click.echo(_note_words(text, before, newest))


@curate.command("list")
@now_option
@pass_desk
def list_(desk: Desk, now: datetime | None) -> None:
    """List pins and drops, and the note that is waiting."""
    days = desk.settings.edition.window_days
    day = desk.morning(None, now).day
    with desk.store() as store, store.reading() as connection:
        decisions = curations.curated_since(connection, day - timedelta(days=days))
        waiting = curations.next_note(connection, day)
    for curation, work in decisions:
        click.echo(_line(curation, work, days))
    if not decisions:
        click.echo("Nothing is pinned or dropped.")
    if waiting:
        which = (
            "The next edition carries this note"
            if waiting.carried_by is None
            else f"No. {waiting.carried_by} carries this note; where nobody is sent that one, so"
            " does the next edition"
        )
        click.echo(f"\n{which}:\n\n{waiting.text}")


def pinned_words(decided: Decided, day: date, days: int) -> str:
    """What a pin came to, in one sentence."""
    newest = decided.newest
    last = day + timedelta(days=days - 1)
    start, frozen = f"the edition of {day}", ""
    if newest and newest.day >= day:
        start = "the next edition"
        frozen = f"; {_edition(newest)} is out and frozen"
    entered = decided.work.entered
    again = " and enters again" if entered and entered <= day - timedelta(days=days) else ""
    undone = "; it is dropped no more" if _was(decided, Verb.DROP) else ""
    return (
        f"Pinned: {_title(decided.work)} comes first{again} from {start} on,"
        f" until {last}{frozen}{undone}."
    )


def _dropped_from(decided: Decided) -> str:
    if decided.newest and decided.listed:
        edition = _edition(decided.newest)
        return (
            f"already stands in {edition}, which is out and frozen, so the drop counts from the"
            " next on"
        )
    return "stands in no edition to come"


def _note_words(text: str, before: Note | None, newest: EditionSummary | None) -> str:
    if not text:
        frozen = f"; in No. {before.carried_by} it stays" if before and before.carried_by else ""
        return f"The note is withdrawn{frozen}." if before else "No note was waiting."
    after = f" after {_edition(newest)}" if newest else ""
    waited = before is not None and before.carried_by is None
    instead = ", instead of the one that was waiting" if waited else ""
    return f"The next edition{after} carries this note{instead}."


def _line(curation: Curation, work: Work, days: int) -> str:
    last = curation.day + timedelta(days=days - 1)
    pinned = curation.verb is Verb.PIN
    when = f"pinned from {curation.day} to {last}" if pinned else f"dropped on {curation.day}"
    remark_line = f"\n  {curation.note}" if curation.note else ""
    return f"{work.id}: {when}\n  {_title(work)}{remark_line}"


def _was(decided: Decided, verb: Verb) -> bool:
    return decided.before is not None and decided.before.verb is verb


def _title(work: Work) -> str:
    return f"“{title_line(work.title)}”"


def _edition(edition: EditionSummary) -> str:
    return f"No. {edition.number} of {edition.day}"
