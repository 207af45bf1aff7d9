"""Every knob: its name, type, default and one sentence. The commented `newsletter.toml` that
`newsletter init` writes and `docs/operate/settings.md` are both made from this file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from newsletter.colours import LEAST_CONTRAST, contrast
from newsletter.errors import ConfigurationError
from newsletter.mail_settings import RelaySettings, SenderSettings
from newsletter.source_settings import Section, SourcesSettings
from newsletter.values import Colour, Keys, Line, Networks, PictureAddress, WebAddress, Zone
from subscribers.model import Frequency

STORE_NAME = "newsletter.sqlite3"
ENV_PREFIX = "NEWSLETTER_"
_MIN_SECRET = 32


class EditionSettings(Section):
    """The day's edition."""

    publish_hour: int = Field(
        6,
        ge=0,
        le=23,
        description="No edition comes out before this hour on the operator's clock.",
    )
    patience_hours: int = Field(
        4,
        ge=0,
        le=23,
        description="How long the hourly run waits, from that hour on, for a source that is late or"
        " fails, before it goes ahead with what it has.",
    )
    when_partial: Literal["wait", "send"] = Field(
        "wait",
        description="On a day of which some is missing: wait as long, or mail what is there.",
    )

    window_days: int = Field(
        14, ge=1, le=90, description="How many days a paper stays eligible after it was first seen."
    )
    size: int = Field(
        25,
        ge=1,
        le=30,
        description="Papers on the edition's public page; mails know no such limit.",
    )


class DigestSettings(Section):
    """What a reader gets who did not choose otherwise."""

    hour: int = Field(7, ge=0, le=23, description="Her hour, on her own clock.")
    frequency: Frequency = Field(Frequency.DAILY, description="daily, weekdays or weekly.")
    max_papers: int = Field(
        10,
        ge=1,
        le=100,
        description="The most papers in one mail, as far as they fit before Gmail cuts it.",
    )
    when_empty: Literal["skip", "send"] = Field(
        "skip",
        description="Whether a reader for whom there is nothing new gets a mail that says so.",
    )
    ai_summary: bool = Field(
        False,
        description="Whether a source's AI summary is shown under the excerpt, labelled as such.",
    )


class LookSettings(Section):
    """How the mails look."""

    accent: Colour = Field("#9a3b12", description="The colour of reasons and of the stripe on top.")
    link: Colour = Field(
        "#174a72",
        description="The colour of titles and links. Dark mode gets lighter ones of the same hue.",
    )
    logo: PictureAddress | None = Field(
        None, description="A picture in place of the name on top: its https address."
    )
    logo_width: int = Field(160, ge=16, le=540, description="Its width in pixels.")
    logo_height: int = Field(32, ge=16, le=120, description="Its height in pixels.")

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        for name, colour in (("accent", self.accent), ("link", self.link)):
            found = contrast(colour, "#ffffff")
            if found < LEAST_CONTRAST:
                raise ValueError(
                    f"{name} = {colour!r} has a contrast of {found:.1f}:1 on white; a text that"
                    f" everybody can read needs {LEAST_CONTRAST}:1: take a darker colour"
                )
        return self


class WebSettings(Section):
    """The readers' pages."""

    trusted_proxies: Networks = Field(
        (),
        description="Addresses or networks of the web servers in front, whose X-Forwarded-For is"
        " believed.",
    )


class Settings(BaseSettings):
    """What the operator has decided. Environment first, then newsletter.toml, then the defaults."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX,
        env_nested_delimiter="__",
        env_ignore_empty=True,
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
    )

    data_dir: Path = Field(Path("var"), description="Holds the SQLite file, the keys and the demo.")
    database_url: str | None = Field(
        None,
        description="postgresql+psycopg://…; by default SQLite in the data directory.",
    )
    base_url: WebAddress | None = Field(
        None,
        description="Where readers reach the pages, a host without a path; links in mails begin "
        "with it.",
    )
    secret_keys: Keys | None = Field(
        None,
        description="Sign the links: the first signs, all verify. "
        "By default the lines of secret.keys in the data directory.",
    )
    timezone: Zone = Field("UTC", description="The operator's, and every reader's who named none.")
    curator: Line | None = Field(
        None, description="The name on the page: 'by … and the research community'."
    )
    language: Line = Field(
        "en",
        description="Of the mails: en, en-GB, de, or one that templates_dir has a"
        " locale/<language>.po for.",
    )
    ledger_days: int = Field(
        400,
        ge=30,
        description="How many days the ledger keeps who was sent what; longer than a paper stays"
        " eligible.",
    )
    templates_dir: Path | None = Field(
        None, description="Your own templates; what is not there comes from the bundled ones."
    )
    topics_file: Path | None = Field(
        None, description="Your own catalogue of topics instead of the bundled one."
    )
    sender: SenderSettings = SenderSettings()
    relay: RelaySettings = RelaySettings()
    sources: SourcesSettings = SourcesSettings()
    edition: EditionSettings = EditionSettings()
    digest: DigestSettings = DigestSettings()
    look: LookSettings = LookSettings()
    web: WebSettings = WebSettings()

    @model_validator(mode="after")
    def _remembers_the_window(self) -> Self:
        # What she was sent inside the window decides what she may get; a weekly reader's last mail
        # may be a week older than it.
        least = self.edition.window_days + 8
        if self.ledger_days < least:
            raise ValueError(
                f"ledger_days = {self.ledger_days} would forget mails whose papers are still"
                f" eligible (edition.window_days): keep at least {least} days"
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic-settings calls it by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # Our file arrives as init arguments: the environment goes first, as in every other tool.
        return env_settings, init_settings

    @property
    def store_url(self) -> str:
        """The database in SQLAlchemy's notation."""
        return self.database_url or f"sqlite:///{self.data_dir / STORE_NAME}"

    def signing_keys(self) -> tuple[bytes, ...]:
        """The keys that sign links, the first one signing; ConfigurationError without any."""
        if self.secret_keys:
            keys = [key.get_secret_value() for key in self.secret_keys]
            source = "secret_keys"
        else:
            path = self.data_dir / "secret.keys"
            try:
                keys = path.read_text("utf-8").split()
            except FileNotFoundError:
                raise ConfigurationError(
                    f"there are no secret keys: {path} is missing. Run 'newsletter init'."
                ) from None
            except (OSError, UnicodeDecodeError) as error:
                raise ConfigurationError(f"{path}: cannot be read: {error}") from None
            source = str(path)
        if not keys or any(len(key) < _MIN_SECRET for key in keys):
            raise ConfigurationError(
                f"{source}: a secret key needs at least {_MIN_SECRET} characters."
                " 'newsletter init' makes a good one."
            )
        return tuple(key.encode() for key in keys)


class FixedSettings(Settings):
    """Settings from arguments alone, whatever the environment says: for the demo."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  # pydantic-settings calls it by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def every_setting() -> Iterator[tuple[str, str, Any]]:
    """(section, key, pydantic field) of every setting, section by section: "" for the top level,
    "sources.arxiv" for a table in a table."""
    yield from _settings_of(Settings, "")


def _settings_of(model: type[BaseModel], section: str) -> Iterator[tuple[str, str, Any]]:
    inner = []
    for key, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, Section):
            inner.append((f"{section}.{key}" if section else key, field.annotation))
        else:
            yield section, key, field
    for name, table in inner:
        yield from _settings_of(table, name)
