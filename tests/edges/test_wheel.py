"""The wheel has all it needs inside: templates, topics, the demo's papers, migrations."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site: Path, code: str, cwd: Path) -> str:
    """What the code prints with the wheel's packages before the checkout's."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("NEWSLETTER_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=cwd,
        env=environ | {"PYTHONPATH": str(site)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheels_own_templates_are_found(unpacked: Path, tmp_path: Path) -> None:
    code = "from newsletter.rendering.loader import bundled_templates as b; print(b())"
    assert run(unpacked, code, tmp_path).strip() == str(unpacked / "newsletter/templates")


def test_the_checkouts_templates_are_found() -> None:
    from newsletter.rendering.loader import bundled_templates

    assert bundled_templates() == ROOT / "templates"


def test_the_demo_runs_from_the_wheel(unpacked: Path, tmp_path: Path) -> None:
    code = "import sys; sys.argv[1:] = ['demo']; from newsletter.cli import main; main()"
    assert "12 mails were sent over SMTP" in run(unpacked, code, tmp_path)
    assert (tmp_path / "var/demo/index.html").is_file()
