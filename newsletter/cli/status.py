"""`newsletter status`: the day at a glance."""

import json
from datetime import date
from typing import Any

import click
from sqlalchemy import Connection

from newsletter.cli.desk import Desk, day_option, pass_desk
from newsletter.cli.recipients import lines
from newsletter.errors import WrongUse
from newsletter.store.editions import EditionSummary, latest_edition
from newsletter.store.engine import Store
from newsletter.store.ledger import State, counts, every_delivery, reasons
from newsletter.store.mornings import Judged, newest_verdict, verdict_of
from subscribers import errands, roster


@click.command(short_help="Did it go out, to whom, if not, why?")
@day_option
@click.option("--readers", is_flag=True, help="A line for each reader who was due.")
@click.option(
    "--only",
    type=click.Choice([state.value for state in State]),
    multiple=True,
    help="Of --readers those whose mail is sent, refused ...; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@pass_desk
def status(
    desk: Desk, day: date | None, readers: bool, only: tuple[str, ...], as_json: bool
) -> None:
    """Did it go out, to how many, and if not, why? The counts add up to the readers due.

    With --readers: to whom, to whom not, and why? A line each, with --json an object each.
    """
    if only and not readers:
        raise WrongUse("--only chooses among the lines of --readers: say both")
    with desk.store() as store:
        with store.reading() as connection:
            edition = latest_edition(connection, day)
        if edition is None and (readers or day is not None):
            raise WrongUse(f"there is no edition of {day}" if day else "no edition is out yet")
        if not readers:
            _tell(store, edition, day, as_json=as_json)
            if desk.settings.sender.has_example_address and not as_json:
                click.echo("sender.postal_address is still an example: put yours there")
        elif edition:
            for line in lines(store, edition.number, [State(s) for s in only], as_json=as_json):
                click.echo(line)


def _tell(store: Store, edition: EditionSummary | None, day: date | None, *, as_json: bool) -> None:
    with store.reading() as connection:
        by_state = counts(connection, edition.number) if edition else dict.fromkeys(State, 0)
        why = reasons(connection, edition.number) if edition else {}
        census = roster.census(connection)
        doubtful = _doubtful(connection, edition.number) if edition else []
        waiting = _waiting(connection, edition) if day is None else None
        asked_again = _asked_again(connection, edition) if edition else None
        unmailed, since = errands.waiting_since(connection)
    report = {
        "edition": edition
        and {
            "number": edition.number,
            "day": edition.day.isoformat(),
            "papers": edition.listings,
            "new_papers": edition.entered_today,
            "freshness": edition.freshness,
            "sentence": edition.sentence,
        },
        "asked_again": asked_again,
        "waiting": waiting,
        "deliveries": {state.value: count for state, count in by_state.items()},
        "due": sum(by_state.values()),
        "reasons": [
            {"state": state.value, "reason": reason, "count": count}
            for (state, reason), count in why.items()
        ],
        "doubtful": doubtful,
        "questions": {"waiting": unmailed, "since": since and since.isoformat()},
        "subscribers": {state.value: count for state, count in census.items()},
    }
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    _show(edition, report, why)


def _show(
    edition: EditionSummary | None, report: dict[str, Any], why: dict[tuple[State, str], int]
) -> None:
    if edition is None:
        click.echo("No edition is out yet.")
    else:
        _show_edition(edition, report, why)
    if waiting := report["waiting"]:
        click.echo(
            f"{waiting['day']}: no edition yet; asked since {waiting['begun_at']}, and last at"
            f" {waiting['judged_at']}: {waiting['freshness']}: {waiting['sentence']}"
        )
    if (questions := report["questions"])["waiting"]:
        click.echo(
            f"Links that the relay has yet to take: {questions['waiting']}, the oldest asked for at"
            f" {questions['since']}; the next run offers them again"
        )
    people = ", ".join(
        f"{count} {state}" for state, count in report["subscribers"].items() if count
    )
    click.echo(f"Subscribers: {people or 'none'}")


def _show_edition(
    edition: EditionSummary, report: dict[str, Any], why: dict[tuple[State, str], int]
) -> None:
    click.echo(
        f"Edition No. {edition.number} of {edition.day}: {edition.listings} papers,"
        f" {edition.entered_today} new ({edition.freshness})"
    )
    if edition.sentence:
        click.echo(f"  {edition.sentence}")
    if again := report["asked_again"]:
        click.echo(
            f"  Once it was out, at {again['judged_at']}: {again['freshness']}; what came then"
            " stands in the next edition"
        )
    click.echo(f"Readers due: {report['due']}")
    for state, count in report["deliveries"].items():
        if count:
            click.echo(f"  {state:<9} {count:>7}")
            for (of_state, reason), times in why.items():
                if of_state.value == state:
                    click.echo(f"      {times:>7}  {reason}")
    if report["doubtful"]:
        click.echo(f"In doubt: {', '.join(report['doubtful'])}")


def _asked_again(connection: Connection, edition: EditionSummary) -> dict[str, str] | None:
    """What was thought of the edition's day once it was out, where it went ahead without all."""
    judged = verdict_of(connection, edition.day)
    if judged is None or edition.verdict.is_good or judged.verdict == edition.verdict:
        return None
    return _judged(judged)


def _waiting(connection: Connection, edition: EditionSummary | None) -> dict[str, str] | None:
    """The newest morning, where its edition is not out."""
    newest = newest_verdict(connection)
    if newest is None or (edition and edition.day >= newest[0]):
        return None
    day, judged = newest
    return {"day": day.isoformat(), **_judged(judged)}


def _judged(judged: Judged) -> dict[str, str]:
    return {
        "freshness": judged.verdict.freshness,
        "sentence": judged.verdict.sentence,
        "begun_at": judged.begun_at.isoformat(),
        "judged_at": judged.judged_at.isoformat(),
    }


def _doubtful(connection: Connection, edition: int) -> list[str]:
    """The addresses of those of whom nobody can say whether they got the edition."""
    rows = every_delivery(connection, edition, State.DOUBTFUL)
    readers = roster.some(connection, [row.subscriber for row in rows])
    return [str(reader.address) for _, reader in sorted(readers.items())]
