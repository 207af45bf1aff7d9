import csv
import io
import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.addresses import Address
from subscribers.errors import AddressRefused

SHARED = Path(__file__).resolve().parents[2] / "../shared/data"
FILES = ("isemail.tsv", "python-email-validator.tsv")

# Where we differ from the collections, and why.
ACCEPTED_THERE_REFUSED_HERE = {
    '"de-quoted.local.part"@example.org': "quoted",
    '"escaped.quote.\\".local.part"@example.org': "quoted",
    "My Name <me@example.org>": "a display name",
}
REFUSED_THERE_ACCEPTED_HERE = {
    "me@test.test.test": ".test is for trying things: no such mail can leave",
}


def collected():
    paths = [SHARED / "addresses" / name for name in FILES]
    texts = [path.read_text("utf-8") for path in paths if path.exists()]
    rows = [row for text in texts for row in csv.DictReader(io.StringIO(text), delimiter="\t")]
    return [(json.loads(row["address_json"]), row["verdict"]) for row in rows]


def refusal(text):
    with pytest.raises(AddressRefused) as caught:
        Address.parse(text)
    return caught.value


@pytest.mark.skipif(not SHARED.exists(), reason="../shared/data is not here")
def test_the_collections_of_addresses_are_read():
    verdicts = [verdict.split()[0] for _, verdict in collected()]
    assert {"accept", "reject", "legal-but-unusual"} == set(verdicts)
    assert len(verdicts) > 140


@pytest.mark.parametrize(("text", "verdict"), collected())
def test_collected_addresses_get_the_verdict_of_their_collection(text, verdict):
    try:
        Address.parse(text)
    except AddressRefused:
        accepted = False
    else:
        accepted = True
    if text in ACCEPTED_THERE_REFUSED_HERE:
        assert not accepted
    elif text in REFUSED_THERE_ACCEPTED_HERE:
        assert accepted
    elif not verdict.startswith("legal-but-unusual"):
        assert accepted == verdict.startswith("accept")


@pytest.mark.parametrize(
    ("text", "local", "domain"),
    [
        ("ada@example.org", "ada", "example.org"),
        ("Ada.Lovelace+papers@Example.ORG", "Ada.Lovelace+papers", "example.org"),
        ("  ada@example.org\t", "ada", "example.org"),
        ("\u00a0ada@example.org\u2003", "ada", "example.org"),
        ("zoë@example.org", "zoë", "example.org"),
        ("zoe\u0308@example.org", "zoë", "example.org"),
        ("ada@bücher.example.com", "ada", "xn--bcher-kva.example.com"),
        ("ada@XN--BCHER-KVA.example.com", "ada", "xn--bcher-kva.example.com"),
        ("ada@lab.test", "ada", "lab.test"),
        ("o'brien@example.org", "o'brien", "example.org"),
        ("INFO@example.org", "info", "example.org"),
        ("a" * 64 + "@example.org", "a" * 64, "example.org"),
    ],
)
def test_an_address_keeps_its_local_part_and_has_an_ascii_domain(text, local, domain):
    address = Address.parse(text)
    assert (address.local, address.domain) == (local, domain)
    assert str(address) == address.text == f"{local}@{domain}"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \t ", "empty"),
        ("ada", "must have an @-sign"),
        ("@example.org", "something before the @-sign"),
        ("ada@", "something after the @-sign"),
        ("ada@example.org, bob@example.org", "white space"),
        ("ada@example.org,bob@example.org", "more than one @-sign"),
        ("ada@example.org;bob@example.org", "more than one @-sign"),
        ("Ada <ada@example.org>", "white space"),
        ("<ada@example.org>", "angle brackets"),
        ('"ada"@example.org', "Quoted"),
        ('"a@b"@example.org', "Quoted"),
        ("ada@[192.0.2.1]", "bracketed"),
        ("ada@192.0.2.1", "top-level domain"),
        ("ada@localhost", "period"),
        ("ada@test", "period"),
        ("ada@mail.localhost", "special-use"),
        ("ada@example.invalid", "special-use"),
        ("ada@printer.local", "special-use"),
        ("ada @example.org", "white space"),
        ("ada@exam\u2009ple.org", "white space"),
        ("ada@example.org\r\nBcc: eve@example.org", "U+000D"),
        ("ada@example.org\n", "U+000A"),
        ("a\0da@example.org", "U+0000"),
        ("ada\u202e@example.org", "U+202E"),
        ("ada\u200b@example.org", "U+200B"),
        ("ada\ud800@example.org", "U+D800"),
        ("=?utf-8?q?x=0d=0aBcc=3a_eve=40example.org=0d=0a?=@example.org", "encoded word"),
        ("a=?b@example.org", "encoded word"),
        ("a" * 65 + "@example.org", "before the @-sign"),
        ("é" * 33 + "@example.org", "64 octets"),
        ("ada@" + ".".join(["a" * 60] * 4) + ".example.org", "254 octets"),
        ("é" * 30 + "@" + ".".join(["a" * 48] * 4) + ".org", "too long"),
        ("a" * 1_000_000 + "@example.org", "254 octets"),
    ],
)
def test_what_is_not_one_plain_address_is_refused_with_the_reason(text, reason):
    refused = refusal(text)
    assert reason in refused.reason
    assert refused.reason.endswith(".")


