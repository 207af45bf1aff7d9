import base64
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from dkim.canonicalization import Relaxed
from hypothesis import example, given
from hypothesis import strategies as st

from newsletter.delivery.dkim import Signer, body_hash
from newsletter.delivery.message import Message, compose_message
from newsletter.rendering.quoted import segment
from subscribers.addresses import Address
from tests.delivery.composing import (
    HEAD,
    HEADERS,
    HTML,
    PERSONAL,
    TEXT,
    composed,
    halves,
    strictly_parsed,
)
from tests.delivery.verifying import records, verdicts

RSA = Signer("paper.example", "s1", generate_private_key(65537, 2048))
ED25519 = Signer("paper.example", "e1.mail", Ed25519PrivateKey.generate())
BOTH = (RSA, ED25519)
HOLD = {"s1": True, "e1.mail": True}
BROKEN = {"s1": False, "e1.mail": False}

# What the relaxed form changes, and what it might be thought to.
LINES = ["", " ", "\t", "  a", "a  b \t c", "a \t", "a=20", "a =", ".", "..", "--", "From x", "é"]
line = st.one_of(st.sampled_from(LINES), st.text(" \tab.", max_size=12))
body_lines = st.lists(line.map(lambda text: f"{text}\r\n".encode()), max_size=12)
printable = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200
)


def judged(message: Message) -> dict[str, bool]:
    return verdicts(message.as_bytes(), records(*BOTH))


def values(message: Message) -> list[str]:
    return [value for name, value in strictly_parsed(message) if name == "DKIM-Signature"]


@pytest.mark.parametrize("signers", [(RSA,), (ED25519,), BOTH], ids=["rsa", "ed25519", "both"])
def test_a_signature_of_every_kind_of_key_holds(signers: Sequence[Signer]) -> None:
    assert judged(composed(signers=signers)) == {who.selector: True for who in signers}


def test_nobody_signs_unless_asked_to() -> None:
    assert values(composed()) == []
    assert judged(composed()) == {}


def test_signatures_stand_on_top_and_change_nothing_below() -> None:
    signed, plain = composed(signers=BOTH), composed()
    names = [name for name, _ in strictly_parsed(signed)]
    assert names == ["DKIM-Signature", "DKIM-Signature", *HEADERS]
    assert signed.as_bytes().endswith(plain.as_bytes())
    assert signed.segments[1:] == plain.segments[1:]


def test_their_lines_are_as_short_as_others() -> None:
    block = composed(signers=BOTH).as_bytes().partition(b"From: ")[0]
    assert max(map(len, block.split(b"\r\n"))) <= 76


@pytest.mark.parametrize("html", [halves(HTML), None], ids=["html", "text"])
def test_every_field_is_signed_and_two_are_closed_to_a_second_one(
    html: Sequence[bytes] | None,
) -> None:
    message = compose_message(replace(HEAD, signers=BOTH), PERSONAL, halves(TEXT), html)
    there = [name for name, _ in strictly_parsed(message) if name != "DKIM-Signature"]
    for value in values(message):
        tags = dict(tag.strip().split("=", 1) for tag in value.split(";"))
        assert tags["h"].split(": ") == [*there, "From", "Subject"]
        assert tags.keys() == set("v a c d s h bh b".split())
        assert (tags["d"], tags["c"]) == ("paper.example", "relaxed/relaxed")
    assert judged(message) == HOLD


def test_a_second_copy_has_the_same_signatures() -> None:
    assert composed(signers=BOTH).as_bytes() == composed(signers=BOTH).as_bytes()
    assert values(composed(signers=BOTH)) != values(composed(signers=BOTH, subject="Six papers"))


