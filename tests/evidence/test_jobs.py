"""The clock of offers ends them while the node runs."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from comity.evidence import jobs, store
from comity.kit.database.unit import Database
from tests.clock import FixedClock
from tests.evidence.service.agencies import world
from tests.faces import desk_over


def test_an_offer_lapses_by_itself(make_database: Callable[[str], Database], tmp_path: Path, clock: FixedClock) -> None:
    with world(make_database, tmp_path) as met:
        _, release = met.offered()
        clock.advance(31 * 86_400)
        desk = replace(desk_over(met.b.database, tmp_path), vault=met.b.vault)
        met.b.database.wait_for_change(0)
        with jobs.running(desk, every=0.01):
            met.b.database.wait_for_change(10)
        with met.b.database.read("test") as unit:
            assert store.find_release(unit, release.id).state == "lapsed"
