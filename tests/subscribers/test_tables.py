from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import StatementError

from subscribers import tables

NOW = datetime(2026, 3, 29, 5, 30, tzinfo=UTC)


def suppressed_at(connection, moment):
    row = {"address_hash": "0" * 64, "reason": "bounced", "at": moment}
    connection.execute(insert(tables.suppressions), row)
    return connection.scalar(select(tables.suppressions.c.at))


def test_a_moment_without_a_time_zone_is_refused(connection):
    with pytest.raises(StatementError, match="has no time zone"):
        suppressed_at(connection, NOW.replace(tzinfo=None))


@given(
    st.datetimes(
        min_value=datetime(1901, 1, 1),  # noqa: DTZ001  # hypothesis wants bounds without zones
        timezones=st.timezones(),
    )
)
def test_a_moment_comes_back_in_utc_to_the_second(moment):
    kept = tables.Moment()
    number = kept.process_bind_param(moment, None)
    restored = kept.process_result_value(number, None)
    assert restored.utcoffset() == timedelta(0)
    assert timedelta(0) <= moment - restored < timedelta(seconds=1)


def test_a_moment_written_elsewhere_is_the_same_moment_in_utc(connection):
    kept = suppressed_at(connection, NOW.astimezone(timezone(timedelta(hours=9))))
    assert kept == NOW
    assert kept.tzinfo is UTC
