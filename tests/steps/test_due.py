"""When nothing more can come of offering a notice."""

import pytest

from newsletter.delivery.message import Message
from newsletter.delivery.replies import Concern, Deferred, Doubtful, Outcome, Refused, Sent
from newsletter.steps.due import Due
from tests.edges.handing import mail_to


def made() -> Message:
    return mail_to()


@pytest.mark.parametrize(
    ("outcome", "is_settled"),
    [
        (Sent("end of mail: 250 ok"), True),
        # Whoever takes mails and never answers would have it every hour, without an end.
        (Doubtful("no answer"), True),
        (Refused("RCPT: 550 nobody", Concern.RECIPIENT), True),
        (Refused("MAIL: 550 not from you", Concern.SENDER), False),
        (Deferred("RCPT: 450 later"), False),
        (Deferred("no relay", Concern.SENDER), False),
    ],
)
def test_a_notice_is_offered_again_where_it_certainly_did_not_arrive(
    outcome: Outcome, is_settled: bool
) -> None:
    assert Due("changed", 1, made).is_settled_by(outcome) is is_settled
