"""Fixtures for every test: throwaway databases on both engines, keys, a fixed clock, and the shared data folder.

Options: `--databases sqlite,postgresql` (default: both), `--data FOLDER` (default: ../shared/data; tests that use the
fixture `data` are deselected where it is missing, and the summary says how many), `--require-data` (fail instead).
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

from comity.base.clock import system_clock
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from tests import postgres
from tests.clock import FixedClock
from tests.schema import build_schema
from tests.softhsm import SoftHsm, SoftToken

REPOSITORY = Path(__file__).resolve().parents[1]
ENGINES = ("sqlite", "postgresql")
CARETAKER = pytest.StashKey[postgres.Caretaker]()
CLUSTER = pytest.StashKey[postgres.Cluster]()
DESELECTED = pytest.StashKey[dict[str, int]]()
"""How many tests were not run here: in all, and for want of the data folder."""
settings.register_profile("comity", deadline=None)  # a slow moment of a busy machine is no finding
settings.load_profile("comity")


# --- options -------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("comity")
    group.addoption("--databases", default=",".join(ENGINES), help="engines to test on, comma-separated")
    group.addoption("--data", type=Path, default=REPOSITORY.parent / "shared" / "data", help="folder of test data")
    group.addoption("--require-data", action="store_true", help="fail, not deselect, where the data folder is missing")


def _engines(config: pytest.Config) -> list[str]:
    return [name for name in str(config.getoption("--databases")).split(",") if name]


def _data(config: pytest.Config) -> Path:
    return Path(config.getoption("--data")).resolve()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[DESELECTED] = {"all": 0, "data": 0}
    if config.pluginmanager.has_plugin("xdist"):
        config.pluginmanager.register(Workers())
    if unknown := set(_engines(config)) - set(ENGINES):
        raise pytest.UsageError(f"--databases knows {', '.join(ENGINES)}, not {', '.join(sorted(unknown))}")
    if config.getoption("--require-data") and not _data(config).is_dir():
        raise pytest.UsageError(f"--require-data: there is no folder {_data(config)}; name it with --data FOLDER")
    if "postgresql" in _engines(config) and postgres.binaries() is None:
        raise pytest.UsageError(
            f"PostgreSQL {postgres.OLDEST} or newer is needed: {postgres.APT}; or run with --databases sqlite"
        )


# --- the run: its PostgreSQL cluster, its workers, and what it left out --------------------------------------------


def pytest_sessionstart(session: pytest.Session) -> None:
    config = session.config
    if told := getattr(config, "workerinput", None):
        config.stash[CLUSTER] = postgres.Cluster(Path(told["cluster"]))
    elif "postgresql" in _engines(config):
        config.stash[CARETAKER] = postgres.Caretaker()
        config.stash[CLUSTER] = postgres.Cluster(config.stash[CARETAKER].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    if CARETAKER in config.stash:
        config.stash[CARETAKER].close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    missing = [] if _data(config).is_dir() else [i for i in items if "data" in getattr(i, "fixturenames", ())]
    if missing:
        config.stash[DESELECTED]["data"] = len(missing)
        items[:] = [item for item in items if item not in set(missing)]
        config.hook.pytest_deselected(items=missing)


class Workers:
    """What the controller of a run with xdist tells its workers, and what they tell it back."""

    def pytest_configure_node(self, node: Any) -> None:
        cluster = node.config.stash.get(CLUSTER, None)
        node.workerinput["cluster"] = str(cluster.folder) if cluster else ""

    def pytest_testnodedown(self, node: Any) -> None:
        told = getattr(node, "workeroutput", {}).get("deselected")
        reporter = node.config.pluginmanager.get_plugin("terminalreporter")
        if told and reporter:  # each worker collects the same tests: the last one's numbers are the run's
            node.config.stash[DESELECTED] = told
            reporter.stats["deselected"] = [SimpleNamespace() for _ in range(told["all"])]


def pytest_deselected(items: list[pytest.Item]) -> None:
    if items:
        items[0].config.stash[DESELECTED]["all"] += len(items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["deselected"] = session.config.stash[DESELECTED]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := config.stash[DESELECTED]["data"]:
        terminalreporter.write_line(
            f"{count} deselected: they need the data folder, and there is no {_data(config)} (option --data)"
        )


# --- fixtures ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def data(pytestconfig: pytest.Config) -> Path:
    """The shared data folder; a test that asks for it is deselected where there is none."""
    return _data(pytestconfig)


@pytest.fixture
def clock() -> FixedClock:
    """A clock of the test's own, standing at 2026-03-02T09:30:00Z until advanced."""
    return FixedClock()


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], KeyRing]:
    """`keyring("XB")`: the keys of the node XB, made once a session, by the real clock: TLS compares dates with it."""
    made: dict[str, KeyRing] = {}

    def of(node: str) -> KeyRing:
        if node not in made:
            made[node] = KeyRing.create(tmp_path_factory.mktemp(f"keys-{node}"), node, system_clock)
        return made[node]

    return of


@pytest.fixture(scope="session")
def keys(keyring: Callable[[str], KeyRing]) -> KeyRing:
    """The keys of the node XA."""
    return keyring("XA")


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> SoftHsm:
    """Where tokens are made; tests that ask for it have the mark `softhsm`."""
    return SoftHsm(tmp_path_factory.mktemp("softhsm"))


@pytest.fixture
def token(softhsm: SoftHsm) -> SoftToken:
    """A fresh token of this test's own."""
    return softhsm.make()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", _engines(metafunc.config), scope="session")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the whole schema and no rows, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    build_schema(f"sqlite:///{path}")
    return path


@pytest.fixture
def database_url(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """`database_url("XB")`: the URL of an empty migrated database of this test's own; another one for each call."""
    with ExitStack() as stack:
        if engine == "sqlite":
            template: Path = request.getfixturevalue("sqlite_template")
            yield lambda name: f"sqlite:///{shutil.copy(template, tmp_path / f'{name}.sqlite')}"
        else:
            cluster = request.config.stash[CLUSTER]
            cluster.ensure(build_schema)
            yield lambda name: stack.enter_context(cluster.clone())


@pytest.fixture
def make_database(
    database_url: Callable[[str], str], keyring: Callable[[str], KeyRing], clock: FixedClock
) -> Iterator[Callable[[str], Database]]:
    """`make_database("XB")`: the open, empty database of the node XB, on this test's clock."""
    with ExitStack() as stack:

        def make(node: str) -> Database:
            database = Database(database_url(node), node=node, keys=keyring(node), clock=clock)
            stack.callback(database.dispose)
            return database

        yield make


@pytest.fixture
def database(make_database: Callable[[str], Database]) -> Database:
    """The open, empty database of the node XA; the test runs once on each engine."""
    return make_database("XA")
