"""Taking in: two hashes, one case, nothing half-done when the details or the disk are bad."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput, Conflict, NotAllowed, Unavailable
from comity.evidence import store
from comity.evidence.model.package import Acquisition, Details, Digest
from comity.evidence.service import common, taking
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database
from tests.evidence.service.agencies import DETAILS, REPORT, World, world


@pytest.fixture
def met(make_database: Callable[[str], Database], tmp_path: Path) -> Iterator[World]:
    with world(make_database, tmp_path) as made:
        yield made


def test_hashes_custody_and_sealed_record(met: World) -> None:
    kept = met.b.take_in()
    assert kept.item.container == kept.item.media == Digest(sha256(REPORT).hex(), len(REPORT))
    assert (kept.standing, kept.origin, kept.item.exhibit) == ("held", "XB", "XB-1")
    with met.b.database.read("test") as unit:
        links = common.sound_chain(unit, kept.item.id)
        assert [link.event.type for link in links] == ["collected", "sealed"]
        assert links[0].event.claimed == "2026-03-02T08:05:00Z"
        assert b"laboratory of Brevania" not in store.item_row(unit, kept.item.id).sealed
        assert taking.items(unit, met.b.people["officer"], met.b.case) == [kept]


def test_an_image_has_a_media_hash_of_its_own(met: World) -> None:
    media = Digest("11" * 32, 10_000_000)
    kept = met.b.take_in(b"EVF...", replace(DETAILS, kind="disk_image", container_kind="ewf", media=media))
    assert kept.item.media == media
    assert kept.item.container.sha256 == sha256(b"EVF...").hex()


@pytest.mark.parametrize(
    "details",
    [
        replace(DETAILS, kind=""),
        replace(DETAILS, source=""),
        replace(DETAILS, container_kind="zip"),
        replace(DETAILS, sensitivity="secret"),
        replace(DETAILS, exhibit="x" * 65),
        replace(DETAILS, media=Digest("00" * 32, 3)),
        replace(DETAILS, acquisition=Acquisition("export", end="2026-03-02T08:05:00")),
        replace(DETAILS, acquisition=Acquisition("export", start="2026-03-02T09:00:00Z", end="2026-03-02T08:00:00Z")),
    ],
)
def test_details_that_cannot_be(met: World, details: Details) -> None:
    with pytest.raises(BadInput):
        met.b.take_in(REPORT, details)
    with met.b.database.read("test") as unit:
        assert unit.connection.scalar(sa.select(sa.func.count()).select_from(store.item_table)) == 0


def test_the_same_bytes_or_exhibit_twice(met: World) -> None:
    met.b.take_in(REPORT, replace(DETAILS, exhibit="B-1"))
    with pytest.raises(Conflict) as caught:
        met.b.take_in()
    assert caught.value.code == "evidence.known"
    with pytest.raises(Conflict) as caught:
        met.b.take_in(b"other", replace(DETAILS, exhibit="B-1"))
    assert caught.value.code == "evidence.exhibit-taken"


def test_a_stranger_takes_nothing_in(met: World) -> None:
    with met.b.database.unit("test") as unit, pytest.raises(NotAllowed):
        taking.take_in(unit, met.b.vault, met.b.people["stranger"], (met.b.case, [b"x"]), DETAILS)


def test_a_large_file_is_staged_outside_the_transaction(met: World) -> None:
    officer = met.b.people["officer"]
    pieces = (bytes([number]) * 700_000 for number in range(5))
    staged = taking.stage(met.b.database, met.b.vault, officer, met.b.case, pieces)
    with met.b.database.unit("test") as unit:
        kept = taking.take_in(unit, met.b.vault, officer, (met.b.case, staged), DETAILS)
    assert kept.item.container.size == 3_500_000


def test_a_source_that_fails_half_way_leaves_nothing(met: World, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield b"first half"
        raise OSError(5, "Input/output error")

    with pytest.raises((Unavailable, OSError)):
        taking.stage(met.b.database, met.b.vault, met.b.people["officer"], met.b.case, broken())
    assert not [path for path in (tmp_path / "XB").rglob("*") if path.is_file()]


def test_a_disk_that_cannot_be_written(met: World, tmp_path: Path) -> None:
    folder = tmp_path / "XB"
    folder.rmdir()
    folder.write_bytes(b"a file where the vault's folder should be")
    with pytest.raises(Unavailable):
        met.b.take_in()
    with met.b.database.read("test") as unit:
        assert unit.connection.scalar(sa.select(sa.func.count()).select_from(store.item_table)) == 0


def test_a_changed_chain_or_record_is_found(met: World) -> None:
    kept = met.b.take_in()
    with met.b.database.unit("test") as unit:
        line = store.lines(unit, kept.item.id)[1]
        changed = line.replace(b"custodian-1", b"custodian-9")
        unit.connection.execute(
            sa.update(store.custody_table).where(store.custody_table.c.seq == 0).values(line=changed)
        )
    with met.b.database.read("test") as unit, pytest.raises(Conflict) as caught:
        common.sound_chain(unit, kept.item.id)
    assert caught.value.code == "evidence.chain-broken"
