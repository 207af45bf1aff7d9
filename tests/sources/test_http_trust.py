"""What a service may not do to who asks it: hold it up, flood it, lead it away, learn its token."""

import gzip
import threading

import httpx2
import pytest

from newsletter.sources.bodies import SIZE_LIMIT
from newsletter.sources.tries import Unusable
from tests.services import Reply, Services
from tests.sources.asking import OK, Asking


def test_a_service_that_drips_is_left_alone_after_four_times_its_time(ask: Asking) -> None:
    ask.manner = {"timeout": 0.1}
    ask.server.at("/a", Reply(b"x" * 100_000, drip=0.05))
    (answer,) = ask("/a")
    assert answer.failure == "not whole after 0.4 seconds"
    assert (answer.tries, answer.body) == (1, b"")


NEVER_ENDING = {
    "headers": Reply(no_end_of_headers=True),
    "body": Reply(b"body", no_end=True),
    "after-gzip": Reply(gzip.compress(b"<rss>"), 200, {"Content-Encoding": "gzip"}, no_end=True),
}


@pytest.mark.parametrize("over", ["http", "https"])
@pytest.mark.parametrize("name", NEVER_ENDING)
def test_what_never_ends_is_cut_off_after_four_times_its_time(
    ask: Asking, secure: Services, over: str, name: str
) -> None:
    ask.manner = {"timeout": 0.1}
    ask.server = secure if over == "https" else ask.server
    ask.server.at("/a", NEVER_ENDING[name])
    ask.server.at("/b", OK)
    (answer,) = ask("/a")
    assert (answer.failure, answer.tries) == ("not whole after 0.4 seconds", 1)
    assert (answer.body, answer.closed) == (b"", True)
    assert ask("/b")[0].failure == ""


def test_an_error_whose_body_never_ends_is_that_error(ask: Asking) -> None:
    ask.manner = {"timeout": 0.05}
    ask.server.at("/a", Reply(b"gone", 404, no_end=True))
    (answer,) = ask("/a")
    assert (answer.failure, answer.tries) == ("HTTP 404", 1)


def test_the_time_of_a_request_is_not_that_of_the_pause_before_it(ask: Asking) -> None:
    ask.manner = {"pause": 0.3, "timeout": 0.05}
    ask.server.at("/a", OK)
    assert [answer.failure for answer in ask("/a", "/a")] == ["", ""]


def test_nothing_ticks_on_when_the_answer_is_there(ask: Asking) -> None:
    ask.server.at("/a", OK)
    ask.server.at("/b", Reply(b"", 500))
    ask("/a", "/b")
    assert not [one for one in threading.enumerate() if isinstance(one, threading.Timer)]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(endless=SIZE_LIMIT + 1_000_000),
        Reply(gzip.compress(bytes(SIZE_LIMIT + 1)), headers={"Content-Encoding": "gzip"}),
        Reply(gzip.compress(b"x"), 200, {"Content-Encoding": "gzip"}, endless=SIZE_LIMIT + 10**6),
    ],
    ids=["plain", "packed", "after the end of what is packed"],
)
def test_a_body_without_measure_is_refused(ask: Asking, reply: Reply) -> None:
    ask.manner = {"timeout": 5}
    ask.server.at("/a", reply)
    (answer,) = ask("/a")
    assert (answer.failure, answer.body, answer.tries) == ("more than 32 MB", b"", 1)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("http://127.0.0.1/x", "it redirects to http://127.0.0.1, which is not followed"),
        ("/x", "it redirects to http://127.0.0.1:"),
        ("https://evil.test/", "it redirects to https://evil.test, which is not followed"),
        ("https://127.0.0.1.evil.test/", "it redirects to https://127.0.0.1.evil.test, which"),
        ("https://127.0.0.1@evil.test/", "it redirects to https://evil.test, which"),
        ("ftp://127.0.0.1/", "it redirects to ftp://127.0.0.1, which is not followed"),
        ("https://127.0.0.1/", "it redirects to https://127.0.0.1, which is not followed"),
        ("https://127.0.0.1:1/", "it redirects to https://127.0.0.1:1, which is not followed"),
        ("https://[", "it redirects to https://"),
        ("https://127.0.0.1:99999999/", "it redirects to https://127.0.0.1:99999999, which is"),
        ("https://\xff\xfe/", "it redirects to https://"),
    ],
)
def test_a_redirect_is_followed_to_https_on_the_service_s_own_hosts_only(
    ask: Asking, place: str, reason: str
) -> None:
    ask.manner = {"token": "hf_token"}
    ask.server.at("/a", Reply(b"", 302, {"Location": place}))
    ask.server.at("/x", OK)
    (answer,) = ask("/a")
    assert answer.failure.startswith(reason)
    assert answer.body == b""
    assert ask.times("/x") == 0


