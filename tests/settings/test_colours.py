import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from newsletter.colours import contrast, dark_counterpart
from newsletter.settings import LookSettings

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def test_contrast_is_wcags() -> None:
    assert contrast("#000000", "#ffffff") == contrast("#ffffff", "#000000") == 21
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@given(COLOURS)
def test_every_colour_has_a_counterpart_that_can_be_read_on_dark(colour: str) -> None:
    assert contrast(dark_counterpart(colour), "#1b1916") >= 8.5


@pytest.mark.parametrize("field", ["accent", "link"])
def test_a_colour_that_cannot_be_read_on_white_is_refused(field: str) -> None:
    with pytest.raises(ValidationError, match=f"{field} = '#ffcc00' has a contrast of 1.5:1"):
        LookSettings.model_validate({field: "#FFCC00"})
    assert getattr(LookSettings.model_validate({field: "#006633"}), field) == "#006633"


@pytest.mark.parametrize("value", ["red", "#12345", "#12345g", "174a72", "#174a72;x", "#174a72\n"])
def test_what_is_no_colour_is_refused(value: str) -> None:
    with pytest.raises(ValidationError, match="is not a colour"):
        LookSettings.model_validate({"accent": value})


@pytest.mark.parametrize(
    "value", ["http://x.test/a.png", "logo.png", "data:image/png;base64,AA", 'https://x.test/"a']
)
def test_a_logo_has_an_https_address(value: str) -> None:
    with pytest.raises(ValidationError, match=r"link|https"):
        LookSettings.model_validate({"logo": value})
