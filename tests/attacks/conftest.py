"""Fixtures of the attacks: a node's home with its command line, and a node under attack for each file."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.conftest import Line
from tests.attacks.victim import Victim, attacked
from tests.journeys.conftest import made_once
from tests.journeys.federation import Scene
from tests.people import PASSPHRASE


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Three states with people, law, databases and cases; never started itself."""
    return made_once(tmp_path_factory)


@pytest.fixture(scope="module")
def victim(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Victim]:
    """XB, running, and its hostile partner XA; one for each file."""
    with attacked(scene, tmp_path_factory.mktemp("victim")) as made:
        yield made


@pytest.fixture
def line(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Line:
    """The command line over a home that is still to be made."""
    monkeypatch.setenv("COMITY_PASSPHRASE", PASSPHRASE)
    monkeypatch.delenv("COMITY_HOME", raising=False)
    return Line(tmp_path / "home", capsys)


@pytest.fixture
def furnished(line: Line, scene: Scene) -> Line:
    """The command line over a copy of XA's home: people, a case, profiles, law, and a log of all that."""
    shutil.copytree(scene.home("XA"), line.home)
    return line
