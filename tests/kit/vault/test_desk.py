"""The desk's chores: nothing is written where nothing is due."""

from pathlib import Path

from comity.kit.database.unit import Database, Unit
from tests.kit.desks import desk_for


def test_a_chore_writes_only_where_something_is_due(database: Database, tmp_path: Path) -> None:
    desk = desk_for(database, tmp_path)
    seen: list[bool] = []

    def work(unit: Unit) -> None:
        seen.append(unit.writes)

    desk.chore("probe.chore", lambda _: [], work)
    assert seen == []
    desk.chore("probe.chore", lambda unit: not unit.writes, work)
    assert seen == [True]
