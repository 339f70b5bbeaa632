"""An export with the real rooms behind it: a case by its reference, opened under its own key while that is there."""

import json
from pathlib import Path

import sqlalchemy as sa

from comity.app.wiring import upstairs
from comity.cases import service as cases
from comity.cases import store
from comity.cases.model import NewCase
from comity.kit.codec.zips import read_stored_zip
from comity.kit.database.unit import Database
from comity.log import service as log
from comity.log.model import Choice, Record
from tests.log.court import examined
from tests.log.test_export import Signed
from tests.people import enrol

TITLE = "Planted title"


def exported(database: Database, reference: str) -> bytes:
    above = upstairs()
    with database.read("test.gather") as unit:
        choice = Choice("why", case=above.find_case(unit, reference), fields=("payload", "subject"))
        draft = log.gather(unit, choice, above)
    with database.unit("test.export") as unit:
        act = log.export(unit, Signed(), choice, draft)
    with database.read("test.export") as unit:
        return log.complete(unit, draft, act)


def test_a_case_leaves_as_a_whole_and_a_destroyed_one_sealed(database: Database, tmp_path: Path) -> None:
    with database.unit("test.case") as unit:
        officer = enrol(unit, "officer-1", "officer")
        case = cases.open_case(unit, officer, NewCase("XA-2026/17", TITLE, "homicide"))
        cases.open_case(unit, officer, NewCase("XA-2026/18", "Another", "fraud"))
        log.append(unit, Record("message.sent", officer.actor, None, {"digest": "00"}, case=case.id, peer="XB"))
        cases.show(unit, officer, case.id)
    data = exported(database, "xa-2026/17")
    files = read_stored_zip(data)
    kinds = [
        json.loads(files[name])["type"] for name in files if name.startswith("entries/") and name.endswith("/entry")
    ]
    assert sorted(kinds) == ["case.opened", "case.shown", "message.sent"]
    assert TITLE.encode() in data
    assert examined(tmp_path / "open", data)[0] == 2
    with database.unit("test.destroy") as unit:
        unit.connection.execute(sa.delete(store.case_key).where(store.case_key.c.case_id == case.id))
    sealed = exported(database, case.id)
    code, told = examined(tmp_path / "sealed", sealed)
    assert (code, told["false"]) == (2, [])
    assert TITLE.encode() not in sealed
    assert sum("is sealed under a key" in line for line in told["only_claimed"]) == 4
