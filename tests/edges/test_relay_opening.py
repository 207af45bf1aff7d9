import ssl
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from newsletter.delivery.opening import RelayAddress
from newsletter.delivery.replies import Sent
from newsletter.errors import RelayRefused, RelayUnavailable
from tests.edges.handing import BODY, free_port, handed_over, mail_to, relay_at
from tests.edges.scripted import GREETING, Answer, Fault, ScriptedServer

KEY_PAIR = Path(__file__).with_name("self_signed.pem")  # for IP 127.0.0.1 alone, until 2120


def opened_and_closed(relay: RelayAddress) -> None:
    handed_over(relay)


def server_tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(KEY_PAIR)
    return context


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's certificate stands among the trusted ones, as OpenSSL reads them."""
    monkeypatch.setenv("SSL_CERT_FILE", str(KEY_PAIR))


def test_an_old_server_is_greeted_in_the_old_way() -> None:
    with ScriptedServer({"EHLO": ["502 what?"]}) as server:
        [(outcome, _)] = handed_over(relay_at(server.port), mail_to())
    assert isinstance(outcome, Sent)
    assert [command.split(" ")[0] for command in server.commands[:2]] == ["EHLO", "HELO"]


@pytest.mark.parametrize(
    ("script", "error", "words"),
    [
        ({GREETING: ["554 5.7.1 go away"]}, RelayRefused, "turns us away: 554 5.7.1 go away"),
        ({GREETING: ["421 too many"]}, RelayUnavailable, "turns us away: 421 too many"),
        (
            {GREETING: ["Welcome!"]},
            RelayUnavailable,
            "is no reply (Malformed SMTP response line: Welcome!)",
        ),
        ({GREETING: [Fault.DROP]}, RelayUnavailable, "does not answer"),
        ({GREETING: [Fault.STALL]}, RelayUnavailable, "does not answer"),
        ({"EHLO": [Fault.DROP]}, RelayUnavailable, "does not answer"),
        ({"EHLO": [Fault.STALL]}, RelayUnavailable, "does not answer"),
        ({"EHLO": ["421 closing"]}, RelayUnavailable, ""),
        ({GREETING: ["220 " + "a" * 100_000]}, RelayUnavailable, "no reply"),
        ({GREETING: ["220-a\r\n" * 50_000]}, RelayUnavailable, "no reply"),
        (
            {GREETING: ["250-\udcff\x1b[2J\r\n250 what?"]},
            RelayUnavailable,
            "away: 250 \ufffd\ufffd[2J what?",
        ),
        ({GREETING: ["\udcff\udcfe\x00"]}, RelayUnavailable, "no reply"),
        ({"EHLO": ["250-a\r\n" * 50_000]}, RelayUnavailable, "no reply"),
        ({"EHLO": ["250 " + "a" * 100_000]}, RelayUnavailable, "no reply"),
        ({"EHLO": ["250-scripted.test"]}, RelayUnavailable, "does not answer"),
        ({"EHLO": ["550 no"], "HELO": ["550 no"]}, RelayRefused, "turns us away: 550 no"),
    ],
)
def test_a_relay_that_does_not_take_us_in_is_named_with_its_reason(
    script: Mapping[str, Sequence[Answer]],
    error: type[Exception],
    words: str,
) -> None:
    with ScriptedServer(script) as server:
        with pytest.raises(error) as raised:
            opened_and_closed(relay_at(server.port, timeout=0.2))
        assert f"the relay 127.0.0.1:{server.port} " in str(raised.value)
    assert words in str(raised.value)


def test_a_server_that_is_not_there_is_unavailable() -> None:
    with pytest.raises(RelayUnavailable, match="does not answer"):
        opened_and_closed(relay_at(free_port()))


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        (["535 5.7.8 wrong"] * 3, RelayRefused),
        (["454 4.7.0 later"] * 3, RelayUnavailable),
        ([Fault.DROP], RelayUnavailable),
    ],
)
def test_a_login_that_fails_for_good_differs_from_one_that_may_work_later(
    answers: Sequence[Answer], error: type[Exception]
) -> None:
    with (
        ScriptedServer({"AUTH": answers}, ["AUTH PLAIN LOGIN"]) as server,
        pytest.raises(error) as raised,
    ):
        opened_and_closed(relay_at(server.port, username="ann", password="hush"))
    assert "hush" not in str(raised.value)


