import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newsletter.delivery.message import (
    Leaving,
    compose_message,
    delivery_identity,
)
from newsletter.rendering.quoted import segment
from subscribers.addresses import Address
from tests.delivery.composing import (
    HEAD,
    HEADERS,
    PERSONAL,
    TEXT,
    URL,
    composed,
    halves,
    parsed,
    strictly_parsed,
)


def test_the_headers_stand_once_each_in_their_order() -> None:
    message = composed()
    assert strictly_parsed(message) == [
        ("From", "Paper Round <news@paper.example>"),
        ("To", "ada@example.org"),
        ("Reply-To", "editor@paper.example"),
        ("Subject", "Five papers"),
        ("Date", "Fri, 13 Mar 2026 07:00:00 +0000"),
        ("Message-ID", f"<{PERSONAL.identity}@paper.example>"),
        ("List-Id", "Paper Round <paper.example>"),
        (
            "List-Unsubscribe",
            f"<{URL}>, <mailto:leave@paper.example?subject={'t' * 60}>",
        ),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("List-Post", "NO"),
        ("Precedence", "bulk"),
        ("Feedback-ID", "7:digest:paper-round:0123456789ab"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="=_{PERSONAL.identity[:24]}"'),
    ]
    assert parsed(message).keys() == HEADERS


def test_what_is_not_set_has_no_header() -> None:
    message = composed(reply_to=None, unsubscribe_address=None)
    fields = dict(strictly_parsed(message))
    assert list(fields) == [name for name in HEADERS if name != "Reply-To"]
    assert fields["List-Unsubscribe"] == f"<{URL}>"


@pytest.mark.parametrize(
    "address", ["a@x.org", "o'hara+lists=no@" + "sub." * 40 + "example.org", "%{|}~`?^@x.org"]
)
def test_the_recipient_stands_alone_and_unchanged(address: str) -> None:
    message = composed(recipient=Address.parse(address))
    assert message.recipient.text == address
    assert dict(strictly_parsed(message))["To"] == address
    assert parsed(message)["To"].addresses[0].addr_spec == address


def test_more_than_ascii_stands_only_in_mail_that_needs_smtputf8() -> None:
    message = composed(recipient=Address.parse("zoë@bücher.example"))
    assert dict(strictly_parsed(message))["To"] == "zoë@xn--bcher-kva.example"
    assert [name for name, value in strictly_parsed(message) if not value.isascii()] == ["To"]


@pytest.mark.parametrize("field", ["from_address", "reply_to"])
def test_an_address_of_ours_beyond_ascii_is_refused(field: str) -> None:
    with pytest.raises(ValueError, match="more than ASCII"):
        composed(**{field: Address.parse("zoë@paper.example")})


@pytest.mark.parametrize("url", [URL, "https://x.example/" + "long-" * 150])
def test_the_unsubscribe_link_is_whole_and_on_one_line(url: str) -> None:
    block = composed(leaving=Leaving(url, "t")).as_bytes().split(b"\r\n\r\n")[0]
    assert f"\r\nList-Unsubscribe: <{url}>,\r\n <mailto:".encode() in block
    assert b"\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in block


def test_a_mailbox_for_leaving_is_escaped_as_its_uri_asks() -> None:
    message = composed(unsubscribe_address=Address.parse("a?b&c%d+e@paper.example"))
    value = dict(strictly_parsed(message))["List-Unsubscribe"]
    assert f" <mailto:a%3Fb%26c%25d+e@paper.example?subject={'t' * 60}>" in value


def test_a_second_copy_is_the_same_bytes_and_another_delivery_is_not() -> None:
    assert composed().as_bytes() == composed().as_bytes()
    identities = {
        delivery_identity(key, str(edition), subscriber)
        for key in (b"key", b"other")
        for edition in (1, 11)
        for subscriber in (1, 11, 111)
    }
    assert len(identities) == 12
    assert all(re.fullmatch("[0-9a-f]{32}", identity) for identity in identities)
    mails = [parsed(composed(identity=identity)) for identity in identities]
    assert len({mail["Message-ID"] for mail in mails}) == 12
    assert len({mail.get_boundary() for mail in mails}) == 12


@settings(deadline=None)
@given(st.text(max_size=400), st.text(max_size=400), st.integers(0, 400))
@example("--=_" + PERSONAL.identity[:24], "--=_" + PERSONAL.identity[:24] + "--", 3)
def test_the_parts_are_what_was_printed_text_first(text: str, html: str, cut: int) -> None:
    def cuts(whole: str) -> Sequence[bytes]:
        return [segment(whole[:cut]), segment(whole[cut:] + "\n")]

    message = compose_message(HEAD, PERSONAL, cuts(text), cuts(html))
    mail = parsed(message)
    boundary = mail.get_boundary()
    assert boundary
    assert message.as_bytes().count(boundary.encode()) == 4  # Content-Type and three delimiters
    assert mail.get_content_type() == "multipart/alternative"
    first, second = mail.iter_parts()
    for part, subtype, printed in ((first, "plain", text), (second, "html", html)):
        assert part.get_content_type() == f"text/{subtype}"
        assert part.get_content_charset() == "utf-8"
        content = part.get_payload(decode=True)
        assert content == f"{printed}\n".replace("\n", "\r\n").encode()


def test_a_text_only_mail_has_one_part() -> None:
    message = compose_message(HEAD, PERSONAL, halves(TEXT), None)
    fields = strictly_parsed(message)
    assert [name for name, _ in fields] == [*HEADERS, "Content-Transfer-Encoding"]
    assert dict(fields)["Content-Type"] == 'text/plain; charset="utf-8"'
    mail = parsed(message)
    assert not mail.is_multipart()
    assert mail.get_payload(decode=True) == TEXT.replace("\n", "\r\n").encode()


def test_bounces_come_back_to_a_token_where_there_is_a_domain_for_them() -> None:
    assert composed().envelope_from == "news@paper.example"
    assert composed(bounce_domain="b.example").envelope_from == "b7@b.example"
