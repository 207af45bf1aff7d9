import pytest

from newsletter.delivery.replies import (
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
    assert silence(stage, "timed out") == kind(f"{stage}: timed out")


def test_a_reply_of_any_octets_becomes_words_that_can_be_kept() -> None:
    outcome = meaning(Stage.RCPT, 550, "no\udce4 \x1b[31m\x00 such\r\nuser")
    assert outcome is not None
    assert outcome.words.isprintable()
    assert outcome.words.encode()
    assert outcome.words.endswith("such user")
