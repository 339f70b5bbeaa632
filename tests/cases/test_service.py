"""Case files on both databases: need to know, sealed text, wrapped keys."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound, Tampered
from comity.base.model import Actor, Issuer
from comity.cases import service, store
from comity.cases.model import Case, NewCase
from comity.kit.database.schema import metadata
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from tests.people import enrol

NEW = NewCase("XA-2026/17", "Planted title", "homicide")


def opened(unit: Unit, new: NewCase = NEW) -> tuple[Case, Issuer]:
    officer = enrol(unit, "officer-1", "officer", of="homicide-squad")
    return service.open_case(unit, officer, new), officer


def test_a_case_is_opened_and_found_by_id_and_reference(database: Database) -> None:
    with database.unit("probe.case") as unit:
        case, officer = opened(unit)
        assert (case.unit, case.members, case.state) == ("homicide-squad", ("officer-1",), "open")
        assert case.opened_at == unit.now
    with database.read("probe.case") as unit:
        for name in (case.id, "XA-2026/17", "xa-2026/17"):
            assert service.require(unit, officer.actor, name) == case
        assert service.list_cases(unit, officer.actor) == [case]


def test_a_reading_is_logged(database: Database) -> None:
    with database.unit("probe.case") as unit:
        case, officer = opened(unit)
        assert service.show(unit, officer, "XA-2026/17") == case
    with database.read("probe.case") as unit:
        assert [entry.type for entry in log.entries(unit)][-1] == "case.shown"


def test_a_reference_is_used_once(database: Database) -> None:
    with database.unit("probe.case") as unit:
        _, officer = opened(unit)
        with pytest.raises(Conflict), unit.act():
            service.open_case(unit, officer, NewCase("xa-2026/17", "Another", "fraud"))


def test_only_those_who_handle_cases_open_one(database: Database) -> None:
    with database.unit("probe.case") as unit:
        judge = enrol(unit, "judge-1", "judge")
        with pytest.raises(NotAllowed), unit.act():
            service.open_case(unit, judge, NEW)


def test_a_case_is_read_by_its_members_and_nobody_else(database: Database) -> None:
    with database.unit("probe.case") as unit:
        case, officer = opened(unit)
        other = enrol(unit, "officer-2", "officer")
        for stranger in (other.actor, Actor.system("XA")):
            with pytest.raises(NotAllowed):
                service.require(unit, stranger, case.id)
        assert service.list_cases(unit, other.actor) == []
        with pytest.raises(NotAllowed):
            service.add_member(unit, other, case.id, "officer-2")
        grown = service.add_member(unit, officer, "XA-2026/17", "officer-2")
        assert service.require(unit, other.actor, case.id) == grown
        assert grown.members == ("officer-1", "officer-2")
        with pytest.raises(Conflict):
            service.add_member(unit, other, case.id, "officer-1")
        with pytest.raises(NotFound):
            service.add_member(unit, officer, case.id, "nobody")
        enrol(unit, "operator-1", "operator")
        with pytest.raises(BadInput):
            service.add_member(unit, officer, case.id, "operator-1")


def test_an_unknown_case_is_not_found(database: Database) -> None:
    with database.read("probe.case") as unit:
        for call in (lambda: service.require(unit, Actor.system("XA"), "none"), lambda: service.data_key(unit, "none")):
            with pytest.raises(NotFound):
                call()


def test_a_data_key_stays_the_same_and_is_the_case_s_own(database: Database) -> None:
    with database.unit("probe.case") as unit:
        first, officer = opened(unit)
        second = service.open_case(unit, officer, NewCase("XA-2026/18", "Another", "fraud"))
        keys = [service.data_key(unit, case.id) for case in (first, second)]
    with database.read("probe.case") as unit:
        assert [service.data_key(unit, case.id) for case in (first, second)] == keys
        assert service.find_key(unit, keys[0].id) == keys[0]
        assert service.find_key(unit, "case:none") is service.find_key(unit, "log-openings") is None
    assert keys[0].secret != keys[1].secret


def test_each_act_is_logged_under_the_case_s_key(database: Database) -> None:
    with database.unit("probe.case") as unit:
        case, officer = opened(unit)
        enrol(unit, "officer-2", "officer")
        service.add_member(unit, officer, case.id, "officer-2")
    with database.read("probe.case") as unit:
        entries = {entry.type: entry for entry in log.entries(unit)}
        assert {"case.opened", "case.admitted"} <= set(entries)
        assert entries["case.opened"].clear["auth_hash"] is not None
        with pytest.raises(NotAllowed):
            log.read_opening(unit, entries["case.opened"].index, "payload")
        key = service.data_key(unit, case.id)
        assert log.read_opening(unit, entries["case.opened"].index, "payload", key).value == case.as_dict()
        assert log.verify(unit, service.find_key).ok


def test_a_dump_shows_neither_reference_nor_title(database: Database) -> None:
    with database.unit("probe.case") as unit:
        opened(unit)
    with database.read("probe.dump") as unit:
        dump = b"".join(_cells(unit, table) for table in metadata.sorted_tables)
    assert b"homicide-squad" in dump  # the dump is read as intended
    for planted in (b"XA-2026/17", b"Planted"):
        assert planted not in dump


def _cells(unit: Unit, table: sa.Table) -> bytes:
    rows = unit.connection.execute(sa.select(table)).all()
    return b"|".join(cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row)


def test_sealed_text_cannot_be_moved_to_another_column_or_case(database: Database) -> None:
    files = store.case_file
    with database.unit("probe.case") as unit:
        case, officer = opened(unit)
        unit.connection.execute(sa.update(files).values(title=files.c.reference))
        with pytest.raises(Tampered):
            service.require(unit, officer.actor, case.id)


def test_a_destroyed_key_closes_the_case_for_good(database: Database, tmp_path: Path) -> None:
    with database.unit("probe.case") as unit:
        case, officer = opened(unit)
        unit.connection.execute(sa.delete(store.case_key))
    with database.read("probe.case") as unit:
        with pytest.raises(NotFound) as caught:
            service.require(unit, officer.actor, case.id)
        assert caught.value.code == "cases.key-unknown"
        assert service.list_cases(unit, officer.actor) == []
