"""Fixtures of the journeys: the prepared federation, made once by each worker, and copies of it that run."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest

from tests.journeys.federation import Federation, Scene, copied, prepare

_MADE: Final[list[Scene]] = []


def made_once(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The scene of this process; the faults are shown on it, too."""
    if not _MADE:
        _MADE.append(prepare(tmp_path_factory.mktemp("scene")))
    return _MADE[0]


@pytest.fixture(scope="session")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Three states with people, law, databases and cases; never started itself."""
    return made_once(tmp_path_factory)


@pytest.fixture
def federation(scene: Scene, tmp_path: Path) -> Iterator[Callable[..., Federation]]:
    """`federation("XA", "XB")`: a running copy of these nodes of the scene."""
    with ExitStack() as stack:

        def start(*codes: str) -> Federation:
            made = stack.enter_context(copied(scene, tmp_path, codes))
            made.start()
            return made

        yield start
