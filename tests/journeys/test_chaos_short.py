"""A round of every fault of `make chaos`, on a short list."""

import random
from collections.abc import Iterator

import pytest

from tests.chaos.clock import clocks
from tests.chaos.damage import damages, read_only
from tests.chaos.disk import full_disks
from tests.chaos.ground import Ground, prepared
from tests.chaos.leaving import leavers
from tests.chaos.restarts import restarts
from tests.chaos.row import Row
from tests.chaos.signals import kills, stops, terms, twins
from tests.postgres import cluster, programs


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with prepared(200, timeout=3, in_process=True) as made:
        yield made


@pytest.fixture
def rng() -> random.Random:
    return random.Random()


def fine(row: Row) -> bool:
    assert row.wrong == []
    return row.rounds > 0


def test_kill_9_loses_nobody_and_doubles_nobody(ground: Ground, rng: random.Random) -> None:
    assert fine(kills(ground, 1, rng, strikes=2))


def test_sigterm_leaves_nothing_in_doubt(ground: Ground, rng: random.Random) -> None:
    assert fine(terms(ground, 1, rng))


def test_of_twins_one_leaves_at_once(ground: Ground, rng: random.Random) -> None:
    assert fine(twins(ground, 1, rng))


def test_a_stopped_run_goes_on(ground: Ground, rng: random.Random) -> None:
    assert fine(stops(ground, 1, rng, pause=0.7))


def test_a_full_disk_stops_the_run_and_room_mends_it(ground: Ground, rng: random.Random) -> None:
    # Of three: a run that is quicker than the disk is full has not met it.
    assert fine(full_disks(ground, 3, rng))


def test_a_read_only_store_is_refused(ground: Ground, rng: random.Random) -> None:
    assert fine(read_only(ground, 1, rng))


def test_a_damaged_store_is_refused(ground: Ground, rng: random.Random) -> None:
    assert fine(damages(ground, 1, rng))


def test_a_clock_that_jumps_doubles_nobody(ground: Ground, rng: random.Random) -> None:
    assert fine(clocks(ground, 1, rng))


def test_who_leaves_during_a_run_is_not_mailed(ground: Ground, rng: random.Random) -> None:
    assert fine(leavers(ground, 1, rng, count=15, seconds=1.2))


@pytest.fixture(scope="module")
def served_ground() -> Iterator[Ground]:
    """The list in a cluster of its own, which is struck too."""
    found = programs()
    if found is None:
        pytest.skip("PostgreSQL's programs are not here")
    with cluster(found) as own, prepared(200, timeout=3, in_process=True, cluster=own) as made:
        yield made


def test_a_database_server_that_restarts_loses_nobody(
    served_ground: Ground, rng: random.Random
) -> None:
    assert fine(restarts(served_ground, 1, rng))
