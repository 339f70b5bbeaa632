"""The column types hand back what they were given, on both databases."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.base.model import Json
from comity.kit.database.schema import JsonReady, JsonText, UtcTime
from comity.kit.database.unit import Database

VALUES = sa.Table("probe_value", sa.MetaData(), sa.Column("at", UtcTime), sa.Column("json", JsonText))
TEXT = st.text(st.characters(), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture
def values(database: Database) -> Database:
    VALUES.create(database.engine)
    return database


def back(database: Database, **row: object) -> sa.Row[Any, Any]:
    with database.unit("probe.write") as unit:
        unit.connection.execute(sa.delete(VALUES))
        unit.connection.execute(sa.insert(VALUES), row)
        return unit.connection.execute(sa.select(VALUES.c.at, VALUES.c.json)).one()


def test_a_time_comes_back_aware_in_utc(values: Database) -> None:
    given_at = datetime(2026, 3, 29, 3, 30, 0, 123456, tzinfo=timezone(timedelta(hours=2)))
    found = back(values, at=given_at).at
    assert found == given_at
    assert found.tzinfo is UTC


def test_a_naive_time_is_refused(values: Database) -> None:
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        back(values, at=datetime(2026, 3, 29, 3, 30))  # noqa: DTZ001  # the fault under test


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=JSON)
def test_json_comes_back_as_it_was(values: Database, value: Json) -> None:
    assert back(values, json=value).json == value


def test_json_that_is_text_already_is_kept_as_it_is(values: Database) -> None:
    assert back(values, json=JsonReady('{"a":["1","2"]}')).json == {"a": ["1", "2"]}
    assert back(values, json='{"a":["1","2"]}').json == '{"a":["1","2"]}', "a text is a value"
