"""What the documents say, held against the code and the files of the repository."""

import ast
import re
import subprocess
from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest

from newsletter.cli import newsletter
from newsletter.cli.desk import load_catalogue
from newsletter.configuration import variable_of
from newsletter.editorial.digests import SkipReason
from newsletter.errors import NewsletterError
from newsletter.rendering import views
from newsletter.settings import FixedSettings, every_setting
from newsletter.sources.files import read_papers
from newsletter.steps import clerk
from newsletter.store.engine import open_store
from newsletter.store.ledger import SUPERSEDED
from newsletter.store.ledger import State as DeliveryState
from subscribers.exchange import COLUMNS, import_csv
from subscribers.model import State as SubscriberState
from tests.docs.generate import ROOT, SETTINGS_PAGE, settings_page
from tests.docs.texts import TEMPLATE, gathered

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
OPERATE = [ROOT / "README.md", *sorted((DOCS / "operate").glob("*.md"))]
DECISIONS = sorted((DOCS / "decisions").glob("*.md"))
FAILURES = (DOCS / "operate/when-something-fails.md").read_text("utf-8")
GLOSSARY = (DOCS / "glossary.md").read_text("utf-8")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_PATH = re.compile(r"[\w./-]*/[\w./-]*")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CALL = re.compile(r"(?:^|/|\s)(newsletter [a-z].*)")
_TARGET = re.compile(r"make ([a-z-]+)")
_OPTION = re.compile(r"(?<!\S)--[a-z][a-z-]*")
# Written in two parts, so that this file does not hold what it looks for.
_FOREIGN = re.compile(
    "|".join(
        [
            *(f"(?<![\\w.])/{folder}/" for folder in ("work", "root", "home")),
            *(re.escape(".".join(host)) for host in (
                ("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org"), ("crates", "io"),
                ("proxy", "golang", "org"),
            )),
        ]
    )
)  # fmt: skip


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def own_files() -> list[Path]:
    """The files of the repository, those not committed yet included."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no git checkout")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text("utf-8"))


def fenced(page: Path, kinds: set[str]) -> list[str]:
    return [text for kind, text in _FENCE.findall(page.read_text("utf-8")) if kind in kinds]


def code_of(page: Path) -> list[str]:
    """What a page shows to be typed: lines of its shell blocks, and what stands in backticks."""
    lines = [line for text in fenced(page, {"sh", ""}) for line in text.splitlines()]
    quoted = _CODE.findall(" ".join(prose(page).split()))
    return [code.partition("#")[0] for code in (*lines, *quoted)]


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = (heading.lower() for heading in _HEADING.findall(prose(page)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


CONTEXT = click.Context(newsletter)
GONE = (clerk.LEFT, clerk.PAUSED, clerk.TOO_LATE)


def commands(
    group: click.Group = newsletter, path: tuple[str, ...] = ("newsletter",)
) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(CONTEXT):
        command = group.get_command(CONTEXT, name)
        assert command
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield " ".join((*path, name)), command


def exit_codes(kind: type[NewsletterError] = NewsletterError) -> set[int]:
    return {kind.exit_code}.union(*map(exit_codes, kind.__subclasses__()))


def events() -> set[str]:
    """The names of events, as they stand in the shells that log them."""
    found = set()
    for path in (ROOT / "newsletter/cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"event", "info"}
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(prose(page)):
        parts = urlsplit(link)
        if parts.scheme:
            continue
        target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        if not target.exists() or (parts.fragment and parts.fragment not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_is_explained_to_the_operator(name: str, command: click.Command) -> None:
    assert command.help
    assert any(name in page.read_text("utf-8") for page in OPERATE)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_and_option_that_a_page_names_is_there(page: Path) -> None:
    groups = {
        f"newsletter {name}": newsletter.get_command(CONTEXT, name)
        for name in ("subscribers", "topics")
    }
    known = groups | dict(commands())
    unknown = []
    for call in filter(None, map(_CALL.search, code_of(page))):
        words = call[1].split()
        command = known.get(" ".join(words[:3])) or known.get(" ".join(words[:2]))
        if command is None or (isinstance(command, click.Group) and words[2:]):
            unknown.append(call[1])
            continue
        options = {option for parameter in command.params for option in parameter.opts}
        unknown += [option for option in _OPTION.findall(call[1]) if option not in options]
    assert unknown == []


def test_every_setting_is_on_the_page_of_settings() -> None:
    page = SETTINGS_PAGE.read_text("utf-8")
    for section, key, _ in every_setting():
        variable = variable_of(section, key)
        assert f"`{key}`" in page
        assert f"`{variable}`" in page


def test_the_page_of_settings_is_what_make_docs_writes() -> None:
    assert SETTINGS_PAGE.read_text("utf-8") == settings_page()


@pytest.mark.parametrize("code", sorted(exit_codes() | {0}))
def test_every_exit_code_is_explained(code: int) -> None:
    assert f"\n| {code} | " in FAILURES


@pytest.mark.parametrize("reason", [*SkipReason, SUPERSEDED, *GONE])
def test_every_reason_of_a_skip_is_explained(reason: str) -> None:
    assert f"\n| `{reason}` | " in FAILURES


@pytest.mark.parametrize("state", list(DeliveryState))
def test_every_state_of_a_delivery_is_explained(state: DeliveryState) -> None:
    assert f"- **{state}**: " in FAILURES
    assert f"*{state}*" in GLOSSARY


@pytest.mark.parametrize("word", [*SubscriberState, *SkipReason])
def test_every_state_and_every_reason_is_in_the_glossary(word: str) -> None:
    assert f"*{word}*" in GLOSSARY


def test_every_event_of_the_mail_log_is_explained() -> None:
    endings = set(DeliveryState) - {DeliveryState.QUEUED, DeliveryState.SENDING}
    logged = events()
    assert "run_ended" in logged
    for event in logged | {f"delivery_{state}" for state in endings}:
        assert f"`{event}`" in FAILURES, event


@pytest.mark.parametrize(
    ("name", "view"),
    [
        ("paper", views.PaperView),
        ("edition", views.EditionView),
        ("sender", views.SenderView),
        ("variant", views.Variant),
        ("reader", views.ReaderView),
    ],
)
def test_every_name_that_a_template_sees_is_told_to_its_designer(name: str, view: type) -> None:
    page = (DOCS / "templates.md").read_text("utf-8")
    assert [f.name for f in fields(view) if f"`{name}.{f.name}`" not in page] == []


def test_the_texts_are_gathered_for_translators() -> None:
    assert TEMPLATE.read_bytes() == gathered(), "see `make docs`"


def test_every_target_of_make_that_a_page_names_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    calls = (_TARGET.match(code) for page in PAGES for code in code_of(page))
    named = {call[1] for call in calls if call}
    assert "check" in named
    assert named <= targets


@pytest.mark.parametrize("page", [DOCS / "architecture.md", DOCS / "glossary.md"], ids=name_of)
def test_every_path_in_backticks_is_there(page: Path) -> None:
    paths = list(filter(_PATH.fullmatch, _CODE.findall(prose(page))))
    assert paths
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_decisions_are_numbered_without_gaps_and_have_their_three_parts() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    for page in DECISIONS:
        title, *parts = _HEADING.findall(prose(page))
        assert title.startswith(f"{int(page.name[:4])}. ")
        assert parts == ["Context", "Decision", "Consequences"], page.name


@pytest.mark.parametrize(
    "example", fenced(DOCS / "operate/papers.md", {"json", "text"}), ids=lambda text: text[:12]
)
def test_every_example_of_papers_is_read_whole(example: str, tmp_path: Path) -> None:
    path = tmp_path / "example"
    path.write_text(example, "utf-8")
    haul = read_papers(path)
    titles = {paper.title for paper in haul.papers}
    assert haul.faults == ()
    assert "Maps for Small Robots" in titles
    assert titles <= {"Maps for Small Robots", "Shorter Proofs by Looking Twice"}


def test_the_example_of_readers_is_imported_whole(tmp_path: Path) -> None:
    page = DOCS / "operate/subscribers.md"
    (example,) = fenced(page, {"csv"})
    path = tmp_path / "readers.csv"
    path.write_text(example, "utf-8")
    slugs = load_catalogue(FixedSettings()).slugs
    store = open_store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    try:
        with store.writing() as connection:
            report = import_csv(connection, path, "asked", slugs, datetime(2026, 3, 13, tzinfo=UTC))
    finally:
        store.close()
    assert report.refused == ()
    assert report.added == len(example.splitlines()) - 1


def test_every_column_of_a_file_of_readers_is_explained() -> None:
    page = (DOCS / "operate/subscribers.md").read_text("utf-8")
    rows = "\n".join(line for line in page.splitlines() if line.startswith("| `"))
    assert [column for column in COLUMNS if f"`{column}`" not in rows] == []


def test_no_file_names_a_registry_or_somebodys_machine() -> None:
    found = {}
    for path in own_files():
        text = path.read_bytes().decode("utf-8", "replace")
        if match := _FOREIGN.search(text):
            found[name_of(path)] = match[0]
    assert found == {}


def test_every_python_file_can_be_read_in_a_sitting() -> None:
    long = {}
    for path in own_files():
        if path.suffix == ".py":
            lines = len(path.read_text("utf-8").splitlines())
            if lines > (500 if path.is_relative_to(ROOT / "tests") else 300):
                long[name_of(path)] = lines
    assert long == {}
