"""Colours that can be read: contrast, and what takes a colour's place on a dark ground."""

from colorsys import hls_to_rgb, rgb_to_hls

LEAST_CONTRAST = 4.5
"""Of a text on its ground (WCAG 2.2, success criterion 1.4.3)."""

_DARK_CONTRAST = 8.5  # softer than the text beside it, which has 11, and never dim
_DARK_GROUND = "#1b1916"  # the sheet of templates/email/palette.css
_STEPS = 50


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def dark_counterpart(colour: str) -> str:
    """The colour, as much lighter in its own hue as it takes to be read well on a dark ground."""
    hue, lightness, saturation = rgb_to_hls(*_parts(colour))
    for step in range(_STEPS):
        lighter = lightness + (1 - lightness) * step / _STEPS
        parts = hls_to_rgb(hue, lighter, saturation)
        found = "#" + "".join(f"{round(part * 255):02x}" for part in parts)
        if contrast(found, _DARK_GROUND) >= _DARK_CONTRAST:
            return found
    return "#ffffff"


def _luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue
