"""Who is counted as one client, whatever stands in X-Forwarded-For."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from newsletter.web.clients import PER_HOUR, Limit, client

NOW = datetime(2026, 6, 15, 8, 0, tzinfo=UTC)
PROXIES = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    ("socket", "forwarded", "found"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9, 192.0.2.1, 10.1.2.3", "192.0.2.1"),
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "192.0.2.1, unknown", "127.0.0.1"),
        ("127.0.0.1", "\0" * 1000 + "," * 1000, "127.0.0.1"),
        ("::ffff:192.0.2.1", "", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("fd00::1", "2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("", "192.0.2.1", "None"),
    ],
)
def test_only_what_a_trusted_proxy_saw_is_believed(socket: str, forwarded: str, found: str) -> None:
    assert client(socket, forwarded, PROXIES) == found


def test_an_hour_after_the_first_time_there_is_room_for_one_more() -> None:
    limit = Limit()
    for turn in range(PER_HOUR):
        assert limit.wait("a", NOW + turn * timedelta(minutes=1)) is None
    later = NOW + timedelta(minutes=59)
    assert limit.wait("a", later) == timedelta(minutes=1)
    assert limit.wait("b", later) is None
    assert limit.wait("a", NOW + timedelta(hours=1)) is None
    assert limit.wait("a", NOW + timedelta(hours=1)) == timedelta(minutes=1)
