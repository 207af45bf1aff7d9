"""The client against a server on this machine, with pauses of hundredths of a second."""

import gzip
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest

from newsletter import __version__
from tests.services import Reply
from tests.sources.asking import OK, TODAY, Asking

UTC_NOW = datetime.now(UTC)


def test_an_answer_is_what_came_and_is_kept(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"body", headers={"ETag": '"1"', "Last-Modified": "yesterday"}))
    with ask.client() as client:
        answer = client.get("list 1", f"{ask.server.url}/a?b=c", ask.check)
        assert client.answers == [answer]
    assert (answer.source, answer.kind, answer.status) == ("Service", "list 1", 200)
    assert (answer.body, answer.etag, answer.last_modified) == (b"body", '"1"', "yesterday")
    assert (answer.failure, answer.closed, answer.not_before, answer.tries) == ("", False, None, 1)
    assert answer.url == f"{ask.server.url}/a?b=c"
    assert timedelta() <= datetime.now(UTC) - answer.at < timedelta(minutes=1)
    assert ask.book.begin(TODAY).newest(answer.url) == answer


@pytest.mark.parametrize("token", ["", "hf_token"])
def test_who_asks_is_told_and_a_token_only_where_there_is_one(ask: Asking, token: str) -> None:
    ask.server.at("/a", OK)
    ask.manner = {"token": token}
    ask("/a")
    (asked,) = ask.server.asked
    assert asked.headers["User-Agent"] == f"Paper-Round/{__version__} (mailto:papers@example.org)"
    assert asked.headers.get("Authorization") == (f"Bearer {token}" if token else None)
    assert asked.headers["Accept-Encoding"] == "gzip"


def test_between_two_requests_there_is_the_pause_over_pages_and_retries_too(ask: Asking) -> None:
    ask.manner = {"pause": 0.06}
    ask.server.at("/a", OK)
    ask.server.at("/b", Reply(b"", 500), Reply(b"", 500), OK)
    ask("/a", "/b")
    ask("/a")
    moments = [asked.at for asked in ask.server.asked]
    assert len(moments) == 5
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert min(gaps) >= 0.055


def test_a_client_that_comes_long_after_the_last_request_does_not_wait(ask: Asking) -> None:
    ask.manner = {"pause": 30.0}
    ask.server.at("/a", OK)
    begun = time.monotonic()
    ask("/a")
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("replies", "tries", "failure"),
    [
        ([Reply(b"", 500), OK], 2, ""),
        ([Reply(b"", 503), Reply(b"", 429), OK], 3, ""),
        ([Reply(b"", 502)], 3, "HTTP 502, 3 times"),
        ([Reply(b"Rate exceeded.\n", 429)], 3, "HTTP 429 (Rate exceeded.), 3 times"),
        ([Reply(b"<html>", 500)], 3, "HTTP 500, 3 times"),
        ([Reply(b'{"error": 1}', 500)], 3, "HTTP 500, 3 times"),
        ([Reply(b"\x1b[31mred", 500)], 3, "HTTP 500, 3 times"),
        ([Reply(b"x" * 99_999, 500)], 3, f"HTTP 500 ({'x' * 80}), 3 times"),
        ([Reply(b"no", 404)], 1, "HTTP 404 (no)"),
        ([Reply(b"", 400)], 1, "HTTP 400"),
        ([Reply(b"", 401)], 1, "HTTP 401"),
        ([Reply(b"", 204)], 1, "HTTP 204"),
        ([Reply(b"", 304)], 1, "HTTP 304"),
        ([Reply(b"whole", cut_after=2), OK], 2, ""),
        ([Reply(b"whole", cut_after=2)], 3, "it broke off in mid-answer, 3 times"),
        (
            [Reply(b"br", headers={"Content-Encoding": "\x1b[31mbr"})],
            1,
            "packed as '\\x1b[31mbr', which was not asked for",
        ),
        ([Reply(b"no gzip", 500, {"Content-Encoding": "gzip"})], 3, "HTTP 500, 3 times"),
        ([Reply(b"no br", 404, {"Content-Encoding": "br"})], 1, "HTTP 404"),
        ([Reply(b"a moment", 503, cut_after=2)], 3, "HTTP 503, 3 times"),
        (
            [Reply(gzip.compress(b"no"), 404, {"Content-Encoding": "gzip"})],
            1,
            "HTTP 404 (no)",
        ),
        (
            [Reply(b"no gzip", headers={"Content-Encoding": "gzip"})],
            3,
            "its bytes cannot be unpacked (",
        ),
    ],
)
def test_what_may_pass_is_asked_again_and_what_will_not_is_not(
    ask: Asking, replies: list[Reply], tries: int, failure: str
) -> None:
    ask.server.at("/a", *replies)
    (answer,) = ask("/a")
    assert answer.failure == failure or answer.failure.startswith(failure + "Error")
    assert ask.times() == answer.tries == tries
    assert bool(answer.body) == (not failure)


