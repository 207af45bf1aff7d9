"""Services that fail, lie, drip, break off or are silent: the verdict, the sentence, the exit code,
and what readers get in the end. Monday was well; it is Tuesday, 16 June 2026."""

import gzip
import json
import re
import socket
import tracemalloc
from collections.abc import Iterator
from datetime import date

import pytest

from tests.journeys.live import (
    CERTIFICATE,
    ERROR_ENTRY,
    FEED,
    LIST,
    Live,
    both,
    feed,
    hf_item,
    hf_list,
    ids,
    verdicts,
)
from tests.services import Reply, Services

MONDAY, TUESDAY, WEDNESDAY = (date(2026, 6, day) for day in (15, 16, 17))
AT_SEVEN, AT_EIGHT, AT_TWELVE = "06-16T07:30", "06-16T08:30", "06-16T12:00"
OF_HF, OF_ARXIV = ids("Hugging Face", MONDAY), ids("cs.AI", TUESDAY)
WHOLE = feed("cs.AI", TUESDAY)
PAGE = b"<!DOCTYPE html><html><body>Down for maintenance</body></html>"
FEED_ERROR = feed("cs.AI", TUESDAY, []).replace(
    b"<title>cs.AI updates", b"<title>Feed error for query: cs.XX"
)
LAUGHS = (
    '<?xml version="1.0"?>{padding}<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;"><!ENTITY d SYSTEM "file:///etc/passwd">]>'
)
LAUGHING = feed("cs.AI", TUESDAY).replace(b"A made-up", b"&c;&d; A made-up")


def laughing(padding: str) -> bytes:
    head = LAUGHS.format(padding=padding).encode()
    return head + LAUGHING.partition(b"?>")[2]


def bomb(millions: int = 100) -> bytes:
    return gzip.compress(b" " * millions * 1_000_000)


def tuesday(live: Live, code: int = 75) -> dict[str, str]:
    """The first run of Tuesday; with the verdicts of its lists."""
    return verdicts(live.run(AT_SEVEN, code))


def no_mail_until_it_is_mended(live: Live) -> None:
    """Nobody was mailed; a later run waits no more, and everybody gets everything once."""
    assert live.mailed() == {}
    live.web.rules[:-1] = []
    again = live.run(AT_EIGHT)
    assert "Edition No. 2 of 2026-06-16 (fresh)" in again.out
    assert live.mailed() == both(OF_HF, OF_ARXIV)


