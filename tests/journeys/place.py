"""A place of one's own: a folder with its settings, a mailbox that takes every mail, the CLI."""

import email
import email.policy
import io
import json
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from newsletter.cli import exit_code
from newsletter.demo.mailbox import Mailbox

COMMAND = Path(sys.executable).parent / "newsletter"
SHARED = Path(__file__).resolve().parents[2] / "../shared/data"

PLAIN = Path(__file__).parent / "plain"
"""Templates with next to no CSS. To move the bundled CSS into the style attributes of ten kinds of
mails, which every run looks through before it sends, takes two fifths of a run's time."""

CONFIG = """\
base_url = "https://papers.example.org"
{database}
[sources]
enabled = []
[sender]
name = "Paper Round"
address = "papers@example.org"
postal_address = "Paper Round, 1 Test Street, 12345 Testtown"
unsubscribe_address = "leave@example.org"
[relay]
host = "127.0.0.1"
port = {port}
security = "none"
"""


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


@dataclass
class Place:
    """An operator's folder."""

    folder: Path
    box: Mailbox
    templates: Path | None = None
    """Others than the bundled ones."""

    def configure(self, port: int | None = None, database: str = "") -> None:
        line = f'database_url = "{database}"' if database else ""
        templates = f'templates_dir = "{self.templates}"' if self.templates else ""
        text = CONFIG.format(port=port or self.box.port, database=f"{line}\n{templates}")
        (self.folder / "newsletter.toml").write_text(text, "utf-8")

    def environ(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith("NEWSLETTER_")}
        return kept | {"PYTHONWARNINGS": "error"}

    def __call__(
        self, *words: str | Path, code: int | None = 0, env: dict[str, str] | None = None
    ) -> Ran:
        """Run `newsletter` with these words here. In this process, since starting one takes longer
        than most commands; `started` is the real thing."""
        out, err = io.StringIO(), io.StringIO()
        kept, stdin = dict(os.environ), sys.stdin
        try:
            os.environ.clear()
            os.environ.update(self.environ() | (env or {}))
            sys.stdin = io.StringIO()
            with chdir(self.folder), redirect_stdout(out), redirect_stderr(err):
                ran = Ran(exit_code([str(word) for word in words]), out.getvalue(), err.getvalue())
        finally:
            sys.stdin = stdin
            os.environ.clear()
            os.environ.update(kept)
        assert code is None or ran.code == code, f"{words}: {ran}"
        return ran

    def started(self, *words: str, env: dict[str, str] | None = None) -> subprocess.Popen[bytes]:
        """`newsletter` with these words as a process of its own; `said` gives its output."""
        # Files, since a pipe that nobody reads would stop the program after 64 kB.
        with (self.folder / "out").open("w") as out, (self.folder / "err").open("w") as err:
            return subprocess.Popen(
                [COMMAND, *words],
                cwd=self.folder,
                env=self.environ() | (env or {}),
                stdout=out,
                stderr=err,
            )

    def said(self, process: subprocess.Popen[bytes], timeout: float = 60) -> Ran:
        """How a started process ended, once it has."""
        code = process.wait(timeout)
        return Ran(code, (self.folder / "out").read_text(), (self.folder / "err").read_text())

    def status(self, *words: str) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self("status", "--json", *words).out)
        return report

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def mails(self) -> list[EmailMessage]:
        """All that was delivered, parsed strictly, in order of recipients."""
        found = []
        for path in (self.folder / "mail/new").iterdir():
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            assert isinstance(message, EmailMessage)
            assert not message.defects
            found.append(message)
        return sorted(found, key=lambda message: str(message["To"]))

    def octets(self, recipient: str) -> list[bytes]:
        """The mails to one recipient, byte for byte."""
        raw = [path.read_bytes() for path in sorted((self.folder / "mail/new").iterdir())]
        return [octets for octets in raw if f"\r\nTo: {recipient}\r\n".encode() in octets]

    def forget_mails(self) -> None:
        for path in (self.folder / "mail/new").iterdir():
            path.unlink()
