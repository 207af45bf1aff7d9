"""Where the settings come from: the environment, then newsletter.toml, then the defaults."""

import os
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from newsletter.errors import ConfigurationError
from newsletter.mail_settings import RelaySettings
from newsletter.settings import ENV_PREFIX, Settings, every_setting
from newsletter.source_settings import SourcesSettings

CONFIG_VARIABLE = "NEWSLETTER_CONFIG"
DEFAULT_CONFIG = "newsletter.toml"


def load_settings(config: Path | None = None) -> Settings:
    """The settings from the environment and from `config`, `$NEWSLETTER_CONFIG` or, if it exists,
    ./newsletter.toml. Paths in the file are relative to it.

    Raises ConfigurationError naming the file (or the environment), the key and the reason.
    """
    _refuse_unknown_variables()
    path = _config_path(config)
    values = _read_toml(path) if path else {}
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise ConfigurationError(_sentence(error, path)) from None
    except SettingsError as error:
        raise ConfigurationError(f"environment: {error}: it must be a table in JSON") from None
    home = path.parent if path else Path()
    rooted: dict[str, Any] = {
        key: (value if _is_set(key) else home / value).absolute()
        for key in ("data_dir", "templates_dir", "topics_file")
        if (value := getattr(settings, key)) is not None
    }
    for key, kind in (("templates_dir", "folder"), ("topics_file", "file")):
        there = rooted.get(key)
        if there and not (there.is_dir() if kind == "folder" else there.is_file()):
            source = "environment" if _is_set(key) else path
            raise ConfigurationError(f"{source}: {key}: there is no {kind} {there}")
    return settings.model_copy(
        update={
            **rooted,
            "sources": _rooted_sources(settings.sources, home),
            "relay": _rooted_relay(settings.relay, home),
        }
    )


def _rooted_sources(sources: SourcesSettings, home: Path) -> SourcesSettings:
    base = Path() if _is_set("sources", "folder", "path") else home
    inbox = (base / sources.folder.path).absolute()
    folder = sources.folder.model_copy(update={"path": inbox})
    return sources.model_copy(update={"folder": folder})


def _rooted_relay(relay: RelaySettings, home: Path) -> RelaySettings:
    if relay.dkim_key is None:
        return relay
    base = Path() if _is_set("relay", "dkim_key") else home
    keys = tuple(replace(key, path=(base / key.path).absolute()) for key in relay.dkim_key)
    return relay.model_copy(update={"dkim_key": keys})


def variable_of(section: str, key: str) -> str:
    """The environment variable of a setting: NEWSLETTER_SOURCES__ARXIV__PAUSE."""
    path = [*section.split("."), key] if section else key.split(".")
    return ENV_PREFIX + "__".join(path).upper()


def is_configured(config: Path | None) -> bool:
    """Whether anything says how this installation is to be: a file, or a variable."""
    variables = any(name.upper().startswith(ENV_PREFIX) for name in os.environ)
    return variables or _config_path(config) is not None


def _config_path(config: Path | None) -> Path | None:
    if config is None and os.environ.get(CONFIG_VARIABLE):
        config = Path(os.environ[CONFIG_VARIABLE])
    if config is None:
        default = Path(DEFAULT_CONFIG)
        return default if default.is_file() else None
    if not config.is_file():
        raise ConfigurationError(f"there is no configuration file {config}")
    return config


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ConfigurationError(f"{path}: cannot be read: {error}") from error


def _sentence(error: ValidationError, path: Path | None) -> str:
    """One line per fault: source, key, reason. Never the value: it may be a password."""
    lines = []
    for fault in error.errors(include_input=False, include_url=False):
        keys = [str(part) for part in fault["loc"] if not str(part).startswith("function-")]
        source = "environment" if _is_set(*keys) else path
        reason = fault["msg"].removeprefix("Value error, ")
        if fault["type"] == "extra_forbidden":
            reason = "is not a setting; 'newsletter init' lists them all"
        lines.append(f"{source}: {'.'.join(keys)}: {reason}")
    return "\n".join(lines)


def _is_set(*keys: str) -> bool:
    """Whether a variable sets that key, by itself or with the whole table it stands in."""
    variables = {name.upper() for name, value in os.environ.items() if value}
    return any(
        (ENV_PREFIX + "__".join(keys[:depth])).upper() in variables
        for depth in range(1, len(keys) + 1)
    )


def _refuse_unknown_variables() -> None:
    """pydantic-settings ignores a misspelt variable; the operator should hear of it."""
    known = {CONFIG_VARIABLE} | {variable_of(section, key) for section, key, _ in every_setting()}
    sections = {variable_of("", section) for section, _, _ in every_setting() if section}
    for name in sorted(os.environ):
        if name.upper().startswith(ENV_PREFIX) and name.upper() not in known | sections:
            raise ConfigurationError(
                f"environment: {name}: is not a setting; 'newsletter init' lists them all"
            )
