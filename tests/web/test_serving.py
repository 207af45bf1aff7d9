"""The sockets that the pages are served on."""

import socket

from newsletter.web.serving import listening


def test_a_connection_sends_what_it_has_without_waiting_for_the_client() -> None:
    with listening("127.0.0.1", 0) as listener:
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
