"""The pictures in the README: `python -m tests.docs.pictures` takes them from the demo's mails."""

import shutil
import tempfile
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from newsletter.cli.desk import load_catalogue
from newsletter.demo.morning import demo_morning, demo_place
from newsletter.settings import FixedSettings

FOLDER = Path(__file__).parents[2] / "docs/pictures"
READER = "zoe.obrien-mueller@example.net"  # wishes of three kinds, and a name with accents
DEVICES = {"phone": (360, 720), "desktop": (700, 720)}


def page() -> str:
    """The HTML of the reader's mail."""
    with tempfile.TemporaryDirectory() as folder, demo_place(Path(folder) / "demo") as place:
        morning = demo_morning(place, load_catalogue(FixedSettings()))
        for path in (morning.mails / "new").iterdir():
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            if str(mail["To"]) == READER and isinstance(mail, EmailMessage):
                part = mail.get_body(("html",))
                return str(part.get_content()) if part else ""
    raise LookupError(f"the demo sends nothing to {READER}")


def take(browser: Browser, html: str) -> None:
    """One picture for each device, light and dark."""
    for device, (width, height) in DEVICES.items():
        for scheme in ("light", "dark"):
            view = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
                device_scale_factor=1.5,
            )
            view.set_content(html)
            view.screenshot(path=str(FOLDER / f"{device}-{scheme}.png"))
            view.close()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    mail = page()  # its SMTP needs a loop of its own, which the browser's would be in the way of
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        opened = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        take(opened, mail)
        opened.close()
