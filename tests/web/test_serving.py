"""The sockets that the pages are served on, and what stands in front of them."""

import re
import socket
from pathlib import Path

from newsletter.store.engine import Store
from newsletter.web.routes import table
from newsletter.web.serving import listening
from tests.web.site import Site, pages_of, site_settings


def test_a_connection_sends_what_it_has_without_waiting_for_the_client() -> None:
    with listening("127.0.0.1", 0) as listener:
        with socket.create_connection(listener.getsockname()):
            accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_the_example_for_nginx_compresses_what_is_public_and_nothing_with_a_token(
    tmp_path: Path, embedded: Store
) -> None:
    text = (Path(__file__).parents[2] / "docs/operate/pages.md").read_text("utf-8")
    (compressed,) = re.findall(r"location ~ (\S+) \{\n\s+gzip on;", text)
    paths = {route.path for route in table(pages_of(Site(embedded, site_settings(tmp_path))))}
    left = {path for path in paths if not re.search(compressed, path)}
    small = {"/healthz", "/robots.txt", "/favicon.svg"}
    assert left == {path for path in paths if "{token}" in path} | small
