"""Clients: at what address who asks is, and how often one may have a mail sent to somebody."""

from collections import OrderedDict, deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from threading import Lock

PER_HOUR = 20
"""So many mails may one client have sent to addresses that it names."""

_HOUR = timedelta(hours=1)
_MOST = 10_000  # clients that are remembered
_SUBSCRIBER_LINE = 64  # bits of an IPv6 address that one customer gets (RFC 6177)


def client(socket: str, forwarded: str, trusted: Iterable[IPv4Network | IPv6Network]) -> str:
    """Who asks: the address at the other end of the socket or, where a trusted proxy is there, the
    last one in its X-Forwarded-For that is no trusted proxy. What stands before that one, anybody
    may have written. Of IPv6 the network of one customer."""
    found: IPv4Address | IPv6Address | None = None
    networks = tuple(trusted)
    for hop in (socket, *reversed(forwarded.split(","))):
        address = _address(hop.strip())
        if address is None:
            break
        found = address
        if not any(address in network for network in networks):
            break
    if isinstance(found, IPv6Address):
        return str(ip_network((found, _SUBSCRIBER_LINE), strict=False))
    return str(found)


class Limit:
    """Counts in memory: what a restart forgets is an hour's worth."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._asked: OrderedDict[str, deque[datetime]] = OrderedDict()

    def wait(self, client: str, now: datetime) -> timedelta | None:
        """How long this client has to wait, or None where it may ask now, which is counted."""
        with self._lock:
            times = self._asked.setdefault(client, deque())
            self._asked.move_to_end(client)
            if len(self._asked) > _MOST:
                self._asked.popitem(last=False)
            while times and times[0] <= now - _HOUR:
                times.popleft()
            if len(times) >= PER_HOUR:
                return times[0] + _HOUR - now
            times.append(now)
            return None


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
