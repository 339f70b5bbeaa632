"""From a question to a name: hit, blind verdicts, confirmation, core data request, judge, approver, identity."""

import pytest

from comity.base.errors import Conflict, NotAllowed
from comity.search import service
from comity.search.service import Ruling
from tests.search.world import ACCOUNT, World

GRANTED = Ruling(True, "BJ 2026/41", "proportionate")


def test_from_hit_to_identity(two: World) -> None:
    query = two.authorised()
    two.b.release(query)
    two.post()
    assert two.a.where(query) == two.b.where(query) == ("core_released", "hit")
    opened = two.a.open(query)
    assert opened["reference"] == "TRAINING-PLANTED-SOURCE"
    for agency, kinds in (
        (two.a, ["asked", "answered", "judged", "core_requested", "status", "status", "core_received", "opened"]),
        (two.b, ["received", "answered", "judged_abroad", "core_asked", "authorised", "released"]),
    ):
        logged = [kind for kind in agency.logged() if kind.startswith("search.")]
        assert logged == [f"search.{kind}" for kind in kinds]
