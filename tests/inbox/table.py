"""The judges' figures as a plain table, then the floors that are missed, then the findings."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tests.inbox.rows import PEERS, ROWS, Row
from tests.inbox.verdict import Figure, Verdicts

FINDINGS = 20  # told of a figure; the others are counted


def lines(names: Sequence[str], verdicts: Verdicts, judges: Iterable[str]) -> Iterator[str]:
    """All that is said."""
    rows = [row for row in ROWS if row.judge in judges]
    yield from _aligned(
        [("", "floor", *names, *PEERS), *(_cells(row, names, verdicts) for row in rows)]
    )
    yield ""
    yield from _missed(rows, names, verdicts)
    yield ""
    yield "Findings, a mail's alike told once"
    for row in rows:
        yield from _findings(row, names, verdicts)


def misses(names: Sequence[str], verdicts: Verdicts) -> list[tuple[Row, str, float]]:
    """Every figure that is beyond its floor."""
    return [
        (row, name, figure.value)
        for row in ROWS
        for name in names
        if (figure := verdicts[name].get(row.key)) is not None
        if isinstance(figure.value, float | int) and row.is_missed(figure.value)
    ]


def _cells(row: Row, names: Sequence[str], verdicts: Verdicts) -> tuple[str, ...]:
    figures = (_cell(row, verdicts[name].get(row.key)) for name in names)
    return (row.label, row.floor, *figures, *row.peers)


def _cell(row: Row, figure: Figure | None) -> str:
    if figure is None:
        return "–"
    if isinstance(figure.value, str):
        return figure.value
    return f"{figure.value:.{row.digits}f}" + ("!" if row.is_missed(figure.value) else "")


def _aligned(table: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for label, *cells in table:
        padded = (cell.rjust(width) for cell, width in zip(cells, widths[1:], strict=True))
        yield f"{label.ljust(widths[0])}  {'  '.join(padded)}".rstrip()


def _missed(rows: Sequence[Row], names: Sequence[str], verdicts: Verdicts) -> Iterator[str]:
    found = [miss for miss in misses(names, verdicts) if miss[0] in rows]
    yield f"{len(found)} figures miss their floor" if found else "Every floor is reached"
    for row in rows:
        missing = [f"{name} {value:.{row.digits}f}" for one, name, value in found if one is row]
        if missing:
            yield f"  {row.key} {row.floor}: {', '.join(missing)}"


def _findings(row: Row, names: Sequence[str], verdicts: Verdicts) -> Iterator[str]:
    said: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        figure = verdicts[name].get(row.key)
        if figure is not None and figure.findings:
            said.setdefault(figure.findings, []).append(name)
    if said:
        yield f"{row.key} ({row.label.strip()})"
    for findings, whose in said.items():
        yield f"  {', '.join(whose)}:"
        counted = Counter(findings).most_common()
        for finding, count in counted[:FINDINGS]:
            times = f"{count} × " if count > 1 else ""
            yield f"    {times}{' '.join(finding.split())}"
        if len(counted) > FINDINGS:
            yield f"    and {len(counted) - FINDINGS} more"
