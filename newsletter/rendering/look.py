"""The look that an operator may choose without a template: two colours and a logo."""

from dataclasses import dataclass

from newsletter.colours import dark_counterpart


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture in place of the name; its size in CSS pixels, which Outlook wants told."""

    url: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Look:
    """Colours as #rrggbb, each with the one that takes its place in dark mode."""

    accent: str
    link: str
    logo: Logo | None = None

    @property
    def dark_accent(self) -> str:
        return dark_counterpart(self.accent)

    @property
    def dark_link(self) -> str:
        return dark_counterpart(self.link)
