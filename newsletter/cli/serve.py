"""`newsletter serve`: the readers' pages."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import click

from newsletter.cli.desk import Desk, pass_desk
from newsletter.cli.events import Log
from newsletter.editorial.topics import Catalogue
from newsletter.settings import Settings
from newsletter.store.engine import Store


@click.command(short_help="Serve the readers' pages.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@pass_desk
def serve(desk: Desk, host: str, port: int) -> None:
    """Serve the pages that the links in the mails lead to, until SIGTERM or Ctrl-C.

    It speaks plain HTTP: put a web server in front that speaks HTTPS under base_url.
    """
    with desk.store() as store:
        serve_pages(desk.settings, store, desk.catalogue, lambda: datetime.now(UTC), (host, port))


def serve_pages(
    settings: Settings,
    store: Store,
    catalogue: Catalogue,
    clock: Callable[[], datetime],
    place: tuple[str, int],
) -> None:
    """Serve them at this host and port until SIGTERM or Ctrl-C."""
    from newsletter.web.application import application  # 0.3 s that no other command needs
    from newsletter.web.guards import Served
    from newsletter.web.pages import Pages
    from newsletter.web.serving import listening, server

    log = Log()

    def tell(served: Served) -> None:
        facts = {"method": served.method, "page": served.page, "status": served.status}
        if served.fault:
            log.event("page_failed", **facts, reason=served.fault)
        else:
            log.event("page_served", **facts, milliseconds=served.milliseconds)

    host, port = place
    app = application(Pages(settings, store, catalogue, clock, log.notice, log.withheld), tell)
    with listening(host, port) as socket, suppress(KeyboardInterrupt):
        click.echo(f"Serving the readers' pages on http://{host}:{port}; Ctrl-C ends it.")
        log.event("serving_began", host=host, port=port)
        # Once all is answered, uvicorn raises the signal that ended it again.
        server(app).run(sockets=[socket])
    log.event("serving_ended")