@pytest.mark.parametrize(
    "text", ["a\r\nb\x1b[2J@example.org", "a\ud800@example.org", "\u202e@x", "@" * 9999]
)
def test_a_refusal_can_be_printed_whatever_was_refused(text):
    message = str(refusal(text))
    assert message.isprintable()
    assert len(message) < 250
    assert refusal(text).text == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@example.org", "aDA@EXAMPLE.org"),
        ("ada@bücher.de", "ada@XN--bcher-kva.de"),
        ("zoë@example.org", "ZOE\u0308@example.org"),
        ("straße@example.org", "STRASSE@example.org"),
    ],
)
def test_spellings_of_one_mailbox_share_their_key(one, other):
    assert Address.parse(one).key == Address.parse(other).key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ada@example.org", "ada@example.com"),
        ("ada@example.org", "ada+papers@example.org"),
        ("ada@example.org", "a.da@example.org"),
        ("ada@example.org", "аda@example.org"),  # Cyrillic а
    ],
)
def test_different_mailboxes_have_different_keys(one, other):
    assert Address.parse(one).key != Address.parse(other).key


@pytest.mark.parametrize(
    ("text", "needed"),
    [("ada@example.org", False), ("ada@bücher.de", False), ("zoë@example.org", True)],
)
def test_only_a_local_part_beyond_ascii_needs_smtputf8(text, needed):
    assert Address.parse(text).needs_smtputf8 is needed


LOCALS = st.one_of(
    st.text(min_size=1, max_size=70),
    st.from_regex(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,66}", fullmatch=True),
)
DOMAINS = st.one_of(
    st.sampled_from(["example.org", "bücher.de", "台网中心.tw", "lab.test", "EXAMPLE.com", "δ.gr"]),
    st.text(max_size=20).map(lambda text: text + ".org"),
)
NEARLY_ADDRESSES = st.builds("{}@{}".format, LOCALS, DOMAINS)


@given(st.one_of(st.text(), st.text(st.characters()), NEARLY_ADDRESSES))
@example("\ud800@\udfff")
@example("x@" + "xn--" * 20)
@example("a\u037eb@example.org")
@example("ß" * 32 + "@example.org")
def test_any_text_is_refused_or_safe_to_put_into_a_header(text):
    try:
        address = Address.parse(text)
    except AddressRefused:
        return
    assert Address.parse(address.text) == address == Address.stored(address.text)
    assert address.domain.isascii()
    assert address.domain == address.domain.lower()
    assert unicodedata.is_normalized("NFC", address.local)
    assert len(address.local.encode()) <= 64
    assert len(address.text.encode()) <= 254
    assert address.text.isprintable()
    assert "=?" not in address.text
    assert not set(address.text) & set('<> ,;:"()[]\\\r\n')
    assert address.text.count("@") == 1
