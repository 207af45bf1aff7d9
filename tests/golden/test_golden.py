"""The mails of the demo and every notice, byte for byte: a change of any shows itself here first.

`make golden` writes them anew; look at the difference before committing it.
"""

import os
import re
from pathlib import Path

import pytest

from newsletter.cli.desk import load_catalogue
from newsletter.demo.morning import demo_morning, demo_place
from newsletter.rendering.kinds import DIGEST
from newsletter.settings import FixedSettings
from newsletter.steps.specimens import for_looking, specimens

GOLDEN = Path(__file__).parent
# Without wishes; a name with accents and an apostrophe; Chinese characters; text only; weekly.
NOTICES = (
    *("confirm", "welcome", "changed", "goodbye"),
    *("move", "address", "moved", "copy", "erase"),
)
READERS = ("marlow", "zoe.obrien-mueller", "kamiko", "plain", "gravity.pellow")


@pytest.fixture(scope="module")
def mails(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    catalogue = load_catalogue(FixedSettings())
    with demo_place(tmp_path_factory.mktemp("demo") / "demo") as place:
        morning = demo_morning(place, catalogue)
    found = {}
    settings = for_looking(FixedSettings())
    for specimen in specimens(catalogue, settings):
        if specimen.kind is not DIGEST:
            found[specimen.name] = specimen.message.as_bytes()
    for path in (morning.mails / "new").iterdir():
        octets = path.read_bytes()
        recipient = re.search(rb"^To: (\S+)@", octets, re.MULTILINE)
        assert recipient
        found[recipient[1].decode()] = octets
    return found


@pytest.mark.parametrize("name", READERS + NOTICES)
def test_the_mail_is_the_golden_one(mails: dict[str, bytes], name: str) -> None:
    golden = GOLDEN / f"{name}.eml"
    if os.environ.get("GOLDEN") == "write":
        golden.write_bytes(mails[name])
    assert mails[name] == golden.read_bytes(), "see `make golden`"


def test_everybody_else_is_told_as_the_demo_promises(mails: dict[str, bytes]) -> None:
    assert len(mails) == 12 + len(NOTICES)
    assert "cadenza" not in mails  # nothing on the page is about music
    assert "bram.quillfeather" not in mails  # he reads on Mondays, and it is Friday
