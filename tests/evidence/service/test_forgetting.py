"""A case with evidence is erased: not while a package is on its way, and then with every content."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from comity.access import service as access
from comity.app.wiring import find_key, forget_case, log_refusal
from comity.base.errors import Conflict, NotFound
from comity.cases import service as cases
from comity.evidence import rules, service, store
from comity.evidence.service import common
from comity.kit.database.unit import Database
from comity.kit.vault.desk import Desk
from comity.log import service as log
from tests.evidence.service.agencies import Agency, World, world

WHY = "the time of retention has ended"


@pytest.fixture
def met(make_database: Callable[[str], Database], tmp_path: Path) -> Iterator[World]:
    with world(make_database, tmp_path) as made:
        yield made


def erase(agency: Agency, folder: Path) -> None:
    """Both people's acts in one unit: refused, nothing of them stays."""
    desk = Desk(agency.database.node, folder, agency.database, agency.vault, access.enter, log_refusal)
    with agency.database.unit("test.erase") as unit, unit.act():
        cases.request_erasure(unit, agency.people["officer"], agency.case, WHY)
        cases.erase(unit, agency.people["approver"], agency.case, WHY, forget_case(desk))


def contents(agency: Agency, tmp_path: Path) -> int:
    return len([path for path in (tmp_path / agency.database.node).glob("??/*") if path.is_file()])


def test_no_case_is_erased_while_its_package_is_on_its_way(met: World, tmp_path: Path) -> None:
    _, release = met.offered()
    for agency in (met.a, met.b):
        with pytest.raises(Conflict) as refused:
            erase(agency, tmp_path)
        assert (refused.value.code, refused.value.where) == ("evidence.under-way", release.id)
    met.a.accept(release.id)
    met.post()
    assert contents(met.a, tmp_path) and contents(met.b, tmp_path)
    for agency in (met.a, met.b):
        erase(agency, tmp_path)
        assert contents(agency, tmp_path) == 0
        with agency.database.read("test") as unit:
            assert log.verify(unit, find_key).ok
            with pytest.raises(NotFound):
                cases.data_key(unit, agency.case)


def test_what_was_refused_stands_in_nobodys_way(met: World, tmp_path: Path) -> None:
    _, release = met.offered()
    met.a.refuse(release.id)
    met.post()
    erase(met.b, tmp_path)
    assert contents(met.b, tmp_path) == 0


def ends(agency: Agency) -> list[tuple[str, str, str]]:
    """The last event of every chain: what, by whom, why."""
    with agency.database.read("test") as unit:
        items = list(unit.connection.scalars(sa.select(store.item_table.c.id)))
        chains = [common.sound_chain(unit, item) for item in items]
    return [(chain[-1].event.type, chain[-1].event.agency, chain[-1].event.purpose) for chain in chains]


def test_the_chain_of_an_erased_exhibit_ends_with_its_destruction(met: World, tmp_path: Path) -> None:
    _, release = met.offered()
    met.a.accept(release.id)
    met.post()
    erase(met.b, tmp_path)
    assert ends(met.b) == [("accepted", "XA", ends(met.a)[0][2])], "custody is XA's: only a copy was destroyed"
    erase(met.a, tmp_path)
    assert ends(met.a) == [("destroyed", "XA", "destroyed with its case")]
    with met.a.database.read("test") as unit:
        item = str(unit.connection.scalar(sa.select(store.item_table.c.id)))
        told = service.progress(unit, item)
        (entry,) = log.entries(unit, kind="evidence.destroyed")
        payload = log.read_opening(unit, entry.index, "payload", unit.keys.data_key("evidence")).value
        (head,) = (rules.head_of(common.sound_chain(unit, item)),)
    assert (told["stage"], told["custody"]) == ("destroyed", "XA")
    assert payload == {"custody": [head.as_dict()], "broken": [], "why": "destroyed with its case"}


def test_a_broken_chain_hinders_no_erasure_and_is_named(met: World, tmp_path: Path) -> None:
    _, release = met.offered()
    met.a.refuse(release.id)
    met.post()
    with met.b.database.unit("test.damage") as unit:
        item = str(unit.connection.scalar(sa.select(store.item_table.c.id)))
        unit.connection.execute(sa.delete(store.custody_table).where(store.custody_table.c.seq == 0))
    erase(met.b, tmp_path)
    assert contents(met.b, tmp_path) == 0
    with met.b.database.read("test") as unit:
        (entry,) = log.entries(unit, kind="evidence.destroyed")
        payload = log.read_opening(unit, entry.index, "payload", unit.keys.data_key("evidence")).value
    assert isinstance(payload, dict) and (payload["custody"], payload["broken"]) == ([], [item])
