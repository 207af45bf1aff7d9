"""`newsletter serve` as an operator starts and ends it."""

import json
import re
import signal
import socket
import time
import urllib.request

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
