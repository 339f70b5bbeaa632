"""Time stamps: an authority on a port of this machine, honest and not, near and away."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from comity.base.errors import ComityError, Misconfigured
from comity.base.model import Actor
from comity.exchange import cli, jobs, service
from comity.exchange import model as nouns
from comity.exchange.service import Station
from comity.kit.codec.zips import read_stored_zip
from comity.kit.database.unit import Database
from comity.log import service as log
from comity.log.model import Choice, Record
from tests.clock import FixedClock
from tests.exchange.authority import Authority, authority, issue
from tests.exchange.federation import CLOSED, FAST
from tests.faces import Line
from tests.log.court import examined

AUDITOR = Actor("XA", "auditor-1", "unit-b", frozenset({"auditor"}))


class Signed:
    """An act of an auditor, as access hands it in."""

    actor = AUDITOR
    auth_hash = "ab" * 32


@dataclass
class Scene:
    """XA, with an authority that it trusts."""

    station: Station
    authority: Authority
    clock: FixedClock

    def grow(self) -> None:
        with self.station.database.unit("test.grow") as unit:
            log.append(unit, Record("test.grown", Actor.system(unit.node), None, None))

    @property
    def stamps(self) -> list[nouns.Stamp]:
        with self.station.database.read("test") as unit:
            return service.stamped(unit)

    @property
    def standing(self) -> nouns.Stamping:
        with self.station.database.read("test") as unit:
            return service.stamping(unit, self.station.authority)

    def trusting(self, **changes: Any) -> Station:
        assert self.station.authority is not None
        return replace(self.station, authority=replace(self.station.authority, **changes))


@pytest.fixture
def scene(make_database: Callable[[str], Database], clock: FixedClock, tmp_path: Path) -> Iterator[Scene]:
    with authority(clock) as made:
        trust = tmp_path / "authority.pem"
        trust.write_bytes(made.root.pem)
        asked = nouns.Authority(made.url, str(trust), seconds=5.0)
        scene = Scene(Station(make_database("XA"), pace=FAST, authority=asked), made, clock)
        scene.grow()
        yield scene


def test_a_token_is_verified_kept_and_logged(scene: Scene) -> None:
    assert service.stamp_due(scene.station) is None
    (stamp,) = scene.stamps
    assert (stamp.size, stamp.stamped_at, stamp.skew) == (1, scene.clock(), 0)
    with scene.station.database.read("test") as unit:
        (entry,) = log.entries(unit, kind="log.stamped")
        payload: Any = log.read_opening(unit, entry.index, "payload").value
    assert payload["authority"] == scene.authority.url


def test_it_is_asked_once_a_day_and_only_when_the_log_grew(scene: Scene) -> None:
    for hours, grows, asked in ((0, False, 1), (1, True, 1), (23, False, 2), (24, False, 2), (24, True, 3)):
        scene.clock.advance(hours * 3600)
        if grows:
            scene.grow()
        assert service.stamp_due(scene.station) is None
        assert scene.authority.asked == asked, (hours, grows)
    assert [stamp.size for stamp in scene.stamps] == [5, 3, 1]
    assert not scene.standing.grown


def test_at_once_also_without_news(scene: Scene) -> None:
    service.stamp_now(scene.station)
    service.stamp_now(scene.station)
    assert [stamp.size for stamp in scene.stamps] == [2, 1]


def test_an_authority_that_is_away_is_asked_again_later_and_later(scene: Scene) -> None:
    away = scene.trusting(url=CLOSED.replace("https", "http"))
    error = service.stamp_due(away)
    assert error is not None and error.code == "exchange.post"
    assert service.stamp_due(away) is None, "not before its time"
    pauses = []
    for _ in range(12):
        standing = scene.standing
        assert standing.next_at is not None and standing.reason
        pauses.append((standing.next_at - scene.clock()).total_seconds())
        scene.clock.advance(pauses[-1])
        assert service.stamp_due(away) is not None
    assert pauses == [60.0 * 2**n for n in range(9)] + [21600.0] * 3
    scene.clock.advance(21600)
    assert service.stamp_due(scene.station) is None
    assert (scene.standing.failures, scene.standing.next_at, len(scene.stamps)) == (0, None, 1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"nonce": 4711}, "crypto.timestamp"),
        ({"imprint": True}, "crypto.timestamp"),
        ({"signature": True}, "crypto.timestamp"),
        ({"status": 2}, "crypto.timestamp"),
        ({"raw": b"no DER"}, "crypto.timestamp"),
        ({"raw": b"\x30\x82\xff\xff"}, "crypto.timestamp"),
        ({"raw": b"x" * 70_000}, "exchange.post"),
        ({"http": 503}, "exchange.stamp"),
        ({"http": 302}, "exchange.stamp"),
    ],
)
def test_what_does_not_hold_is_not_kept(scene: Scene, change: dict[str, Any], code: str) -> None:
    scene.authority.change = change
    error = service.stamp_due(scene.station)
    assert error is not None and error.code == code
    assert scene.stamps == [] and scene.standing.failures == 1
    scene.authority.change = {}
    scene.clock.advance(60)
    assert service.stamp_due(scene.station) is None
    assert len(scene.stamps) == 1


def test_a_slow_answer_is_cut_off(scene: Scene) -> None:
    scene.authority.change = {"drip": True}
    error = service.stamp_due(scene.trusting(seconds=0.3))
    assert error is not None and "not within 0.3 seconds" in error.what


def test_expired_foreign_and_unfit_certificates_do_not_count(scene: Scene) -> None:
    root, now = scene.authority.root, scene.clock()
    stranger = issue("Root of another time", now - timedelta(days=9))
    for signer in (
        issue("Expired", now - timedelta(days=9), root, days=8), issue("Early", now + timedelta(days=1), root),
        issue("Foreign", now - timedelta(days=1), stranger), issue("Unfit", now - timedelta(days=1), root, usage=False),
    ):  # fmt: skip
        scene.authority.signer = signer
        with pytest.raises(ComityError) as caught:
            service.stamp_now(scene.station)
        assert caught.value.code == "crypto.timestamp", signer.certificate.subject
    assert scene.stamps == []


def test_the_policy_is_the_one_that_was_set(scene: Scene) -> None:
    service.stamp_now(scene.trusting(policy="1.2.3.4"))
    with pytest.raises(ComityError, match="Policy"):
        service.stamp_now(scene.trusting(policy="1.2.3.5"))


def test_a_clock_that_is_wrong_shows(scene: Scene) -> None:
    scene.authority.clock = FixedClock(scene.clock() - timedelta(minutes=10))
    service.stamp_now(scene.station)
    assert scene.stamps[0].skew == 600
    scene.clock.advance(-86_400 * 30)
    scene.grow()
    assert service.stamp_due(scene.station) is None
    assert len(scene.stamps) == 2, "a stamp of the future holds nothing up"


def test_without_an_authority_or_its_certificates(scene: Scene, tmp_path: Path) -> None:
    nobody = replace(scene.station, authority=None)
    assert service.stamp_due(nobody) is None
    with pytest.raises(Misconfigured, match="No time-stamping authority"):
        service.stamp_now(nobody)
    (tmp_path / "empty.pem").write_bytes(b"")
    for name in ("absent.pem", "empty.pem"):
        error = service.stamp_due(scene.trusting(trust=str(tmp_path / name)))
        assert error is not None and error.code == "exchange.stamp-trust"
        scene.clock.advance(3600)


def test_the_command(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    line = Line("log", cli.timestamps_command(lambda: scene.station), capsys)
    assert line.ask("log", "timestamps")["timestamps"] == []
    assert "No time stamp yet" in line.run("log", "timestamps")[1]
    (told,) = line.ask("log", "timestamps", "--now")["timestamps"]
    assert (told["size"], told["skew_s"], told["authority"]) == (1, 0, scene.authority.url)
    assert scene.authority.url in line.run("log", "timestamps")[1]
    scene.authority.change = {"http": 500}
    code, _, told = line.run("log", "timestamps", "--now")
    assert code == 5 and "answered 500" in told
    assert "NO ANSWER THAT COUNTS in 1 tries" in line.run("log", "timestamps")[1]


def test_an_export_holds_the_first_and_the_newest_and_one_over_itself(scene: Scene, tmp_path: Path) -> None:
    for _ in range(3):
        service.stamp_now(scene.station)
    database = scene.station.database
    above = log.Upstairs(stamps=service.stamps_over)
    with database.read("test.gather") as unit:
        choice = Choice("why", entries=("1",))
        draft = log.gather(unit, choice, above)
    with database.unit("test.export") as unit:
        act = log.export(unit, Signed(), choice, draft)
    with database.read("test.export") as unit:
        token = service.ask_stamp(scene.station, log.checkpoint(unit)).token
        data, key = log.complete(unit, draft, act, token=token), log.verifier(unit).format()
        names = read_stored_zip(data)
    assert [name for name in names if name.endswith(".tsr")] == [
        "heads/1/timestamp.tsr", "heads/2/timestamp.tsr", "timestamp.tsr",
    ]  # fmt: skip
    assert draft.heads == (2, 3)
    code, told = examined(tmp_path, data, "--key", key)
    assert (code, told["false"]) == (0, [])
    assert sum("An authority stamped exactly" in line for line in told["only_claimed"]) == 3


def test_a_running_node_asks_by_itself(scene: Scene) -> None:
    with jobs.running(scene.station):
        while not scene.stamps:
            assert scene.station.database.wait_for_change(30), "the monitor looks at its start"
    assert scene.authority.asked == 1
