"""Waiting for what another process does."""

import time
from collections.abc import Callable

_GLANCE = 0.003


def wait_until(there: Callable[[], bool], seconds: float, what: str) -> None:
    """Raises TimeoutError where it is not there in time."""
    until = time.monotonic() + seconds
    while not there():
        if time.monotonic() > until:
            raise TimeoutError(f"after {seconds:g} s not yet so: {what}")
        time.sleep(_GLANCE)
