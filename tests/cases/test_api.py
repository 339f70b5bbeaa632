"""Cases over HTTP, on a real server."""

from pathlib import Path

from comity.app.wiring import check_offence
from comity.cases import api
from comity.kit.database.unit import Database
from tests.faces import desk_over, serving
from tests.people import enrol


def test_cases_over_http(database: Database, tmp_path: Path) -> None:
    desk = desk_over(database, tmp_path)
    with database.unit("probe.people") as unit:
        enrol(unit, "officer-1", "officer")
        enrol(unit, "officer-2", "officer")
    new = {"reference": "XA-1", "title": "Harbour", "offence": "XA-CC-101"}
    with serving(api.routes(lambda: desk, check_offence, lambda _desk: lambda _unit, _case: None)) as ask:
        unknown = ask("officer-1", "POST", "/cases", json=new | {"offence": "XA-CC-999"})
        assert (unknown.status_code, unknown.json()["code"]) == (400, "cases.offence-unknown")
        opened = ask("officer-1", "POST", "/cases", json=new)
        assert opened.status_code == 201
        path = f"/cases/{opened.json()['id']}"
        assert ask("officer-1", "GET", path).json() == opened.json()
        none = "/cases/019cad00-0000-7000-8000-000000000001"
        theirs, nowhere = (ask("officer-2", "GET", one) for one in (path, none))
        assert theirs.status_code == nowhere.status_code == 404
        assert theirs.json() == {
            name: text.replace(none[7:], path[7:]) if isinstance(text, str) else text
            for name, text in nowhere.json().items()
        }, "a case of others is answered as none"
        assert ask("officer-1", "POST", f"{path}/members", json={"person": "officer-2"}).status_code == 201
        assert ask("officer-2", "GET", path).status_code == 200
        assert len(ask("officer-2", "GET", "/cases").json()["cases"]) == 1
        assert ask("officer-1", "POST", "/cases", json=new).status_code == 409
