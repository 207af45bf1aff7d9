"""The pages that are made from the code: `python -m tests.docs.generate` writes them."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, MinLen
from pydantic import SecretStr

from newsletter.configuration import CONFIG_VARIABLE, DEFAULT_CONFIG, variable_of
from newsletter.settings import every_setting
from newsletter.values import (
    Category,
    Colour,
    DkimKey,
    Host,
    Line,
    MailAddress,
    PictureAddress,
    ServiceAddress,
    WebAddress,
    Zone,
)
from subscribers.addresses import Address
from tests.docs.texts import TEMPLATE, gathered

ROOT = Path(__file__).parents[2]
SETTINGS_PAGE = ROOT / "docs/operate/settings.md"

_CHECKED = {
    get_args(Line)[1]: "a line of text",
    get_args(Zone)[1]: "a time zone",
    get_args(WebAddress)[1]: "a web address",
    get_args(ServiceAddress)[1]: "a web address (https)",
    get_args(MailAddress)[1]: "an e-mail address",
    get_args(Host)[1]: "a host name",
    get_args(Category)[1]: "an arXiv category",
    get_args(Colour)[1]: "a colour",
    get_args(PictureAddress)[1]: "a web address (https)",
}
"""The validators of the settings' own types, and what these are called."""
_PLAIN: dict[Any, str] = {
    str: "a text",
    Path: "a path",
    SecretStr: "a text, kept secret",
    tuple[SecretStr, ...]: "a list of texts, kept secret",
    tuple[DkimKey, ...]: "`selector=path`, or a list of these",
    tuple[IPv4Network | IPv6Network, ...]: "a list of addresses or networks",
    date: "a date",
    Address: "an e-mail address",
    bool: "`true` or `false`",
    int: "a whole number",
    float: "a number",
}
_BOUNDS = (Ge, Gt, Le, MinLen)

_HEAD = f"""\
# Settings

<!-- Made from newsletter/settings.py by `make docs`: change it there. -->

`newsletter init` writes a `{DEFAULT_CONFIG}` that holds every setting with its sentence. The
program reads `--config FILE`, else the file that `{CONFIG_VARIABLE}` names, else
`./{DEFAULT_CONFIG}` if there is one. A setting's environment variable goes before the file, and the
file before the default.

An unknown key or variable and a value that cannot be are refused (exit code 78) with the file, the
key and the reason. Paths in the file, and the default of `data_dir`, are relative to the file's
folder; paths in the environment are relative to where the command is called. A list in the
environment is written in JSON: `["first", "second"]`.
"""
_TABLE = """\
| Key | Value | Default | What it does |
|---|---|---|---|
"""


def settings_page() -> str:
    """The page of all settings."""
    parts = [_HEAD]
    open_section: str | None = None
    for section, key, field in every_setting():
        if section != open_section:
            title = f"[{section}]" if section else "At the top of the file"
            parts.append(f"\n## {title}\n\n{_TABLE}")
            open_section = section
        variable = variable_of(section, key)
        kind = _words(field.annotation, field.metadata)
        sentence = _escaped(field.description)
        parts.append(f"| `{key}` | {kind} | {_default(field)} | {sentence}<br>`{variable}` |\n")
    return "".join(parts)


def _words(annotation: Any, metadata: list[Any]) -> str:
    """The type in words. Raises KeyError for one that has none yet: name it above."""
    if get_origin(annotation) is Literal:
        return _either(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return _either(annotation)
    parts = [part for part in get_args(annotation) if part not in (NoneType, ...)]
    if NoneType in get_args(annotation):
        (inner,) = parts
        return _words(inner, metadata)
    if get_origin(annotation) is tuple and annotation not in _PLAIN:
        return f"a list, each {_words(parts[0], [])}"
    if hasattr(annotation, "__metadata__"):
        return _words(parts[0], [*annotation.__metadata__, *metadata])
    for check in metadata:
        if check in _CHECKED:
            return _CHECKED[check]
    bounds = [check for check in metadata if isinstance(check, _BOUNDS)]
    return _PLAIN[annotation] + _within(bounds)


def _within(bounds: list[Any]) -> str:
    least = next((bound.ge for bound in bounds if isinstance(bound, Ge)), None)
    most = next((bound.le for bound in bounds if isinstance(bound, Le)), None)
    above = next((bound.gt for bound in bounds if isinstance(bound, Gt)), None)
    if above is not None:
        return f" above {above}"
    if least is not None:
        return f" from {least}" + (f" to {most}" if most is not None else " up")
    return ""


def _either(values: Iterable[str]) -> str:
    *others, last = [f"`{value}`" for value in values]
    return f"{', '.join(others)} or {last}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;")


def _default(field: Any) -> str:
    if isinstance(field.default, tuple):
        return f"`{', '.join(str(value) for value in field.default)}`" if field.default else ""
    if isinstance(field.default, bool):
        return f"`{str(field.default).lower()}`"
    return "" if field.default is None else f"`{field.default}`"


if __name__ == "__main__":
    SETTINGS_PAGE.write_text(settings_page(), "utf-8")
    TEMPLATE.write_bytes(gathered())
