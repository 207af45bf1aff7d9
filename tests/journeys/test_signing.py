"""Mails signed by ourselves, the operator's page of DKIM, and what a receiver makes of both."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from newsletter.cli.desk import load_catalogue
from newsletter.delivery.dkim import Signer
from newsletter.mail_settings import RelaySettings
from newsletter.settings import FixedSettings
from newsletter.steps.specimens import for_looking, specimens
from tests.delivery.verifying import records, verdicts
from tests.journeys.place import Place

PAGE = Path(__file__).parents[2] / "docs/operate/dkim.md"
PAPERS = """\
{"title": "Größe  und Maß", "abstract": "We measure.\\tIt is large. . It is  very large."}
{"title": "A second paper", "abstract": "It is there, and it says so."}
"""
MORNING = ("--papers", "papers.jsonl", "--day", "2026-03-13", "--now", "2026-03-13T08:10:00Z")
READERS = ("ada", "ben", "zoe")
BOTH = 'dkim_key = ["s1=keys/s1.pem", "e1=keys/e1.pem"]'
SIGNERS = (
    Signer("example.org", "s1", generate_private_key(65537, 2048)),
    Signer("example.org", "e1", Ed25519PrivateKey.generate()),
)


@pytest.fixture
def ready(place: Place) -> Place:
    """Three readers, one of text alone, and two keys that no setting names yet."""
    place.write("papers.jsonl", PAPERS)
    consent = ("--consent", "asked")
    place("subscribers", "add", "ada@example.org", "--name", "Ada", *consent)
    place("subscribers", "add", "ben@example.org", "--format", "text", *consent)
    place("subscribers", "add", "zoe@example.org", "--name", "Zoë  Ü.", *consent)
    (place.folder / "keys").mkdir()
    for signer in SIGNERS:
        key = signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        place.write(f"keys/{signer.selector}.pem", key).chmod(0o600)
    return place


def add(place: Place, line: str) -> None:
    """A line more in [relay], the last table of the place's settings."""
    config = place.folder / "newsletter.toml"
    config.write_text(f"{config.read_text('utf-8')}{line}\n", "utf-8")


def test_every_delivered_mail_is_signed_as_its_preview_is(ready: Place) -> None:
    add(ready, BOTH)
    for who in READERS:
        ready("preview", "--for", f"{who}@example.org", *MORNING, "-o", f"{who}.eml")
    assert "Mails: 3 sent." in ready("run", *MORNING).out
    for who in READERS:
        (octets,) = ready.octets(f"{who}@example.org")
        assert octets == (ready.folder / f"{who}.eml").read_bytes()
        assert verdicts(octets, records(*SIGNERS)) == {"s1": True, "e1": True}


def test_every_kind_of_mail_is_signed(ready: Place) -> None:
    named = [f"{who.selector}={ready.folder}/keys/{who.selector}.pem" for who in SIGNERS]
    looked_at = for_looking(FixedSettings())
    settings = looked_at.model_copy(update={"relay": RelaySettings(dkim_key=named)})
    found = {
        specimen.name: verdicts(specimen.message.as_bytes(), records(*SIGNERS))
        for specimen in specimens(load_catalogue(settings), settings)
    }
    assert {"digest", "confirm", "welcome", "changed", "goodbye"} <= found.keys()
    assert found == {name: {"s1": True, "e1": True} for name in found}


def test_a_variable_names_a_key_too(ready: Place) -> None:
    ready("run", *MORNING, env={"NEWSLETTER_RELAY__DKIM_KEY": "s1=keys/s1.pem"})
    (octets,) = ready.octets("ada@example.org")
    assert verdicts(octets, records(*SIGNERS)) == {"s1": True}


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("s1=keys/missing.pem", "keys/missing.pem: there is no such file"),
        ("s1=papers.jsonl", "papers.jsonl: holds no private key in PEM"),
        ("s1=keys/open.pem", "keys/open.pem: everybody on this machine can read it"),
        ("s_1=keys/s1.pem", "'s_1' cannot be a selector"),
    ],
)
def test_with_a_bad_key_nothing_is_sent_and_everything_waits(
    ready: Place, value: str, reason: str
) -> None:
    (ready.folder / "papers.jsonl").chmod(0o600)
    shutil.copy(ready.folder / "keys/s1.pem", ready.folder / "keys/open.pem")
    (ready.folder / "keys/open.pem").chmod(0o644)
    bad = {"NEWSLETTER_RELAY__DKIM_KEY": f'["e1=keys/e1.pem", "{value}"]'}
    refused = ready("run", *MORNING, code=78, env=bad)
    assert "relay.dkim_key: " in refused.err
    assert reason in refused.err
    assert "PRIVATE" not in refused.err
    assert "Traceback" not in refused.err
    assert ready.mails() == []
    assert "Mails: 3 sent." in ready("run", *MORNING).out


def test_templates_can_be_looked_at_without_the_key(ready: Place) -> None:
    add(ready, 'dkim_key = "s1=keys/missing.pem"')
    assert "Every kind of mail" in ready("preview").out
    assert "there is no such file" in ready(
        "preview", "--for", "ada@example.org", *MORNING, "-o", "ada.eml", code=78
    ).err  # fmt: skip


def fenced(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_the_commands_of_the_operators_page_make_signatures_that_hold(ready: Place) -> None:
    shutil.rmtree(ready.folder / "keys")
    typed = subprocess.run(
        ["bash", "-e"],
        input="".join(fenced("sh")),
        cwd=ready.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    rsa, ed25519 = typed.stdout.splitlines()
    known = {"s1._domainkey.example.org.": rsa, "e1._domainkey.example.org.": ed25519}
    one, both = (text.removeprefix("[relay]\n") for text in fenced("toml"))
    assert both == f"{BOTH}\n"
    add(ready, one)
    ready("preview", "--for", "ada@example.org", *MORNING, "-o", "ada.eml")
    assert verdicts((ready.folder / "ada.eml").read_bytes(), known) == {"s1": True}
    config = ready.folder / "newsletter.toml"
    config.write_text(config.read_text("utf-8").replace(one, both), "utf-8")
    ready("run", *MORNING)
    (octets,) = ready.octets("ada@example.org")
    assert verdicts(octets, known) == {"s1": True, "e1": True}
