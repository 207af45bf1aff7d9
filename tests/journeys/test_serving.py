"""`newsletter serve` as an operator starts and ends it."""

import json
import re
import signal
import socket
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.journeys.place import Place


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def test_it_serves_until_it_is_told_to_end_and_logs_an_event_for_each_request(place: Place) -> None:
    port = free_port()
    serving = place.started("serve", "--port", str(port))
    try:
        for _ in range(200):
            if "serving_began" in (place.folder / "err").read_text():
                break
            time.sleep(0.05)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=10) as answer:
            assert answer.read() == b"ok\n"
    finally:
        serving.send_signal(signal.SIGTERM)
    ran = place.said(serving, timeout=20)
    assert ran.code == 0
    told = [json.loads(line) for line in ran.err.splitlines()]
    assert [event["event"] for event in told] == ["serving_began", "page_served", "serving_ended"]
    assert (told[1]["page"], told[1]["status"]) == ("health", 200)


HEAD = b"POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Type: "
FORM = HEAD + b"application/x-www-form-urlencoded\r\n"
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'


def sized(head: bytes, body: bytes) -> bytes:
    return b"%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body)


GREEDY = {
    "twenty thousand fields": (400, sized(FORM, b"a=&" * 20_000)),
    "a thousand parts": (400, sized(HEAD + b"multipart/form-data; boundary=x\r\n", PART * 1000)),
    "parts without a boundary": (400, sized(HEAD + b"multipart/form-data\r\n", PART)),
    "deep JSON": (415, sized(HEAD + b"application/json\r\n", b"[" * 60_000)),
    "a type nobody knows": (415, sized(HEAD + b"application/x-evil\r\n", b"\0" * 60_000)),
    "twenty megabytes": (413, sized(FORM, b"a=" + b"x" * 20_000_000)),
    "twenty megabytes in chunks": (
        413,
        FORM + b"Transfer-Encoding: chunked\r\n\r\n" + b"4000\r\n%s\r\n" % (b"x" * 0x4000) * 1200,
    ),
    "no length": (422, FORM + b"\r\n" + b"a=" + b"x" * 1_000_000),
}
"""Bodies that want more than they should have, and what they are answered."""


def greedy(port: int, octets: bytes) -> int:
    """The status of the answer. Whoever is cut off while sending reads what came before."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        with suppress(ConnectionError):
            line.sendall(octets)
        with suppress(ConnectionError):
            return int(line.recv(100).split()[1])
    return 0


def test_whatever_body_comes_is_answered_and_memory_stays_flat(place: Place) -> None:
    port = free_port()
    serving = place.started("serve", "--port", str(port))
    peak = re.compile(r"VmHWM:\s+(\d+) kB")

    def most() -> int:
        return int(peak.findall(Path(f"/proc/{serving.pid}/status").read_text())[0])

    try:
        while "serving_began" not in (place.folder / "err").read_text():
            assert serving.poll() is None, place.said(serving)
            time.sleep(0.05)
        answers = {name: greedy(port, octets) for name, (_, octets) in GREEDY.items()}
        before = most()
        with ThreadPoolExecutor(8) as crowd:
            list(crowd.map(lambda body: greedy(port, body[1]), [*GREEDY.values()] * 5))
        assert most() - before < 10_000
    finally:
        serving.send_signal(signal.SIGTERM)
    # A sender that is cut off in the middle may lose the answer with the connection.
    for name, (status, octets) in GREEDY.items():
        assert answers[name] in ({status} if len(octets) < 100_000 else {status, 0}), name
    ran = place.said(serving, timeout=20)
    assert ran.code == 0
    assert '"fault"' not in ran.err


def test_the_demo_s_links_work_while_it_serves(place: Place) -> None:
    port = free_port()
    serving = place.started("demo", "--serve", "--port", str(port))
    try:
        while "Serving" not in (place.folder / "out").read_text():
            assert serving.poll() is None, place.said(serving)
            time.sleep(0.05)
        mails = (path.read_text() for path in (place.folder / "var/demo/mail/new").iterdir())
        found = re.search(r"List-Unsubscribe:\s+<(http://127.0.0.1:\d+/\S+)>", next(mails))
        assert found
        with urllib.request.urlopen(found[1], timeout=10) as answer:
            assert b"Leave" in answer.read()
    finally:
        serving.send_signal(signal.SIGTERM)
    assert place.said(serving, timeout=20).code == 0


def test_a_port_that_is_taken_is_named_with_the_code_for_unreachable(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ran = place("serve", "--port", str(listener.getsockname()[1]), code=69)
    assert "Address already in use" in ran.err
