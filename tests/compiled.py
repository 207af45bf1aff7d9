"""Templates, compiled once in a test process instead of once a run.

A run makes an environment for every kind of mail: to compile the same few sources again and again
took a third of a journey's time. What is kept is code; everything is still loaded and rendered.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

import pytest
from jinja2 import Environment

_OPTIONS = ("trim_blocks", "lstrip_blocks", "keep_trailing_newline", "undefined", "finalize")


@contextmanager
def compiled_once() -> Iterator[None]:
    """While it lasts, code is compiled once for the same source, name and options."""
    compiled, known = Environment.compile, dict[tuple[Any, ...], CodeType]()

    def compile_(environment: Environment, source: Any, *words: Any, **options: Any) -> Any:
        key = (
            source,
            words,
            tuple(options.items()),
            tuple(sorted(environment.extensions)),
            # Their names alone: what they stand for is looked up when a template is printed.
            tuple(sorted(environment.filters)),
            tuple(getattr(environment, name) for name in _OPTIONS),
            getattr(environment.autoescape, "__code__", environment.autoescape),
        )
        if key not in known:
            known[key] = compiled(environment, source, *words, **options)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Environment, "compile", compile_)
        yield