def test_a_body_that_is_not_what_was_asked_for_is_asked_for_again(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"<html>"))
    ask.trouble = "a web page instead of a list"
    (answer,) = ask("/a")
    assert (answer.failure, answer.status) == ("a web page instead of a list, 3 times", 200)
    assert (answer.body, answer.closed) == (b"", False)


def test_what_breaks_off_is_asked_for_again_and_then_used_up_to_there(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"half", headers={"ETag": '"1"', "Last-Modified": "Mon"}))
    (answer,) = ask("/a")
    assert (answer.body, answer.broken, answer.failure) == (b"half", "it breaks off", "")
    assert (answer.tries, ask.times(), answer.status, answer.closed) == (3, 3, 200, False)
    assert (answer.etag, answer.last_modified) == ("", "")
    ask("/a", once_a_day=True)
    assert ask.times() == 6
    assert "If-None-Match" not in ask.server.asked[-1].headers


def test_what_was_whole_the_second_time_is_whole(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"half"), OK)
    (answer,) = ask("/a")
    assert (answer.body, answer.broken, answer.tries) == (OK.body, "", 2)


def test_half_an_answer_is_better_than_the_failure_that_comes_after_it(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"half"), Reply(b"", 429, {"Retry-After": "3600"}))
    answer, other = ask("/a", "/b")
    assert (answer.body, answer.broken, answer.failure) == (b"half", "it breaks off", "")
    assert (answer.tries, answer.closed, bool(answer.not_before)) == (2, True, True)
    assert other.tries == 0


def test_halves_close_no_service(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"half"))
    ask.server.at("/b", OK)
    assert [answer.closed for answer in ask("/a", "/a", "/a", "/b")] == [False] * 4


def test_half_an_answer_and_a_long_wait_is_not_asked_for_again(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"half", headers={"RateLimit": '"api";r=0;t=99'}))
    answer, other = ask("/a", "/b")
    assert (answer.body, answer.tries, other.tries, ask.times()) == (b"half", 1, 0, 1)
    assert answer.not_before


def test_a_body_that_is_of_no_use_may_say_when_to_come_again(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"Rate exceeded.", headers={"Retry-After": "3600"}))
    ask.trouble = "a text instead of a list"
    answer, other = ask("/a", "/b")
    assert (answer.failure, answer.tries, other.tries) == ("a text instead of a list", 1, 0)


def test_a_packed_body_is_unpacked(ask: Asking) -> None:
    for encoding in ("gzip", "GZIP", "x-gzip"):
        ask.server.at("/a", Reply(gzip.compress(b"body"), headers={"Content-Encoding": encoding}))
        assert ask("/a")[0].body == b"body"
    ask.server.at("/a", Reply(b"body", headers={"Content-Encoding": "identity"}))
    assert ask("/a")[0].body == b"body"


def test_what_stands_after_the_end_of_a_packed_body_is_nothing(ask: Asking) -> None:
    packed = gzip.compress(b"body") + b"xx"
    ask.server.at("/a", Reply(packed, headers={"Content-Encoding": "gzip"}))
    assert ask("/a")[0].body == b"body"


