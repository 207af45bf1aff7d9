"""Templates: the operator's first, then the bundled ones."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import (
    BytecodeCache,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    TemplateError,
    TemplateNotFound,
    TemplateSyntaxError,
)
from jinja2.bccache import Bucket

from newsletter.errors import ConfigurationError
from newsletter.rendering.language import Language
from newsletter.rendering.marks import CARD, ENTRY
from newsletter.rendering.source_check import check_sources
from newsletter.rendering.wrap import wrapped

_PACKAGED = Path(__file__).parents[1] / "templates"
_CHECKOUT = Path(__file__).parents[2] / "templates"

Bracket = Callable[[str, str], str]
"""What is done to a paper's piece of a group."""


def bundled_templates() -> Path:
    """The folder of the bundled templates: inside the wheel, or the checkout's."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


def template_folders(operators: Path | None) -> tuple[Path, ...]:
    """The operator's folder, if any, and the bundled one."""
    return (operators, bundled_templates()) if operators else (bundled_templates(),)


class _Compiled(BytecodeCache):
    """Templates that were compiled before, in this program: every kind of mail has an environment
    of its own, and all of them share layout and style. Jinja2 compares the source by itself."""

    def __init__(self) -> None:
        self._code: dict[str, tuple[str, CodeType]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        checksum, code = self._code.get(bucket.key, ("", None))
        if checksum == bucket.checksum:
            bucket.code = code

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._code[bucket.key] = (bucket.checksum, bucket.code)


_COMPILED = _Compiled()


class Templates:
    """The operator's templates (if any) and the bundled ones.

    A template of the operator's can extend the bundled one it replaces as `bundled/email/…`.
    Raises ConfigurationError for a folder in which nothing has the name of a template, or one
    that cannot be printed.
    """

    def __init__(
        self, operators: Path | None, language: Language, bracket: Bracket | None = None
    ) -> None:
        self._operators = operators
        self._language = language
        bundled = FileSystemLoader(bundled_templates())
        if operators and not _holds_templates(operators, bundled.list_templates()):
            raise ConfigurationError(
                f"templates_dir: nothing in {operators} has the name of a template, such as"
                " email/digest/body.html"
            )
        if operators:
            check_sources(operators)
        own = [FileSystemLoader(operators)] if operators else []
        self._environment = Environment(
            loader=ChoiceLoader([*own, bundled, PrefixLoader({"bundled": bundled})]),
            bytecode_cache=_COMPILED,
            autoescape=lambda name: name is not None and name.endswith(".html"),  # noqa: S701  # text is text
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            extensions=["jinja2.ext.i18n"],
        )
        self._environment.policies["ext.i18n.trimmed"] = True
        # The extension's own method; mypy knows no attribute that an extension adds.
        install: Any = self._environment.install_gettext_translations  # type: ignore[attr-defined]
        install(language.translations, newstyle=True)
        self._environment.globals["language"] = language
        filters = self._environment.filters
        for group in (CARD, ENTRY):
            filters[group] = partial(bracket, group) if bracket else lambda content: content
        filters["wrap"] = lambda text, *options: wrapped(str(text), *options)

    def marking(self, bracket: Bracket) -> "Templates":
        """The same ones, with `bracket` around each paper's pieces."""
        return Templates(self._operators, self._language, bracket)

    def rendered(self, name: str, context: Mapping[str, Any]) -> str:
        """The template printed; raises ConfigurationError naming its file and line."""
        try:
            return self._environment.get_template(name).render(context)
        except TemplateSyntaxError as error:
            where = f"{error.filename or error.name}:{error.lineno}"
            raise ConfigurationError(f"{where}: {error.message}") from error
        except TemplateNotFound as error:
            raise ConfigurationError(f"there is no template {error.name}") from error
        except Exception as error:  # whatever an expression of the template's may raise
            words = str(error) if isinstance(error, TemplateError | TypeError) else repr(error)
            raise ConfigurationError(f"{_where(error, name)}: {words}") from error


def _holds_templates(folder: Path, names: Sequence[str]) -> bool:
    known = any((folder / name).is_file() for name in names)
    return known or any((folder / "locale").glob("*.po"))


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
