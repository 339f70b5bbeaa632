"""Fixtures of the faults: the same prepared federation as that of the journeys."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.world import World, behind
from tests.journeys.conftest import made_once
from tests.journeys.federation import Scene


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Three states with people, law, databases and cases; never started itself."""
    return made_once(tmp_path_factory)


@pytest.fixture
def world(scene: Scene, tmp_path: Path) -> Iterator[Callable[..., World]]:
    """`world("XA", "XB")`: running copies of these nodes, each reached over a line that the test can spoil."""
    with ExitStack() as stack:
        yield lambda *codes, **how: stack.enter_context(behind(scene, tmp_path, codes, **how))
