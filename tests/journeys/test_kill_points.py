"""`kill -9` at every commit, before and after it, and at every HTTP step of the main job, on both sides.

The story is told once without interruption. Then once for each point: the node's process is killed there and started
again, persons repeat the command that was not answered, and in the end both nodes have what the uninterrupted telling
left (`pictures` says what a retry may add), with every log whole and extending all that partners have seen of it.
"""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.journeys.federation import Federation, Scene, copied
from tests.journeys.pictures import check_sound, differences, picture, sweep_strays
from tests.journeys.process import Kill
from tests.journeys.story import Story, rest

pytestmark = pytest.mark.journey

WHEN: Final = ("before", "after")
COMMITS: Final = {
    "XA": {
        "search.ask": 1, "search.confirm": 1, "search.request": 1, "search.open": 1,
        "evidence.request": 1, "evidence.accept": 1, "exchange.receive": 8, "exchange.handle": 8,
        "exchange.delivered": 5, "exchange.receipt": 6, "exchange.receipted": 9,
    },
    "XB": {
        "search.confirm": 1, "search.authorise": 1, "search.release": 1, "evidence.take-in": 1,
        "evidence.offer": 1, "evidence.release": 1, "exchange.receive": 5, "exchange.handle": 5,
        "exchange.delivered": 8, "exchange.receipt": 9, "exchange.receipted": 6,
    },
}  # fmt: skip
"""How often each kind of transaction commits at each node."""
CLOCKWORK: Final = {"XA": ("exchange.verified", "exchange.cosigned"), "XB": ("exchange.witness",)}
"""Transactions of the logs' monitor: once at the start, where XA is the second to come up, then with every minute."""
MONITOR: Final = frozenset(name for names in CLOCKWORK.values() for name in names)
SENT: Final = {
    "XA": {
        "search.query": 1, "search.confirmation": 1, "search.core_request": 1, "evidence.request": 1,
        "evidence.acceptance": 1, "receipt": 9,
    },
    "XB": {
        "search.answer": 1, "search.confirmation": 1, "search.status": 2, "search.core_data": 1, "evidence.package": 1,
        "evidence.key": 1, "evidence.countersigned": 1, "receipt": 6,
    },
}  # fmt: skip
"""How often each node posts what; the other one responds to it and, but for receipts, handles it."""


def passed(code: str) -> dict[str, int]:
    """Every point that a node passes in the story, and how often."""
    other = "XB" if code == "XA" else "XA"
    points = {f"{name}:{when}-commit": n for name, n in COMMITS[code].items() for when in WHEN}
    points |= {f"send:{when}:{type}": n for type, n in SENT[code].items() for when in WHEN}
    points |= {f"response:{when}:{type}": n for type, n in SENT[other].items() for when in WHEN}
    return points | {f"exchange.handle:{type}": n for type, n in SENT[other].items() if type != "receipt"}


def kills() -> list[Any]:
    """A kill at each point; at one that is passed several times, in the middle of the story."""
    monitor = [(code, f"{name}:{when}-commit") for code in CLOCKWORK for name in CLOCKWORK[code] for when in WHEN]
    story = [(code, label, (n + 1) // 2) for code in ("XA", "XB") for label, n in sorted(passed(code).items())]
    points = [*story, *((code, label, 1) for code, label in monitor)]
    return [pytest.param(code, Kill(label, turn), id=f"{code}-{label}") for code, label, turn in points]


@dataclass(frozen=True)
class Told:
    """The uninterrupted telling: what each node has in the end, and the points that it passed."""

    pictures: dict[str, dict[str, Any]]
    points: dict[str, list[str]]


@pytest.fixture(scope="module")
def told(scene: Scene, tmp_path_factory: pytest.TempPathFactory) -> Told:
    with copied(scene, tmp_path_factory.mktemp("told"), ("XA", "XB")) as federation:
        federation.start()
        Story(federation).tell()
        rest(federation)
        pictures = _pictures(federation)
        for node in federation.nodes.values():
            node.stop()
        return Told(pictures, {code: node.points for code, node in federation.nodes.items()})


def _pictures(federation: Federation) -> dict[str, dict[str, Any]]:
    return {code: picture(node) for code, node in federation.nodes.items()}


@pytest.mark.parametrize("code", ["XA", "XB"])
def test_the_story_passes_exactly_these_points(told: Told, code: str) -> None:
    of_the_story = [p for p in told.points[code] if p.partition(":")[0] not in MONITOR]
    counted = Counter(p for p in of_the_story if not p.startswith("response") or "." in p or "receipt" in p)
    assert counted == passed(code)


@pytest.mark.parametrize(("code", "kill"), kills())
def test_killed_there_and_started_again(scene: Scene, told: Told, tmp_path: Path, code: str, kill: Kill) -> None:
    with copied(scene, tmp_path, ("XA", "XB")) as federation:
        federation.start({code: kill})
        Story(federation).tell()
        federation.bell.until(
            lambda: federation[code].deaths and federation[code].up.is_set(), f"{code} died and is up"
        )
        rest(federation)
        check_sound(federation)
        for node in federation.nodes.values():
            assert differences(picture(node), told.pictures[node.code]) == {}
            sweep_strays(node)
