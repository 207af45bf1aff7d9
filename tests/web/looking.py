"""A page of a site in a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.edges.browsing import PHONE
from tests.web.site import Site


@contextmanager
def looking(browser: Browser, site: Site, path: str, scheme: str = "light") -> Iterator[Page]:
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{site.port}",
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": PHONE, "height": 800},
        bypass_csp=True,  # for axe, which we bring along
    )
    page = context.new_page()
    page.goto(path)
    yield page
    context.close()
