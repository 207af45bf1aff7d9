"""Names: which work of the archive bears an identity, whatever key it was filed under."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select, update

from newsletter.editorial.papers import PaperId
from newsletter.store.engine import in_groups
from newsletter.store.tables import names, papers

_GROUP = 1000


@dataclass(frozen=True, slots=True)
class Bearers:
    """What the store knows of some names."""

    keys: Mapping[str, str]
    """Of those that are keys: the work, which is another where it was absorbed."""
    others: Mapping[str, str | None]
    """Of those that stand in the table of names: the work, None where several bear it."""

    @property
    def names(self) -> set[str]:
        return {*self.keys, *self.others}

    @property
    def works(self) -> set[str]:
        return {*self.keys.values(), *(key for key in self.others.values() if key)}

    @property
    def ambiguous(self) -> set[str]:
        return {name for name, key in self.others.items() if key is None}

    def with_more(self, more: "Bearers") -> "Bearers":
        return Bearers({**self.keys, **more.keys}, {**self.others, **more.others})

    def after(self, survivors: Mapping[str, str]) -> "Bearers":
        """The same when these works have been absorbed: absorbed key → surviving key."""
        return Bearers(
            {name: survivors.get(key, key) for name, key in self.keys.items()},
            {name: key and survivors.get(key, key) for name, key in self.others.items()},
        )


def look_up(connection: Connection, wanted: Collection[str]) -> Bearers:
    """Which works bear these names."""
    keys: dict[str, str] = {}
    others: dict[str, str | None] = {}
    for group in in_groups(sorted(wanted), _GROUP):
        by_key = select(papers.c.id, papers.c.absorbed_by).where(papers.c.id.in_(group))
        keys.update((key, survivor or key) for key, survivor in connection.execute(by_key))
        by_name = select(names.c.name, names.c.paper).where(names.c.name.in_(group))
        others.update((name, paper) for name, paper in connection.execute(by_name))
    return Bearers(keys, others)


def register(connection: Connection, bearers: Bearers, borne: Iterable[tuple[str, str]]) -> None:
    """Write down names and the works that bear them by now; `bearers` is what the store knows of
    these names. A name that comes to a second work is nobody's from then on."""
    works: dict[str, set[str]] = {}
    for name, key in borne:
        works.setdefault(name, set()).add(key)
    new: list[dict[str, str | None]] = []
    changed: list[dict[str, str | None]] = []
    for name, found in works.items():
        owner = bearers.others.get(name)
        found |= {key for key in (owner, bearers.keys.get(name)) if key}
        row = {"borne": name, "bearer": found.pop() if len(found) == 1 else None}
        if name not in bearers.others:
            new += [row] if row["bearer"] != name else []  # a key needs no second entry
        elif owner not in (None, row["bearer"]):
            changed.append(row)
    if new:
        connection.execute(
            insert(names).values(name=bindparam("borne"), paper=bindparam("bearer")), new
        )
    if changed:
        named = names.c.name == bindparam("borne")
        connection.execute(update(names).where(named).values(paper=bindparam("bearer")), changed)


def absorb(connection: Connection, survivors: Mapping[str, str]) -> None:
    """Let works be absorbed by others: absorbed key → surviving key. What points to an absorbed
    work points to the survivor afterwards, so that nobody has to follow a chain."""
    for gone, survivor in survivors.items():
        for column in (papers.c.absorbed_by, names.c.paper):
            connection.execute(
                update(column.table).where(column == gone).values({column: survivor})
            )
        connection.execute(update(papers).where(papers.c.id == gone).values(absorbed_by=survivor))


def kin(connection: Connection) -> dict[PaperId, frozenset[PaperId]]:
    """All keys of each work that has several, by each of them: editions and mails that are out
    refer to the key of their day."""
    query = select(papers.c.id, papers.c.absorbed_by).where(papers.c.absorbed_by.is_not(None))
    by_survivor: dict[PaperId, set[PaperId]] = {}
    for gone, survivor in connection.execute(query):
        by_survivor.setdefault(PaperId(survivor), {PaperId(survivor)}).add(PaperId(gone))
    return {key: frozenset(keys) for keys in by_survivor.values() for key in keys}
