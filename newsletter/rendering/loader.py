"""Templates: the operator's first, then the bundled ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)

from newsletter.errors import ConfigurationError
from newsletter.rendering.wrap import wrapped

_PACKAGED = Path(__file__).parents[1] / "templates"
_CHECKOUT = Path(__file__).parents[2] / "templates"


def bundled_templates() -> Path:
    """The folder of the bundled templates: inside the wheel, or the checkout's."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


def environment(operators: Path | None, card: Callable[[str], str] | None = None) -> Environment:
    """A Jinja2 environment over the operator's folder (if any) and the bundled templates.

    A template of the operator's can extend the bundled one it replaces as `bundled/email/…`.
    `card` is what {% filter card %} does; unless the press marks it, nothing.
    """
    bundled = FileSystemLoader(bundled_templates())
    if operators and not any((operators / name).is_file() for name in bundled.list_templates()):
        raise ConfigurationError(
            f"templates_dir: nothing in {operators} has the name of a template, such as"
            " email/digest/body.html"
        )
    own = [FileSystemLoader(operators)] if operators else []
    made = Environment(
        loader=ChoiceLoader([*own, bundled, PrefixLoader({"bundled": bundled})]),
        autoescape=lambda name: name is not None and name.endswith(".html"),  # noqa: S701  # text is text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["card"] = card or (lambda content: content)
    made.filters["wrap"] = lambda text, *options: wrapped(str(text), *options)
    return made


def rendered(templates: Environment, name: str, context: dict[str, Any]) -> str:
    """The template printed; raises ConfigurationError naming its file and line."""
    try:
        return templates.get_template(name).render(context)
    except TemplateSyntaxError as error:
        where = f"{error.filename or error.name}:{error.lineno}"
        raise ConfigurationError(f"{where}: {error.message}") from error
    except TemplateNotFound as error:
        raise ConfigurationError(f"there is no template {error.name}") from error
    except (TemplateError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{_where(error, name)}: {error}") from error


def _where(error: BaseException, name: str) -> str:
    """file:line of the template line that failed: Jinja2 puts it into the traceback."""
    where = name
    trace = error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if filename.endswith((".html", ".txt", ".css")):
            where = f"{filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return where
