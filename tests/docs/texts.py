"""The texts that readers see, gathered for translators: `templates/locale/newsletter.pot`."""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "templates/locale/newsletter.pot"

_KEYWORDS = {"gettext": None, "_": None, "counted": (1, 2), "ngettext": (1, 2)}
_HEAD = """\
# The texts of Paper Round's mails and pages.
# Copy this file to <language>.po, translate it, and say language = "<language>" in newsletter.toml.
# Made by `make docs` from the templates and the code.
"""


def gathered() -> bytes:
    """The file as it should stand."""
    catalog = Catalog(project="Paper Round", fuzzy=False, header_comment=_HEAD.rstrip())
    for folder, method in (
        ("templates/email", "jinja2"),
        ("templates/web", "jinja2"),
        ("newsletter", "python"),
    ):
        suffixes = ("html", "txt") if method == "jinja2" else ("py",)
        methods = [(f"**.{suffix}", method) for suffix in suffixes]
        options = {f"**.{suffix}": {"trimmed": "true"} for suffix in suffixes}
        found = extract_from_dir(ROOT / folder, methods, options, _KEYWORDS, ())
        for name, _line, message, comments, context in found:
            path = f"{folder}/{Path(name).as_posix()}"
            catalog.add(message, None, [(path, None)], (), comments, context=context)
    written = io.BytesIO()
    write_po(written, catalog, width=100, sort_output=True, omit_header=False)
    # Hours, tools and people in the header are no news to a translator.
    lines = written.getvalue().decode().splitlines(keepends=True)
    kept = ('"Project-', '"MIME-', '"Content-')
    return "".join(
        line for line in lines if not line.endswith('\\n"\n') or line.startswith(kept)
    ).encode()