FEEDS = {
    "429": ([Reply(b"Rate exceeded.", 429)], "broken: HTTP 429 (Rate exceeded.), 3 times"),
    "429-as-200": (
        [Reply(b"Rate exceeded.")],
        "broken: a text instead of a list of papers (Rate exceeded.), 3 times",
    ),
    "500": ([Reply(b"", 500)], "broken: HTTP 500, 3 times"),
    "503-with-a-page": ([Reply(PAGE, 503)], "broken: HTTP 503, 3 times"),
    "a-page": ([Reply(PAGE)], "broken: a web page instead of a list of papers, 3 times"),
    "nothing": ([Reply(b"")], "broken: an empty answer, 3 times"),
    "error-entry-400": (
        [Reply(ERROR_ENTRY, 400)],
        "broken: arXiv does not know cs.AI: mend sources.arxiv.categories",
    ),
    "error-entry-200": (
        [Reply(ERROR_ENTRY)],
        "broken: arXiv says: incorrect id format for abc, 3 times",
    ),
    "feed-error-400": (
        [Reply(FEED_ERROR, 400)],
        "broken: arXiv does not know cs.AI: mend sources.arxiv.categories",
    ),
    "feed-error-200": (
        [Reply(FEED_ERROR)],
        "broken: arXiv says: Feed error for query: cs.XX, 3 times",
    ),
    "404": ([Reply(b"", 404)], "broken: HTTP 404"),
    "connection-lost": ([Reply(WHOLE, cut_after=700)], "broken: it broke off in mid-answer, 3"),
    "hung-up": ([Reply(WHOLE, cut_after=0)], "broken: it broke off in mid-answer, 3 times"),
    "dripping": ([Reply(WHOLE * 9, drip=0.2)], "broken: not whole after 1.2 seconds"),
    "silent": ([Reply(silent=True)], "broken: no answer in time, 3 times"),
    "endless": ([Reply(WHOLE, endless=200_000_000)], "broken: more than 32 MB"),
    "bomb": ([Reply(bomb(), headers={"Content-Encoding": "gzip"})], "broken: more than 32 MB"),
    "no-gzip": (
        [Reply(WHOLE, headers={"Content-Encoding": "gzip"})],
        "broken: its bytes cannot be unpacked (",
    ),
    "redirect-to-http": (
        [Reply(b"", 301, {"Location": "http://arxiv.org/rss/cs.AI"})],
        "broken: it redirects to http://arxiv.org, which is not followed",
    ),
    "redirect-elsewhere": (
        [Reply(b"", 302, {"Location": "https://papers.example.org/rss"})],
        "broken: it redirects to https://papers.example.org, which is not followed",
    ),
    "redirect-nowhere": (
        [Reply(b"", 302, {"Location": "https://[::1"})],
        "broken: cannot be reached (",
    ),
    "laughs": ([Reply(laughing(""))], "broken: a web page instead of a list of papers, 3 times"),
    "begun-only": (
        [Reply(WHOLE[: WHOLE.index(b"<pubDate>") + 12])],
        "broken: its list breaks off (not well-formed from line 2 on)",
    ),
    "begun-and-dated": (
        [Reply(WHOLE[: WHOLE.index(b"<item>") + 20])],
        "stale: its list of Tuesday 2026-06-16 is empty, though papers are due; its list",
    ),
    "far-ahead-and-cut": (
        [Reply(feed("cs.AI", date(9999, 12, 31), [])[:-20])],
        "stale: its list of Friday 9999-12-31 is empty, though papers are due; its list breaks off",
    ),
    "yesterday": (
        [Reply(feed("cs.AI", MONDAY))],
        "stale: its newest list is of Monday 2026-06-15, and that of Tuesday 2026-06-16 is due",
    ),
    "yesterday-dated-today": (
        [Reply(feed("cs.AI", TUESDAY, ids("cs.AI", MONDAY)))],
        "stale: its list of Tuesday 2026-06-16 is that of Monday 2026-06-15 again",
    ),
    "empty": (
        [Reply(feed("cs.AI", TUESDAY, []))],
        "stale: its list of Tuesday 2026-06-16 is empty, though papers are due",
    ),
    "weekend-still": (
        [Reply(feed("cs.AI", date(2026, 6, 14), []))],
        "stale: its newest list is of Sunday 2026-06-14, and that of Tuesday 2026-06-16 is due",
    ),
}


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_that_fails_keeps_the_edition_back_and_does_not_stop_hugging_face(
    live: Live, name: str
) -> None:
    replies, sentence = FEEDS[name]
    if name in {"dripping", "silent"}:
        live.mend("timeout = 10", "timeout = 0.3")
    live.web.at(FEED, *replies)
    told = tuesday(live)
    assert told["Hugging Face"] == "fresh: 4 new papers of Monday 2026-06-15"
    assert told["arXiv cs.AI"].startswith(sentence)
    word = "stale" if sentence.startswith("stale") else "partial"
    last = live.said[-1].err.splitlines()[-1]
    assert last.startswith(
        f"newsletter: no edition of 2026-06-16 yet: the day is {word} (arXiv cs.AI: {sentence}"
    )
    tries = len(live.asked(FEED))
    again = any(words in told["arXiv cs.AI"] for words in (", 3", "breaks off"))
    assert tries == (3 if again else 1)
    no_mail_until_it_is_mended(live)


LISTS = {
    "429": (Reply(b"", 429), "HTTP 429, 3 times"),
    "500": (Reply(b'{"error":"Internal Error"}', 500), "HTTP 500, 3 times"),
    "a-page": (Reply(PAGE), "a web page instead of a list of papers, 3 times"),
    "a-word": (Reply(b"Rate exceeded."), "no list of papers, 3 times"),
    "silent": (Reply(silent=True), "no answer in time, 3 times"),
    "401": (Reply(b'{"error":"Invalid credentials"}', 401), "HTTP 401"),
    "connection-lost": (Reply(hf_list(MONDAY), cut_after=300), "it broke off in mid-answer, 3"),
}