def test_a_service_that_cannot_be_reached_is_left_alone_at_once(ask: Asking) -> None:
    with ask.client() as client:
        first = client.get("kind", "http://127.0.0.1:1/a", ask.check)
        second = client.get("kind", "http://127.0.0.1:1/b", ask.check)
    assert (first.status, first.tries, first.closed) == (0, 3, True)
    assert first.failure.startswith("cannot be reached (")
    assert (second.tries, second.closed) == (0, True)
    assert second.failure.startswith("not asked, since it failed before (cannot be reached (")


def test_a_service_that_says_nothing_is_left_alone_when_its_time_is_over(ask: Asking) -> None:
    ask.manner = {"timeout": 0.05}
    ask.server.at("/a", Reply(silent=True))
    begun = time.monotonic()
    (answer,) = ask("/a")
    assert (answer.failure, answer.tries, answer.closed) == ("no answer in time, 3 times", 3, True)
    assert time.monotonic() - begun < 1


def test_after_two_failures_in_a_row_a_service_is_left_alone(ask: Asking) -> None:
    ask.server.at("/bad", Reply(b"", 500))
    ask.server.at("/none", Reply(b"", 404))
    ask.server.at("/ok", OK)
    answers = ask("/bad", "/ok", "/bad", "/none", "/none", "/bad", "/ok")
    assert [answer.closed for answer in answers] == [False] * 5 + [True, True]
    assert answers[-1].failure == "not asked, since it failed before (HTTP 500)"
    assert ask.times("/ok") == 1
    assert ask("/ok")[0].failure == ""  # the next gathering asks again


def test_a_limit_that_is_reached_closes_the_service_at_once(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"", 429))
    first, second = ask("/a", "/b")
    assert (first.closed, second.tries) == (True, 0)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (429, {"Retry-After": "1"}),
        (503, {"Retry-After": "{soon}"}),
        (429, {"RateLimit": '"api";r=0;t=1'}),
    ],
)
def test_a_short_wait_that_is_asked_for_is_waited(ask: Asking, status: int, headers) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=1.9), usegmt=True)
    told = {name: value.format(soon=soon) for name, value in headers.items()}
    ask.server.at("/a", Reply(b"", status, told), OK)
    (answer,) = ask("/a")
    assert (answer.failure, answer.tries) == ("", 2)
    first, second = (asked.at for asked in ask.server.asked)
    assert 0.5 < second - first < 3


@pytest.mark.parametrize(
    "value",
    ["0", "-5", "1.5", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00"],
)
def test_a_wait_that_is_over_or_makes_no_sense_is_none(ask: Asking, value: str) -> None:
    ask.server.at("/a", Reply(b"", 429, {"Retry-After": value}), OK)
    ask.manner = {"retry_wait": 0.1}
    (answer,) = ask("/a")
    assert (answer.failure, answer.tries) == ("", 2)
    first, second = (asked.at for asked in ask.server.asked)
    assert 0.09 < second - first < 0.5


@pytest.mark.parametrize(
    ("headers", "least", "most"),
    [
        ({"Retry-After": "3600"}, 3590, 3600),
        ({"Retry-After": "61"}, 55, 61),
        ({"Retry-After": format_datetime(UTC_NOW + timedelta(hours=2))}, 6000, 7200),
        ({"Retry-After": f"{UTC_NOW + timedelta(hours=2):%a, %d %b %Y %H:%M:%S}"}, 6000, 7200),
        (
            {"Retry-After": f"{UTC_NOW + timedelta(hours=2):%a, %d %b %Y %H:%M:%S -0000}"},
            6000,
            7200,
        ),
        ({"Retry-After": "9" * 40}, 86_000, 86_400),
        ({"Retry-After": "9" * 400}, 86_000, 86_400),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, 86_000, 86_400),
        ({"RateLimit": '"api";r=0;t=299'}, 290, 299),
        ({"RateLimit": f'"api";r=0;t={"9" * 40}'}, 86_000, 86_400),
    ],
)
def test_a_long_wait_is_left_to_a_later_run(ask: Asking, headers, least, most) -> None:
    ask.server.at("/a", Reply(b"", 429, headers))
    first, second = ask("/a", "/b")
    assert first.not_before
    assert least <= (first.not_before - datetime.now(UTC)).total_seconds() <= most
    assert (first.tries, first.closed, second.tries, second.closed) == (1, True, 0, True)
    (later,) = ask("/b")
    assert later.failure == f"it asked not to be asked before {first.not_before:%Y-%m-%d %H:%M} UTC"
    assert ask.times() == 1


