"""Where papers come from, as the operator decides it: the tables under [sources]."""

from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from newsletter.values import THIS_MACHINE, Category, ServiceAddress, Token

_ARXIV_PAUSE = 3  # https://info.arxiv.org/help/api/tou.html


class Section(BaseModel):
    """A table of newsletter.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class HuggingFaceSettings(Section):
    """Hugging Face's daily papers."""

    url: ServiceAddress = Field("https://huggingface.co", description="The service, or a mirror.")
    token: Token | None = Field(
        None, description="An access token of yours (read); with it more requests are granted."
    )


class ArxivSettings(Section):
    """What arXiv announces."""

    categories: tuple[Category, ...] = Field(
        ("cs.AI", "cs.CL", "cs.CV", "cs.LG"),
        description="Whose announcements are read, one list each; none: arXiv is asked for the "
        "authors and categories of papers from elsewhere, and for nothing else.",
    )
    feed_url: ServiceAddress = Field(
        "https://rss.arxiv.org/rss", description="The day's announcements."
    )
    api_url: ServiceAddress = Field(
        "https://export.arxiv.org/api/query", description="Papers by number, and missed days."
    )
    oai_url: ServiceAddress = Field(
        "https://oaipmh.arxiv.org/oai", description="The way back after a longer outage."
    )
    pause: float = Field(
        3,
        ge=0,
        le=60,
        description="Seconds between two requests to any of these; arXiv asks for at least 3.",
    )
    holidays: tuple[date, ...] = Field(
        # https://info.arxiv.org/help/availability.html
        tuple(
            map(
                date.fromisoformat,
                "2026-01-01 2026-01-19 2026-06-19 2026-07-03 2026-09-07 2026-11-26 2026-12-25"
                " 2026-12-29 2026-12-31".split(),
            )
        ),
        description="Days on whose evening arXiv announces nothing, as its help pages list them.",
    )

    @field_validator("pause")
    @classmethod
    def _is_polite(cls, pause: float, others: ValidationInfo) -> float:
        urls = (others.data.get(key, "") for key in ("feed_url", "api_url", "oai_url"))
        if pause < _ARXIV_PAUSE and any(urlsplit(url).hostname not in THIS_MACHINE for url in urls):
            raise ValueError(f"must be at least {_ARXIV_PAUSE}: arXiv's terms ask for it")
        return pause


class FolderSettings(Section):
    """A folder into which somebody drops files of papers."""

    path: Path = Field(
        Path("inbox"), description="Files of papers put here are read and moved to 'taken' in it."
    )


class SourcesSettings(Section):
    """Where papers come from when no --papers FILE says otherwise."""

    enabled: tuple[Literal["huggingface", "arxiv", "folder"], ...] = Field(
        ("huggingface", "arxiv"), description="Any of huggingface, arxiv and folder."
    )
    timeout: float = Field(
        30,
        gt=0,
        le=600,
        description="Seconds to wait for the next bytes; 4 times that in all.",
    )
    retry_wait: float = Field(
        5,
        gt=0,
        le=300,
        description="Seconds before a failed request is made again; twice that the next time.",
    )
    keep_days: int = Field(
        30, ge=1, le=3650, description="How long every answer is kept, for 'gather --replay'."
    )
    huggingface: HuggingFaceSettings = HuggingFaceSettings()
    arxiv: ArxivSettings = ArxivSettings()
    folder: FolderSettings = FolderSettings()
