"""What every page can rely on: limits, headers, and errors that tell nothing."""

import re
import socket
import time
from contextlib import ExitStack, suppress
from functools import partial
from select import select

import pytest

from newsletter.errors import StoreUnavailable
from newsletter.web import guards, serving
from tests.web.site import Site

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_health_says_that_the_store_answers(site: Site) -> None:
    assert site.get("/healthz").text == "ok\n"


def test_every_answer_is_private_and_strict_unless_it_says_otherwise(site: Site) -> None:
    for path in ("/healthz", "/nowhere"):
        headers = site.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert "noindex" in headers["x-robots-tag"]
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "server" not in headers
        assert "set-cookie" not in headers


def test_the_style_is_named_by_its_content_and_kept_for_ever(site: Site) -> None:
    (link,) = re.findall(r'href="(/static/[^"]+)"', site.get("/nowhere").text)
    style = site.get(link)
    assert style.status == 200
    assert style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"]
    assert "--accent: #9a3b12" in style.text


def test_head_is_get_without_its_body_and_options_names_the_methods(site: Site) -> None:
    head = site.ask("HEAD", "/healthz")
    assert (head.status, head.text) == (200, "")
    options = site.ask("OPTIONS", "/healthz")
    assert options.status == 204
    assert "GET" in options.headers["allow"]
    assert site.ask("PUT", "/healthz").status == 405


@pytest.mark.parametrize(
    "path",
    ["/.env", "/static/../newsletter.toml", "/static/%2e%2e%2fstore.sqlite3", "/healthz/"],
)
def test_what_is_no_page_is_404_without_a_trace(site: Site, path: str) -> None:
    answer = site.ask("GET", path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil"})
    assert answer.status == 404
    assert "location" not in answer.headers
    assert "evil" not in answer.text
    assert "Traceback" not in answer.text


def test_a_body_that_is_too_long_is_refused_before_it_is_read(site: Site) -> None:
    with site.raw(b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n") as line:
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_without_an_end_is_cut_at_the_limit(site: Site) -> None:
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
    head = b"POST /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    with site.raw(head + chunk * 5) as line:
        assert line.recv(100).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize("octets", [b"\0\r\n\r\n", b"GET /\r\n\r\n", b"GET /" + b"x" * 100_000])
def test_what_is_no_request_is_answered_as_strictly_as_every_other(
    site: Site, octets: bytes
) -> None:
    with site.raw(octets) as line:
        answer = b"".join(iter(partial(line.recv, 4096), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-security-policy: default-src 'none'" in head.lower()
    assert b"nosniff" in head
    assert body == b"400 Bad Request\n"


@pytest.mark.parametrize(
    "length", [b"Content-Length: -1", b"Content-Length: two", b"Content-Length: 1, 2"]
)
def test_a_wrong_length_is_400(site: Site, length: bytes) -> None:
    with site.raw(b"POST /healthz HTTP/1.1\r\nHost: x\r\n" + length + b"\r\n\r\n") as line:
        assert line.recv(100).startswith(b"HTTP/1.1 400 ")


def test_fifty_that_drip_are_cut_while_others_are_served(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "BODY_SECONDS", 1.5)
    monkeypatch.setattr(serving, "HEAD_SECONDS", 1.5)
    body = b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na"
    with ExitStack() as stack:
        bodies = [stack.enter_context(site.raw(body)) for _ in range(25)]
        heads = [stack.enter_context(site.raw(b"GET /healthz HTTP/1.1\r\nX-")) for _ in range(25)]
        began = time.monotonic()
        open_ = {*bodies, *heads}
        answers: dict[socket.socket, bytes] = {}
        while open_ and time.monotonic() - began < 6:  # never silent for as long as the limit
            asked = time.monotonic()
            assert site.get("/healthz").status == 200
            assert time.monotonic() - asked < 2
            for line in open_:
                with suppress(OSError):  # it was cut since we looked
                    line.send(b"a")
            for line in select(open_, (), (), 0.3)[0]:
                answers[line] = b""
                with suppress(OSError):
                    answers[line] = line.recv(100)
                open_.remove(line)
    assert not open_
    assert all(answers[line].startswith(b"HTTP/1.1 408 ") for line in bodies)
    assert all(answers[line] == b"" for line in heads)


@pytest.mark.parametrize(
    "path",
    [
        "/?next=https://evil.example&url=https://evil.example",
        "//evil.example",
        "//evil.example/%2e%2e",
        "/%2F%2Fevil.example",
        "/\\evil.example",
        "/topics/?next=//evil.example",
        "/subscribe?return_to=https://evil.example&redirect=//evil.example",
    ],
)
def test_no_page_leads_to_where_a_link_says(site: Site, path: str) -> None:
    for method in ("GET", "POST"):
        answer = site.ask(method, path, "next=https://evil.example", FORM)
        assert "location" not in answer.headers
        assert "refresh" not in answer.headers
        assert "evil.example" not in answer.text


def test_the_log_names_pages_and_never_paths(site: Site) -> None:
    site.get("/static/secret-name")
    site.get("/secret-path")
    assert [(told.page, told.status) for told in site.told_soon(2)] == [
        ("static", 404),
        ("none", 404),
    ]
    assert "secret" not in repr(site.told)


def test_a_bug_in_a_page_is_a_bare_500_and_told_with_its_line(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_engine: object) -> None:
        raise RuntimeError("ada@example.org")

    monkeypatch.setattr(type(site.store), "reading", broken)
    answer = site.get("/healthz")
    assert answer.status == 500
    assert answer.text == "500 Internal Server Error\n"
    assert answer.headers["cache-control"] == "no-store"
    (told,) = site.told_soon(1)
    assert told.fault is not None
    assert told.fault.startswith("RuntimeError at ")
    assert "ada@" not in told.fault


def test_a_store_that_does_not_answer_is_503_and_says_when_to_come_back(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_engine: object) -> None:
        raise StoreUnavailable("the store postgresql://secret does not answer")

    monkeypatch.setattr(type(site.store), "reading", away)
    answer = site.get("/healthz")
    assert answer.status == 503
    assert answer.headers["retry-after"] == "60"
    assert "secret" not in answer.text
    assert site.told_soon(1)[0].fault == "StoreUnavailable"