@pytest.mark.parametrize("name", LISTS)
def test_hugging_face_may_fail_and_arxiv_goes_on(live: Live, name: str) -> None:
    reply, sentence = LISTS[name]
    if name == "silent":
        live.mend("timeout = 10", "timeout = 0.3")
    live.web.at(LIST, reply)
    told = tuesday(live)
    assert told["Hugging Face"].startswith(f"broken: {sentence}")
    assert told["arXiv cs.AI"] == "fresh: 4 new papers of Tuesday 2026-06-16"
    no_mail_until_it_is_mended(live)


OLD = "stale: its newest list is of Friday 2026-06-12, and that of Monday 2026-06-15 is due"
ONE_LIST = {
    "500": (
        Reply(b"", 500),
        f"{OLD}; its list of 2026-06-15: HTTP 500, 3 times",
    ),
    "empty": (
        Reply(b"[]"),
        OLD,
    ),
    "cut": (
        Reply(hf_list(MONDAY)[:-150]),
        "partial: its list of 2026-06-15: it breaks off",
    ),
    "no-bracket": (Reply(hf_list(MONDAY)[:-1]), "partial: its list of 2026-06-15: it breaks off"),
    "an-error": (
        Reply(b'{"error": "Sorry"}'),
        OLD,
    ),
    "nested": (Reply(b'[{"a":' * 100_000), "stale: "),
}


@pytest.mark.parametrize("name", ONE_LIST)
def test_the_list_that_is_due_may_be_missing_among_others(live: Live, name: str) -> None:
    reply, sentence = ONE_LIST[name]
    live.web.at(LIST, reply, date="2026-06-15")
    assert tuesday(live)["Hugging Face"].startswith(sentence)
    no_mail_until_it_is_mended(live)


def test_items_that_are_no_papers_cost_only_themselves(live: Live) -> None:
    good = [hf_item(number, MONDAY) for number in OF_HF]
    wrong = [
        {"paper": None, "title": "T"},
        {"paper": "2606.15999"},
        {"paper": {**good[0]["paper"], "id": 5, "upvotes": "many"}},
        {"paper": {**good[0]["paper"], "title": None}},
        {"paper": {**good[0]["paper"], "id": "2606.15998", "authors": {"name": "A"}}},
        None, 7, "x", [[]], True,
    ]  # fmt: skip
    live.web.at(LIST, Reply(json.dumps([*wrong, *good]).encode()), date="2026-06-15")
    assert tuesday(live, 0)["Hugging Face"] == "fresh: 4 new papers of Monday 2026-06-15"
    assert "Gathered 12 papers from Hugging Face, 4 new, 9 faults." in live.said[-1].out
    events = [json.loads(line) for line in live.said[-1].err.splitlines()]
    reasons = [one["reason"] for one in events if one["event"] == "paper_refused"]
    assert len(reasons) == 9
    assert reasons[2] == 'Hugging Face, list 2026-06-15:1: item 3: "id" must be a text, not 5'
    assert live.mailed() == both(OF_HF, OF_ARXIV)


@pytest.mark.parametrize(
    "moment",
    [None, "", "soon", 7, "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"],
    ids=["null", "empty", "word", "number", "before-all", "after-all"],
)
def test_a_day_that_is_none_stops_nothing(live: Live, moment: object) -> None:
    items = [hf_item(number, MONDAY) for number in OF_HF]
    for item in items:
        item["paper"]["submittedOnDailyAt"] = moment  # type: ignore[index]
    live.web.at(LIST, Reply(json.dumps(items).encode()), date="2026-06-15")
    assert tuesday(live, 0)["Hugging Face"] == "fresh: 4 new papers of Monday 2026-06-15"
    assert live.mailed() == both(OF_HF, OF_ARXIV)


@pytest.mark.parametrize("failing", [LIST, FEED], ids=["huggingface", "arxiv"])
def test_a_service_that_is_well_at_the_third_try_is_well(live: Live, failing: str) -> None:
    good = {LIST: Reply(hf_list(MONDAY)), FEED: Reply(WHOLE)}[failing]
    query = {"date": "2026-06-15"} if failing == LIST else {}
    live.web.at(failing, Reply(b"", 500), Reply(b"", 502), good, **query)
    assert {word[:5] for word in tuesday(live, 0).values()} == {"fresh"}
    assert live.mailed() == both(OF_HF, OF_ARXIV)


