"""Erasing a case: asked for by a member, carried out by an approver of another unit, for good and on the record."""

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.base.model import Issuer
from comity.cases import service
from comity.cases.model import NewCase
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from comity.log.store import opening_table
from tests.people import enrol

NEW = NewCase("XA-2026/17", "Planted title", "homicide")
WHY = "the time of retention has ended"


def forget(_unit: Unit, _case: str) -> None:
    """No other room keeps anything here."""


def opened(unit: Unit) -> tuple[str, Issuer, Issuer]:
    """A case, its officer and an approver of another unit."""
    officer = enrol(unit, "officer-1", "officer", of="homicide-squad")
    approver = enrol(unit, "approver-1", "approver", of="contact-point")
    return service.open_case(unit, officer, NEW).id, officer, approver


def requested(unit: Unit) -> tuple[str, Issuer, Issuer]:
    case, officer, approver = opened(unit)
    assert service.request_erasure(unit, officer, case, WHY).state == "erasure_asked"
    return case, officer, approver


def left(unit: Unit, case: str) -> int:
    """Values behind log entries that are still there under the case's key."""
    query = sa.select(opening_table).where(opening_table.c.key_id == f"case:{case}")
    rows = unit.connection.execute(query).mappings().all()
    return sum(row[name] is not None for row in rows for name in ("actor", "subject", "case_ref", "payload"))


def test_an_erased_case_is_gone_and_the_log_says_so(database: Database) -> None:
    with database.unit("test.open") as unit:
        case, officer, approver = opened(unit)
    with database.unit("test.request") as unit:
        (opening,) = (entry.index for entry in log.entries(unit) if entry.type == "case.opened")
        service.request_erasure(unit, officer, case, WHY)
    with database.unit("test.erase") as unit:
        assert left(unit, case) == 4
        entry = service.erase(unit, approver, case, WHY, forget)
    with database.read("test.look") as unit:
        assert left(unit, case) == 0
        assert service.list_cases(unit, officer.actor) == []
        with pytest.raises(NotFound) as gone:
            service.require(unit, officer.actor, case)
        assert gone.value.code == "cases.key-unknown"
        with pytest.raises(NotFound) as never:
            service.require(unit, approver.actor, case)
        assert never.value.code == "cases.unknown"
        report = log.verify(unit, service.find_key)
        assert report.ok and report.erased == 4
        said = log.read_opening(unit, entry, "subject").value
        assert isinstance(said, dict) and said["entries"] == [opening]
        assert [e.type for e in log.entries(unit)][-3:] == [
            "case.erasure-requested", "case.erasure-confirmed", "erasure.done",
        ]  # fmt: skip
        for index in (entry, entry - 1, entry - 2):
            assert WHY in str(log.read_opening(unit, index, "payload").value)


def test_its_reference_may_be_given_again(database: Database) -> None:
    with database.unit("test.erase") as unit:
        case, officer, approver = requested(unit)
        service.erase(unit, approver, case, WHY, forget)
        with pytest.raises(NotFound):
            service.require(unit, officer.actor, NEW.reference)
        assert service.open_case(unit, officer, NEW).id != case


def test_nothing_is_gone_before_an_approver_of_another_unit_has_confirmed(database: Database) -> None:
    with database.unit("test.erase") as unit:
        case, officer, _ = requested(unit)
        assert service.require(unit, officer.actor, case).title == "Planted title"
        both = enrol(unit, "both-1", "officer", "approver", of="homicide-squad")
        for person, error, code in (
            (officer, NotAllowed, "access.role"), (both, Conflict, "access.four-eyes"),
        ):  # fmt: skip
            with pytest.raises(error) as refused, unit.act():
                service.erase(unit, person, case, WHY, forget)
            assert refused.value.code == code
        assert service.require(unit, officer.actor, case).title == "Planted title"


def test_whoever_asked_cannot_confirm(database: Database) -> None:
    with database.unit("test.erase") as unit:
        both = enrol(unit, "both-1", "officer", "approver", of="homicide-squad")
        case = service.open_case(unit, both, NEW).id
        service.request_erasure(unit, both, case, WHY)
        with pytest.raises(Conflict) as refused:
            service.erase(unit, both, case, WHY, forget)
        assert refused.value.code == "access.four-eyes"


def test_only_a_member_asks_and_only_once(database: Database) -> None:
    with database.unit("test.erase") as unit:
        case, officer, _ = opened(unit)
        stranger = enrol(unit, "officer-2", "officer")
        with pytest.raises(NotAllowed), unit.act():
            service.request_erasure(unit, stranger, case, WHY)
        service.request_erasure(unit, officer, case, WHY)
        with pytest.raises(Conflict) as twice:
            service.request_erasure(unit, officer, case, WHY)
        assert twice.value.code == "cases.erasure-requested"


def test_what_nobody_asked_for_or_is_done_already_is_not_erased(database: Database) -> None:
    with database.unit("test.erase") as unit:
        case, officer, approver = opened(unit)
        with pytest.raises(Conflict) as early, unit.act():
            service.erase(unit, approver, case, WHY, forget)
        assert early.value.code == "cases.erasure-not-requested"
        service.request_erasure(unit, officer, case, WHY)
        service.erase(unit, approver, case, WHY, forget)
        with pytest.raises(Conflict) as late, unit.act():
            service.erase(unit, approver, case, WHY, forget)
        assert late.value.code == "cases.erased"


@pytest.mark.parametrize("reason", ["", " ", "x" * 201])
def test_an_erasure_has_a_reason(database: Database, reason: str) -> None:
    with database.unit("test.erase") as unit:
        case, officer, approver = opened(unit)
        with pytest.raises(BadInput), unit.act():
            service.request_erasure(unit, officer, case, reason)
        service.request_erasure(unit, officer, case, WHY)
        with pytest.raises(BadInput), unit.act():
            service.erase(unit, approver, case, reason, forget)


def test_a_room_that_cannot_forget_leaves_everything(database: Database) -> None:
    def fails(_unit: Unit, _case: str) -> None:
        raise Conflict("test.fails", "not now", todo="")

    with database.unit("test.open") as unit:
        case, officer, approver = requested(unit)
    with pytest.raises(Conflict), database.unit("test.erase") as unit:
        service.erase(unit, approver, case, WHY, fails)
    with database.read("test.look") as unit:
        assert service.require(unit, officer.actor, case).state == "erasure_asked"
