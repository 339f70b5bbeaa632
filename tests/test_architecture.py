"""The house rules that import-linter cannot say; run by `make check` beside `lint-imports`.

1. A room reads nothing of another room but its `service` and its `model`.
2. A room's `__init__` imports nothing (it holds only the room's story).
3. The folders, the storeys and the containers name the same rooms.
4. Only `legal.service` makes a `Permit`.
"""

import ast
import tomllib
from pathlib import Path

import grimp

REPOSITORY = Path(__file__).resolve().parents[1]
HOUSE = REPOSITORY / "src" / "comity"
FLOORS = {"base", "kit", "app", "client"}  # no rooms: free of the files contract
DOORS = {"service", "model"}
WIRED = DOORS | {"api", "pages", "cli", "jobs", "store"}  # what app may open (store: its tables, for migrations)


def _graph() -> grimp.ImportGraph:
    return grimp.build_graph("comity", cache_dir=None)


def _contracts() -> dict[str, dict[str, list[str]]]:
    text = (REPOSITORY / "pyproject.toml").read_text(encoding="utf-8")
    return {c["id"]: c for c in tomllib.loads(text)["tool"]["importlinter"]["contracts"]}


def test_rooms_enter_each_other_by_the_door() -> None:
    graph = _graph()
    strangers = []
    for here in graph.modules:
        for there in graph.find_modules_directly_imported_by(here):
            room, other = here.split(".")[1:2], there.split(".")[1:2]
            if room == other or not room or not other or other[0] in FLOORS:
                continue
            doors = WIRED if room == ["app"] else DOORS
            if not set(there.split(".")[2:3]) & doors:
                strangers.append((here, there))
    assert strangers == []


def test_a_rooms_init_imports_nothing() -> None:
    graph = _graph()
    rooms = {"comity"} | {f"comity.{folder.name}" for folder in HOUSE.iterdir() if folder.is_dir()}
    assert {
        r: graph.find_modules_directly_imported_by(r)
        for r in rooms & graph.modules
        if graph.find_modules_directly_imported_by(r)
    } == {}


def test_folders_storeys_and_containers_agree() -> None:
    contracts = _contracts()
    folders = {p.parent.name for p in HOUSE.glob("*/__init__.py")}
    storeys = {name.strip(" ()") for line in contracts["storeys"]["layers"] for name in line.split("|")}
    contained = {name.removeprefix("comity.") for name in contracts["files"]["containers"]}
    assert folders <= storeys
    assert contained == folders - FLOORS


def test_only_legal_makes_permits() -> None:
    makers = {
        path.relative_to(HOUSE).as_posix()
        for path in HOUSE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Permit"
    }
    assert makers <= {"legal/service/permits.py"}