def test_a_redirect_to_the_same_port_is_followed(ask: Asking, secure: Services) -> None:
    ask.server = secure
    ask.manner = {"token": "hf_token"}
    secure.at("/a", Reply(b"", 302, {"Location": "/x"}))
    secure.at("/x", OK)
    (answer,) = ask("/a")
    assert (answer.failure, answer.body) == ("", OK.body)
    assert [asked.headers["Authorization"] for asked in secure.asked] == ["Bearer hf_token"] * 2
    secure.at("/a", Reply(b"", 302, {"Location": f"{secure.url}/a"}))
    assert ask("/a")[0].failure == "it redirects without end"


@pytest.mark.parametrize(
    ("asked", "place", "reason"),
    [
        ("http://a.test/", "https://a.test/", ""),
        ("http://a.test:80/", "https://a.test:443/x", ""),
        ("http://a.test/", "https://b.test/", ""),
        ("http://a.test:8080/", "https://b.test/", ""),
        ("https://a.test:8443/", "https://a.test:8443/x", ""),
        ("https://a.test:8443/", "https://a.test/x", "it redirects to https://a.test, which"),
        ("https://a.test/", "https://a.test:8443/", "it redirects to https://a.test:8443, which"),
        ("https://a.test:8443/", "https://b.test:8443/", "it redirects to https://b.test:8443"),
        ("https://a.test/", "https://c.test/", "it redirects to https://c.test, which"),
        ("https://a.test/", "http://a.test/", "it redirects to http://a.test, which"),
    ],
)
def test_a_redirect_leads_to_no_port_that_was_not_meant(ask, asked, place, reason) -> None:
    ask.manner = {"hosts": frozenset({"a.test", "b.test"})}
    request = httpx2.Request("GET", asked)
    response = httpx2.Response(302, headers={"Location": place}, request=request)
    with ask.client() as client:
        if not reason:
            assert client._redirect(request.url, response) == httpx2.URL(place)
            return
        with pytest.raises(Unusable, match=reason):
            client._redirect(request.url, response)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
@pytest.mark.parametrize("body", ["{}", "Invalid token: Bearer {}", "x" * 70 + " {}", "{}" * 9])
def test_a_token_that_the_service_echoes_is_told_to_nobody(ask: Asking, status, body) -> None:
    token = "hf_SeCrEt.+(0)"
    ask.manner = {"token": token, "setting": "sources.huggingface.token"}
    echoed = body.replace("{}", token).encode()
    ask.server.at("/a", Reply(echoed, status))
    ask.server.at("/b", Reply(b"", 302, {"Location": "https://hf_secret.test/"}))
    ask.server.at("/c", Reply(echoed))
    told = ask("/a", "/a", "/a")
    assert "hf_se" not in " ".join(answer.failure for answer in told).lower()
    for path in ask.book.folder.rglob("*.gz"):
        assert b"hf_SeC" not in gzip.decompress(path.read_bytes())
    assert ask("/c")[0].body == body.replace("{}", "…").encode()
    ask.manner["token"] = "hf_Secret"
    assert ask("/b")[0].failure == "it redirects to https://….test, which is not followed"


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize(
    ("token", "setting", "question"),
    [
        ("hf_token", "sources.huggingface.token", ": is sources.huggingface.token right?"),
        ("", "sources.huggingface.token", ": does it want a token (sources.huggingface.token)?"),
        ("", "", ""),
    ],
)
def test_who_may_not_ask_is_asked_about_the_token(ask, status, token, setting, question) -> None:
    ask.manner = {"token": token, "setting": setting}
    ask.server.at("/a", Reply(b"Invalid credentials", status))
    assert ask("/a")[0].failure == f"HTTP {status}{question}"