def test_a_short_retry_after_is_waited_for(live: Live) -> None:
    live.web.at(FEED, Reply(b"Rate exceeded.", 429, {"Retry-After": "1"}), Reply(WHOLE))
    tuesday(live, 0)
    first, second = live.asked(FEED)
    assert 1 <= second.at - first.at < 2
    assert live.mailed() == both(OF_HF, OF_ARXIV)


LONG = {
    "seconds": {"Retry-After": "3600"},
    "a-date": {"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"},
    "a-date-without-zone": {"Retry-After": "Fri, 31 Dec 2100 23:59:59 -0000"},
    "for-ever": {"Retry-After": "9" * 400},
    "centuries": {"Retry-After": "9" * 12},
    "a-limit": {"RateLimit": '"api";r=0;t=280'},
    "a-limit-for-ever": {"RateLimit": f'"api";r=0;t={"9" * 5000}'},
}


@pytest.mark.parametrize(
    ("failing", "name"), [(LIST, "seconds"), (LIST, "a-limit"), *((FEED, name) for name in LONG)]
)
def test_a_long_retry_after_is_respected_by_the_next_run_too(
    live: Live, failing: str, name: str
) -> None:
    live.web.at(failing, Reply(b"Rate exceeded.", 429, LONG[name]))
    part = {LIST: "Hugging Face", FEED: "arXiv cs.AI"}[failing]
    before = len(live.asked(failing))
    assert tuesday(live)[part] == "broken: HTTP 429 (Rate exceeded.)"
    assert len(live.asked(failing)) == before + 1
    told = verdicts(live.run(AT_EIGHT, 75))
    assert len(live.asked(failing)) == before + 1
    pattern = r"broken: it asked not to be asked before (\d{4}-\d\d-\d\d )?\d\d:\d\d UTC"
    assert re.fullmatch(pattern, told[part])
    assert live.mailed() == {}
    gone = live.run(AT_TWELVE)
    assert "newsletter: the edition went ahead without it: " + part in gone.err
    assert live.mailed() == both(OF_ARXIV if failing == LIST else OF_HF)


@pytest.mark.parametrize(
    "header",
    ["soon", "-5", "", "0", "Thu, 01 Jan 1970 00:00:00 GMT", f"Fri, 1 Jan {'9' * 30} 1:1:1 GMT"],
    ids=["word", "negative", "empty", "zero", "past", "no-date"],
)
def test_a_retry_after_that_says_nothing_is_none(live: Live, header: str) -> None:
    live.web.at(FEED, Reply(b"", 503, {"Retry-After": header}), Reply(WHOLE))
    tuesday(live, 0)
    assert live.mailed() == both(OF_HF, OF_ARXIV)


def test_a_limit_that_is_reached_ends_the_asking_and_keeps_what_came(live: Live) -> None:
    limit = {"RateLimit": '"api";r=0;t=280', "RateLimit-Policy": '"fixed window";"api";q=500;w=300'}
    live.web.at(LIST, Reply(b"[]", headers=limit), date="2026-06-16")
    told = tuesday(live)
    assert told["Hugging Face"].endswith(
        "; its list of 2026-06-15: its limit is reached for the next 280 seconds"
    )
    told = verdicts(live.run(AT_EIGHT, 75))
    assert told["Hugging Face"].startswith("broken: it asked not to be asked before ")
    assert len(live.asked(LIST)) == 1
    live.run(AT_TWELVE)
    assert live.mailed() == both(OF_ARXIV)


def test_a_limit_that_is_reached_after_what_was_due_is_no_trouble(live: Live) -> None:
    limit = {"RateLimit": '"api";r=0;t=280'}
    live.web.at(LIST, Reply(hf_list(MONDAY), headers=limit), date="2026-06-15")
    assert tuesday(live, 0)["Hugging Face"] == "fresh: 4 new papers of Monday 2026-06-15"
    assert len(live.asked(LIST)) == 2
    assert live.mailed() == both(OF_HF, OF_ARXIV)


def test_a_body_without_end_takes_no_memory_to_speak_of(live: Live) -> None:
    packed = {"Content-Encoding": "gzip"}
    live.web.at(LIST, Reply(bomb(), headers=packed), Reply(b"[]", endless=200_000_000))
    tracemalloc.start()
    try:
        assert tuesday(live)["Hugging Face"] == "broken: more than 32 MB"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 128_000_000  # what is kept of it, a copy, and what the server itself holds


