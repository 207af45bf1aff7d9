import pytest

from newsletter.rendering.views import SenderView


@pytest.mark.parametrize(
    ("name", "address", "imprint"),
    [
        ("Paper Round", ("1 High Street",), ("Paper Round", "1 High Street")),
        ("Paper Round", ("Paper Round, 1 High Street",), ("Paper Round, 1 High Street",)),
        ("Paper Round", ("PAPER ROUND", "1 High Street"), ("PAPER ROUND", "1 High Street")),
        ("Paper", ("Papermill Lane 1",), ("Paper", "Papermill Lane 1")),
        ("C++ (daily)", ("C++ (daily)", "1 High Street"), ("C++ (daily)", "1 High Street")),
        ("Paper Round", (), ("Paper Round",)),
    ],
)
def test_the_imprint_has_the_name_once(
    name: str, address: tuple[str, ...], imprint: tuple[str, ...]
) -> None:
    assert SenderView(name, address).imprint == imprint
