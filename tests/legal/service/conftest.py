"""Two agencies for tests of agreements."""

from collections.abc import Callable

import pytest

from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from tests.legal.agreements import Pair, office


@pytest.fixture
def pair(make_database: Callable[[str], Database], keyring: Callable[[str], KeyRing]) -> Pair:
    """XA and XB, with a lawyer each."""
    return office(make_database("XA"), keyring), office(make_database("XB"), keyring)
