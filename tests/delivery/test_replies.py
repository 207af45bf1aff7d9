import pytest

from newsletter.delivery.replies import (
    Concern,
    Deferred,
    Doubtful,
    Outcome,
    Refused,
    Sent,
    Stage,
    meaning,
    silence,
)
from newsletter.errors import RelayRefused

MAIL, RCPT, DATA, END = Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.END


@pytest.mark.parametrize(
    ("code", "mail", "rcpt", "content", "end"),
    [
        (-1, Deferred, Deferred, Deferred, Doubtful),  # a reply without a code
        (0, Deferred, Deferred, Deferred, Doubtful),
        (199, Deferred, Deferred, Deferred, Doubtful),
        (200, None, None, Deferred, Sent),
        (220, None, None, Deferred, Sent),
        (250, None, None, Deferred, Sent),
        (251, None, None, Deferred, Sent),
        (299, None, None, Deferred, Sent),
        (300, Deferred, Deferred, Deferred, Doubtful),
        (354, Deferred, Deferred, None, Doubtful),
        (399, Deferred, Deferred, Deferred, Doubtful),
        (400, Deferred, Deferred, Deferred, Deferred),
        (421, Deferred, Deferred, Deferred, Deferred),
        (450, Deferred, Deferred, Deferred, Deferred),
        (499, Deferred, Deferred, Deferred, Deferred),
        (500, RelayRefused, Refused, Refused, Refused),
        (550, RelayRefused, Refused, Refused, Refused),
        (554, RelayRefused, Refused, Refused, Refused),
        (599, RelayRefused, Refused, Refused, Refused),
        (600, Deferred, Deferred, Deferred, Doubtful),
        (999, Deferred, Deferred, Deferred, Doubtful),
    ],
)
def test_what_a_reply_means_depends_on_what_it_answers(
    code: int,
    mail: type[Outcome | RelayRefused] | None,
    rcpt: type[Outcome] | None,
    content: type[Outcome] | None,
    end: type[Outcome],
) -> None:
    for stage, kind in ((MAIL, mail), (RCPT, rcpt), (DATA, content), (END, end)):
        if kind is RelayRefused:
            with pytest.raises(RelayRefused, match=f"MAIL: {code} words"):
                meaning(stage, code, "words")
            continue
        outcome = meaning(stage, code, "words")
        assert type(outcome) is (kind or type(None)), stage
        if outcome is not None:
            assert outcome.words == f"{stage}: {code} words"


def test_the_words_of_a_reply_are_kept_on_one_short_line() -> None:
    outcome = meaning(END, 550, "5.7.1  spam\r\nsee\x0bhttps://x.example/\t" + "a" * 1000)
    assert outcome is not None
    assert outcome.words.startswith("end of mail: 550 5.7.1 spam see https://x.example/ aaa")
    assert len(outcome.words) == len("end of mail: 550 ") + 500


@pytest.mark.parametrize(
    ("stage", "kind"), [(MAIL, Deferred), (RCPT, Deferred), (DATA, Deferred), (END, Doubtful)]
)
def test_silence_is_doubtful_only_after_the_final_dot(
    stage: Stage, kind: type[Deferred | Doubtful]
) -> None:
    outcome = silence(stage, "timed out")
    assert (type(outcome), outcome.words) == (kind, f"{stage}: timed out")


@pytest.mark.parametrize(
    ("stage", "code", "text", "concern"),
    [
        (RCPT, 550, "5.1.1 no such user", Concern.RECIPIENT),
        (RCPT, 550, "5.1.10 null MX", Concern.RECIPIENT),
        (RCPT, 550, "no such user", Concern.RECIPIENT),
        (RCPT, 551, "not here", Concern.MESSAGE),
        (RCPT, 550, "5.7.1 blocked using zen.example", Concern.MESSAGE),
        (RCPT, 552, "5.2.2 mailbox full", Concern.MESSAGE),
        (DATA, 550, "5.1.1 no such user", Concern.MESSAGE),
        (END, 554, "5.7.1 spam", Concern.MESSAGE),
        (MAIL, 451, "4.3.0 later", Concern.SENDER),
        (MAIL, 421, "4.7.0 later", Concern.SENDER),
        (RCPT, 450, "4.7.1 greylisted", Concern.RECIPIENT),
        (RCPT, 451, "4.7.1 rate limit exceeded", Concern.DESTINATION),
        (RCPT, 450, "4.2.0 greylisted", Concern.RECIPIENT),
        (RCPT, 421, "4.7.0 [TSS04] deferred", Concern.DESTINATION),
        (RCPT, 421, "try again", Concern.DESTINATION),
        (END, 451, "4.7.1 later", Concern.DESTINATION),
        (END, 452, "4.2.2 full", Concern.RECIPIENT),
        (RCPT, 450, "4.7.15 slow down", Concern.DESTINATION),
    ],
)
def test_what_a_refusal_or_a_delay_is_about(
    stage: Stage, code: int, text: str, concern: Concern
) -> None:
    outcome = meaning(stage, code, text)
    assert isinstance(outcome, Refused | Deferred)
    assert outcome.concern is concern


def test_a_reply_of_any_octets_becomes_words_that_can_be_kept() -> None:
    outcome = meaning(Stage.RCPT, 550, "no\udce4 \x1b[31m\x00 such\r\nuser")
    assert outcome is not None
    assert outcome.words.isprintable()
    assert outcome.words.encode()
    assert outcome.words.endswith("such user")