@pytest.mark.parametrize("padding", ["", f"<!--{'x' * 2_000}-->"], ids=["plain", "hidden"])
def test_no_entity_is_expanded_and_no_file_is_read(live: Live, padding: str) -> None:
    live.web.at(FEED, Reply(laughing(padding)))
    tuesday(live)
    told = live.said[-1].out + live.said[-1].err
    assert "root:" not in told
    assert "haha" not in told
    live.run(AT_TWELVE)
    for mail in live.place.mails():
        assert "haha" not in mail.as_string()
        assert "root:" not in mail.as_string()


def test_nobody_is_at_the_other_end(live: Live) -> None:
    with socket.socket() as taken:  # bound and not listening: whoever connects is refused
        taken.bind(("127.0.0.1", 0))
        live.mend(live.web.url, f"http://127.0.0.1:{taken.getsockname()[1]}")
        told = tuesday(live)
        assert told["arXiv cs.AI"].startswith("broken: cannot be reached (")
        assert told["arXiv cs.AI"].endswith("), 3 times")
        assert told["Hugging Face"].startswith("fresh")
    live.configure()
    live.run(AT_EIGHT)
    assert live.mailed() == both(OF_HF, OF_ARXIV)


@pytest.fixture
def secure(live: Live) -> Iterator[Services]:
    """Hugging Face by https; it is asked with a token."""
    with Services(CERTIFICATE).running() as web:
        known = live.web.url.replace("127.0.0.1", "localhost")
        live.mend(f"{known}/hf", f"{web.url}/hf")
        live.env["NEWSLETTER_SOURCES__HUGGINGFACE__TOKEN"] = "hf_never_tell"
        web.rules.append(live._usual)
        yield web


def test_a_redirect_to_https_on_the_same_host_is_followed(live: Live, secure: Services) -> None:
    there = f"{secure.url}/there"
    secure.at(LIST, Reply(b"", 308, {"Location": there}), date="2026-06-15")
    secure.at("/there", Reply(hf_list(MONDAY)))
    tuesday(live, 0)
    assert live.mailed() == both(OF_HF, OF_ARXIV)
    assert secure.asked[2].path == "/there"
    assert secure.asked[2].headers["Authorization"] == "Bearer hf_never_tell"


def test_a_redirect_that_leads_in_a_circle_is_left(live: Live, secure: Services) -> None:
    secure.at(LIST, Reply(b"", 302, {"Location": f"{secure.url}{LIST}"}))
    assert tuesday(live)["Hugging Face"] == "broken: it redirects without end"
    assert len(secure.asked) == 4


def test_the_token_goes_to_hugging_face_alone_and_is_never_printed(
    live: Live, secure: Services
) -> None:
    secure.at(LIST, Reply(b"", 302, {"Location": f"{live.web.url}/steal"}), date="2026-06-14")
    secure.at(LIST, Reply(b"", 302, {"Location": "https://localhost/steal"}), date="2026-06-13")
    tuesday(live, 0)
    live("status")
    live("status", "--json")
    assert {asked.headers["Authorization"] for asked in secure.asked} == {"Bearer hf_never_tell"}
    assert not any("Authorization" in asked.headers for asked in live.asked())
    assert not live.asked("/steal")
    assert "never_tell" not in "".join(ran.out + ran.err for ran in live.said)
    for path in (live.place.folder / "var").rglob("*"):
        octets = path.read_bytes() if path.is_file() else b""
        text = gzip.decompress(octets) if path.suffix == ".gz" else octets
        assert b"never_tell" not in text


@pytest.mark.parametrize(
    ("token", "code"),
    [("hf_never_tell\n", 0), ("hf_never\ntell", 78), ("hf_never_téll", 78)],
    ids=["line-end", "two-lines", "accent"],
)
def test_a_token_that_cannot_be_sent_is_not_printed(live: Live, token: str, code: int) -> None:
    live.env["NEWSLETTER_SOURCES__HUGGINGFACE__TOKEN"] = token
    ran = live.run(AT_SEVEN, code)
    assert "never" not in ran.out + ran.err
    assert ("sources.huggingface.token" in ran.err) == (code == 78)