def on_the_way(old: bytes, new: bytes, times: int = -1) -> bytes:
    """A signed message with something changed below its signatures."""
    signed = composed(signers=BOTH).as_bytes()
    head, first, rest = signed.partition(b"\r\nFrom: ")
    changed = head + (first + rest).replace(old, new, times)
    assert changed != signed
    return changed


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"List-Unsubscribe: <https", b"List-Unsubscribe: <http"),
        (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
        (b"Subject: Five", b"Subject: Six"),
        (b"\r\nSubject: ", b"\r\nSubject: Free money\r\nSubject: "),
        (b"\r\nMIME-Version", b"\r\nSubject: Free money\r\nMIME-Version"),
        (b"From: ", b"From: Somebody <else@example.org>\r\nFrom: "),
        (b"\r\nMIME-Version", b"\r\nFrom: Somebody <else@example.org>\r\nMIME-Version"),
        (b"Feedback-ID: 7", b"Feedback-ID: 8"),
        (b"Hello", b"Jello"),
        (b"--\r\n", b"--\r\nand more\r\n"),
    ],
)
def test_a_changed_message_is_found_out(old: bytes, new: bytes) -> None:
    assert verdicts(on_the_way(old, new, 1), records(*BOTH)) == BROKEN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: Five papers", b"subject:  Five \r\n\t papers "),
        (b"\r\nFrom: ", b"\r\nReceived: from a by b; Fri, 13 Mar 2026 07:00:01 +0000\r\nFrom: "),
        (b": quoted-printable\r\n", b":  quoted-printable\t\r\n"),
        (b"--\r\n", b"--\r\n\r\n\r\n"),
    ],
)
def test_what_relays_do_on_the_way_breaks_nothing(old: bytes, new: bytes) -> None:
    assert verdicts(on_the_way(old, new), records(*BOTH)) == HOLD


def test_another_key_is_found_out() -> None:
    other = replace(ED25519, key=Ed25519PrivateKey.generate())
    message = composed(signers=(other,))
    assert judged(message) == {"e1.mail": False}


def test_a_domain_whose_labels_are_many_is_signed_for() -> None:
    domain = "sub." * 40 + "paper.example"
    address = Address.parse(f"news@{domain}")
    message = composed(from_address=address, signers=(replace(ED25519, domain=domain),))
    known = records(replace(ED25519, domain=domain))
    assert verdicts(message.as_bytes(), known) == {"e1.mail": True}


def test_a_mail_that_needs_smtputf8_is_signed() -> None:
    assert judged(composed(recipient=Address.parse("zoë@bücher.example"), signers=BOTH)) == HOLD


@given(subject=printable, from_name=printable, list_name=printable, ours=body_lines)
@example(subject="Größe", from_name="Zoë", list_name="漢字", ours=[])
@example(subject="two  blanks", from_name="a  b", list_name="a  b", ours=[b"a  b \r\n"])
@example(subject=" x ", from_name=" ", list_name="  ", ours=[b"\r\n", b"\r\n"])
@example(subject="word " * 60, from_name="x" * 90, list_name='"', ours=[b".\r\n"])
def test_whatever_a_message_holds_its_signatures_hold(
    subject: str, from_name: str, list_name: str, ours: list[bytes]
) -> None:
    head = replace(HEAD, from_name=from_name, list_name=list_name, signers=BOTH)
    personal = replace(PERSONAL, subject=subject)
    for html in (ours, None):
        assert judged(compose_message(head, personal, ours, html)) == HOLD


@given(body_lines)
@example([])
@example([b"\r\n", b" \r\n", b"\t\r\n"])
@example([b"\r\n", b"a \r\n", b"\r\n", b"  \r\n"])
@example([b"a" + b" " * 5_000 + b"b\r\n\r\n", b"\r\n"])
def test_a_body_is_hashed_in_its_relaxed_form(ours: list[bytes]) -> None:
    relaxed = Relaxed.canonicalize_body(b"".join(ours))
    assert base64.b64decode(body_hash(ours)) == sha256(relaxed).digest()


def test_an_empty_body_has_the_hash_that_the_rfc_names() -> None:
    assert body_hash([]) == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@given(st.text(max_size=300), st.integers(0, 300))
def test_how_a_body_is_cut_into_segments_makes_no_difference(text: str, cut: int) -> None:
    first, second = segment(text[:cut]), segment(text[cut:])
    assert body_hash([first, second]) == body_hash([first + second])


def test_a_segment_that_ends_inside_a_line_is_refused() -> None:
    with pytest.raises(ValueError, match="does not end a line"):
        body_hash([b"a ", b" b\r\n"])
