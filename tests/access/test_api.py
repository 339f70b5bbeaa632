"""People over HTTP, on a real server."""

from pathlib import Path

from comity.access import api
from comity.kit.database.unit import Database
from tests.faces import desk_over, serving
from tests.people import enrol


def test_people_over_http(database: Database, tmp_path: Path) -> None:
    desk = desk_over(database, tmp_path)
    with database.unit("probe.people") as unit:
        enrol(unit, "officer-1", "officer")
        enrol(unit, "examiner-1", "examiner")
    new = {"id": "judge-1", "unit": "court", "roles": ["judge"], "passphrase": "long enough to keep"}
    with serving(api.routes(lambda: desk)) as ask:
        assert ask("admin-1", "POST", "/people", json=new).status_code == 201
        assert ask("admin-1", "POST", "/people", json=new).json()["code"] == "access.person-exists"
        assert ask("officer-1", "POST", "/people", json=new | {"id": "judge-2"}).status_code == 403
        assert ask("nobody", "GET", "/people").json()["code"] == "access.passphrase"
        assert ask("admin-1", "POST", "/people", json={"id": "x"}).status_code == 400
        asked = {"until": "2028-12-31"}
        assert ask("admin-1", "POST", "/people/judge-1/qualify", json=asked).json()["code"] == "access.no-examiner"
        assert (
            ask("admin-1", "POST", "/people/examiner-1/qualify", json=asked).json()["qualified_until"] == "2028-12-31"
        )
        assert not ask("admin-1", "POST", "/people/judge-1/deactivate").json()["active"]
        listed = ask("officer-1", "GET", "/people").json()["people"]
    assert [person["id"] for person in listed] == ["admin-1", "examiner-1", "judge-1", "officer-1"]
