"""Due: a notice that a reader is to get, and when nothing more can come of offering it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from newsletter.delivery.message import Message
from newsletter.delivery.replies import Concern, Doubtful, Outcome, Refused, Sent
from newsletter.steps.notices import Notices, kind_of
from subscribers import errands, telling
from subscribers.errands import Invitation
from subscribers.links import Errand
from subscribers.telling import News


@dataclass(frozen=True, slots=True)
class Due:
    """One of them. `make` prints it, and raises what Notices raises."""

    notice: str
    subscriber: int
    make: Callable[[], Message]
    settle: Callable[[Connection], None] | None = None
    """Writes down that it need not be offered again; None where it is offered once."""

    def is_settled_by(self, outcome: Outcome) -> bool:
        """Whether nothing more can come of offering it: the relay took it, or nobody knows whether
        it did, or it refuses this mail to this reader for ever. What is wrong with us may be
        mended."""
        match outcome:
            case Sent() | Doubtful():
                return True
            case Refused():
                return outcome.concern is not Concern.SENDER
            case _:
                return False


def change_due(notices: Notices, news: News, now: datetime) -> Due:
    """Word to a reader of what has changed."""
    number = news.reader.number
    return Due(
        "changed",
        number,
        lambda: notices.changed(news, now),
        lambda connection: telling.heard(connection, number, news.now),
    )


def question_due(notices: Notices, errand: Errand, invitation: Invitation, now: datetime) -> Due:
    """The link that somebody asked for: once, for whoever gets it may not be who asked."""
    return Due(
        kind_of(errand).name,
        invitation.subscriber,
        lambda: notices.question(errand, invitation, now),
        lambda connection: errands.mailed(connection, invitation.errand, now),
    )
