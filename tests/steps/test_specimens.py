"""Specimens and notices: a mail of every kind, and what stops a run."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from newsletter.cli.desk import load_catalogue
from newsletter.delivery.message import Message
from newsletter.errors import ConfigurationError
from newsletter.rendering.kinds import KINDS
from newsletter.rendering.loader import bundled_templates
from newsletter.settings import FixedSettings
from newsletter.steps.first import First, Occasion
from newsletter.steps.notices import Notices
from newsletter.steps.specimens import for_looking, proofread, specimens
from newsletter.steps.stationery import Stationery
from subscribers.addresses import Address
from subscribers.errands import Invitation
from subscribers.links import Errand
from subscribers.model import Preferences, State, Subscriber
from subscribers.telling import News
from subscribers.terms import Terms

SETTINGS = for_looking(FixedSettings())
CATALOGUE = load_catalogue(SETTINGS)
NOW = datetime(2026, 3, 13, 7, tzinfo=UTC)
ADA = Subscriber(
    7, Address.parse("ada@example.org"), "Ada <b>", State.ACTIVE, Preferences(("robotics",))
)
NEWS = News(
    ADA, Terms(State.ACTIVE, None, Preferences(), 0), Terms(State.PAUSED, None, ADA.preferences, 0)
)


def read(message: Message) -> EmailMessage:
    mail = message_from_bytes(message.as_bytes(), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def text_of(message: Message, kind: str = "plain") -> str:
    part = read(message).get_body((kind,))
    assert part
    return str(part.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_kind_has_a_specimen_without_a_fault(language: str) -> None:
    settings = SETTINGS.model_copy(update={"language": language})
    shown = list(specimens(CATALOGUE, settings))
    assert {specimen.kind for specimen in shown} == set(KINDS)
    assert [specimen.faults for specimen in shown] == [[] for _ in shown]
    proofread(CATALOGUE, settings)


def test_the_question_says_nothing_of_whoever_asked_and_offers_no_list_to_leave() -> None:
    asked = Invitation(ADA.address, ADA.number, 1, NOW + timedelta(days=2))
    message = Notices(CATALOGUE, SETTINGS).question(Errand.CONFIRM, asked, NOW)
    link = Stationery(SETTINGS).once("confirm", Errand.CONFIRM, asked)
    mail = read(message)
    assert mail["List-Unsubscribe"] is None
    assert mail["Auto-Submitted"] == "auto-generated"
    for kind in ("plain", "html"):
        assert "Ada" not in text_of(message, kind)
        assert "Sun, Mar 15, 7:00 AM (UTC)" in text_of(message, kind)
        assert link in text_of(message, kind)


def test_who_is_on_the_list_can_leave_from_every_notice_but_the_last() -> None:
    notices = Notices(CATALOGUE, SETTINGS)
    first = First(NOW + timedelta(hours=20), Occasion.HER_HOUR)
    welcome = notices.welcome(ADA, first, None, (), NOW)
    changed = notices.changed(NEWS, NOW)
    goodbye = notices.goodbye(ADA, NOW)
    assert "You asked for:\nRobotics, every day at 7:00 AM (UTC).\n" in text_of(welcome)
    assert "Welcome, Ada &lt;b&gt;<" in text_of(welcome, "html")
    for message in (welcome, changed):
        mail = read(message)
        assert str(mail["List-Unsubscribe"]).strip("<>") in text_of(message)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read(goodbye)["List-Unsubscribe"] is None
    assert "Take it back: https://papers.example.org/unsubscribe/" in text_of(goodbye)


def test_a_notice_is_the_same_bytes_again_and_another_hours_is_another_mail() -> None:
    first, again, later = (
        Notices(CATALOGUE, SETTINGS).changed(NEWS, when)
        for when in (NOW, NOW, NOW + timedelta(hours=1))
    )
    assert first.as_bytes() == again.as_bytes()
    assert read(first)["Message-ID"] != read(later)["Message-ID"]


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("welcome/body.html", "</h2>", '</h2><img src="http://x.test/a.png">', "has no alt text"),
        ("goodbye/body.txt", "{{ reader.undo_url }}", "x", "reader.undo_url is missing"),
        ("confirm/body.html", 'class="button">', 'class="button"></a><a href="/x">', "'/x' leads"),
        ("digest/body.html", '<p class="authors"', "<h4>x</h4><p", "a level is missing"),
    ],
)
def test_a_template_that_would_embarrass_is_named(
    tmp_path: Path, name: str, old: str, new: str, words: str
) -> None:
    source = (bundled_templates() / "email" / name).read_text("utf-8")
    assert old in source
    own = tmp_path / "email" / name
    own.parent.mkdir(parents=True)
    own.write_text(source.replace(old, new, 1), "utf-8")
    settings = SETTINGS.model_copy(update={"templates_dir": tmp_path})
    with pytest.raises(ConfigurationError, match=words) as refused:
        proofread(CATALOGUE, settings)
    assert f"email/{name.split('/')[0]}" in str(refused.value)