def test_a_relay_without_a_login_is_refused_where_a_username_is_set() -> None:
    with ScriptedServer() as server, pytest.raises(RelayRefused, match="username is set"):
        opened_and_closed(relay_at(server.port, username="ann", password="hush"))


def test_without_starttls_nobody_is_told_the_password(trusted: None) -> None:
    with (
        ScriptedServer(extensions=["AUTH PLAIN LOGIN"]) as server,
        pytest.raises(RelayRefused, match="does not offer STARTTLS"),
    ):
        opened_and_closed(
            relay_at(server.port, security="starttls", username="ann", password="hush")
        )
    assert server.count("AUTH") == server.count("MAIL") == 0


@pytest.mark.parametrize(
    ("answer", "error"), [("454 no TLS now", RelayUnavailable), ("502 no TLS", RelayRefused)]
)
def test_a_refused_starttls_ends_the_session(
    trusted: None, answer: str, error: type[Exception]
) -> None:
    with (
        ScriptedServer({"STARTTLS": [answer]}, ["STARTTLS", "AUTH PLAIN"]) as server,
        pytest.raises(error, match=answer),
    ):
        opened_and_closed(
            relay_at(server.port, security="starttls", username="ann", password="hush")
        )
    assert server.count("AUTH") == 0


def test_the_password_goes_only_through_starttls(trusted: None) -> None:
    with ScriptedServer(extensions=["STARTTLS", "AUTH PLAIN"], tls=server_tls()) as server:
        [(outcome, _)] = handed_over(
            relay_at(server.port, security="starttls", username="ann", password="hush"), mail_to()
        )
    assert isinstance(outcome, Sent)
    assert server.mails == [BODY]
    assert [line.split(b" ")[0].strip() for line in server.clear.splitlines()] == [
        b"EHLO",
        b"STARTTLS",
    ]
    assert server.count("EHLO") == 2
    assert server.count("AUTH") == 1


def test_mail_goes_through_tls_from_the_first_byte(trusted: None) -> None:
    with ScriptedServer(tls=server_tls(), tls_at_once=True) as server:
        [(outcome, _)] = handed_over(relay_at(server.port, security="tls"), mail_to())
    assert isinstance(outcome, Sent)
    assert server.mails == [BODY]


@pytest.mark.parametrize("extensions", [("STARTTLS",), ("STARTTLS", "PIPELINING")])
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_one_mail_after_the_other_goes_through_tls(
    trusted: None, security: str, extensions: tuple[str, ...]
) -> None:
    mails = [mail_to(content=BODY + b"x" * 60 * n + b"\r\n") for n in range(12)]
    mails.append(mail_to(content=b"Subject: long\r\n\r\n" + b"a line\r\n" * 200_000))
    with ScriptedServer(
        extensions=extensions, tls=server_tls(), tls_at_once=security == "tls"
    ) as server:
        results = handed_over(relay_at(server.port, security=security, timeout=5), *mails)
    assert [(type(outcome), broken) for outcome, broken in results] == [(Sent, False)] * 13
    assert server.mails == [mail.as_bytes() for mail in mails]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(security: str) -> None:
    with (
        ScriptedServer(
            extensions=["STARTTLS", "AUTH PLAIN"], tls=server_tls(), tls_at_once=security == "tls"
        ) as server,
        pytest.raises(RelayRefused, match="certificate of the relay"),
    ):
        opened_and_closed(relay_at(server.port, security=security, username="ann", password="hush"))
    assert server.count("AUTH") == 0


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_certificate_for_another_host_is_refused(trusted: None, security: str) -> None:
    with (
        ScriptedServer(
            extensions=["STARTTLS"], tls=server_tls(), tls_at_once=security == "tls"
        ) as server,
        pytest.raises(RelayRefused, match="certificate of the relay"),
    ):
        opened_and_closed(relay_at(server.port, security=security, host="localhost"))