def test_a_limit_that_is_reached_with_a_good_answer_is_honoured(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"x", headers={"RateLimit": '"api";r=0;t=99'}))
    first, second = ask("/a", "/b")
    assert (first.failure, first.body, first.closed) == ("", b"x", False)
    assert second.failure == "its limit is reached for the next 99 seconds"
    assert ask.times() == 1


def test_a_limit_that_is_not_reached_changes_nothing(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"x", headers={"RateLimit": '"api";r=10;t=99'}))
    assert [answer.failure for answer in ask("/a", "/a", "/a")] == ["", "", ""]


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({"ETag": '"1"'}, ("If-None-Match", '"1"')),
        ({"ETag": '"1"', "Last-Modified": "Mon"}, ("If-None-Match", '"1"')),
        ({"Last-Modified": "Mon"}, ("If-Modified-Since", "Mon")),
    ],
)
def test_what_has_not_changed_is_the_answer_that_is_kept(ask: Asking, headers, sent) -> None:
    ask.server.at("/a", Reply(b"body", headers=headers), Reply(b"", 304))
    (first,) = ask("/a")
    ask.day += timedelta(days=1)
    (second,) = ask("/a")
    assert ask.server.asked[1].headers[sent[0]] == sent[1]
    assert (second.body, second.status, second.tries) == (b"body", 200, 1)
    assert second.at > first.at
    assert (second.etag, second.failure) == (first.etag, "")


@pytest.mark.parametrize("name", ["ETag", "Last-Modified"])
def test_a_mark_that_no_header_can_hold_is_not_sent(ask: Asking, name: str) -> None:
    ask.server.at("/a", Reply(b"body", headers={name: '"\xe9"'}), OK)
    assert [ask("/a")[0].body, ask("/a")[0].body] == [b"body", OK.body]


def test_what_has_changed_is_new_and_without_a_mark_nothing_is_asked_for(ask: Asking) -> None:
    ask.server.at("/a", Reply(b"old"), Reply(b"new"))
    assert [ask("/a")[0].body, ask("/a")[0].body] == [b"old", b"new"]
    assert not {"If-None-Match", "If-Modified-Since"} & ask.server.asked[1].headers.keys()


def test_once_a_day_is_once_for_the_day_s_edition_and_a_failure_does_not_count(
    ask: Asking,
) -> None:
    ask.server.at("/a", Reply(b"", 404), Reply(b"first"), Reply(b"second"))
    assert ask("/a", once_a_day=True)[0].failure == "HTTP 404"
    assert ask("/a", once_a_day=True)[0].body == b"first"
    (again,) = ask("/a", once_a_day=True)
    assert (again.body, again.tries) == (b"first", 0)
    assert ask("/a")[0].body == b"second"
    ask.day += timedelta(days=1)
    assert ask("/a", once_a_day=True)[0].tries == 1
    assert ask.times() == 4


def test_what_is_known_of_the_day_is_told_even_where_the_service_is_closed(ask: Asking) -> None:
    ask.server.at("/a", OK)
    ask.server.at("/b", Reply(b"", 503, {"Retry-After": "3600"}))
    ask("/a", "/b")
    known, other = ask("/a", "/c", once_a_day=True)
    assert (known.body, known.failure) == (OK.body, "")
    assert other.failure.startswith("it asked not to be asked before ")


def test_nothing_raises_for_an_address_that_is_none(ask: Asking) -> None:
    for url in ("nonsense", "http://127.0.0.1:99999999/", "ftp://127.0.0.1/", ""):
        with ask.client() as client:
            answer = client.get("kind", url, ask.check)
        assert answer.failure.startswith("cannot be reached (")
