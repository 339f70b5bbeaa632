"""The two agencies of most tests, and the three of those that need Corvia."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clock import FixedClock
from tests.search.world import Make, World, world


@pytest.fixture
def two(make_database: Make, clock: FixedClock, tmp_path: Path) -> Iterator[World]:
    """Arvenia and Brevania."""
    with world(make_database, clock, tmp_path) as made:
        yield made


@pytest.fixture
def three(make_database: Make, clock: FixedClock, tmp_path: Path) -> Iterator[World]:
    """Arvenia, Brevania and Corvia."""
    with world(make_database, clock, tmp_path, ("XA", "XB", "XC")) as made:
        yield made


@pytest.fixture
def corvia(make_database: Make, clock: FixedClock, tmp_path: Path) -> Iterator[World]:
    """Arvenia and Corvia, in November 2026, when Corvia's newer declaration holds."""
    clock.advance(265 * 24 * 3600)
    with world(make_database, clock, tmp_path, ("XA", "XC")) as made:
        yield made
