"""The table of profiles: taking them in, retiring them, and finding them by names.

A profile is never altered. A corrected one comes in as its next version and retires the one before, which stays for
whoever asks what was searched at the time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import sqlalchemy as sa

from comity.base.model import Json
from comity.dna.kernel import Genotype, Genotypes
from comity.dna.model import Alleles, Loci, Profile
from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonReady, JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit

dna_profile: Final = sa.Table(
    "dna_profile",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("number", sa.String(32), nullable=False, unique=True),
    sa.Column("specimen", sa.String(128), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("category", sa.String(128), nullable=False),
    sa.Column("kit", sa.String(128)),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("alleles", JsonText, nullable=False),
    sa.Column("packed", sa.LargeBinary, nullable=False),
    sa.Column("loci", sa.Integer, nullable=False),
    sa.Column("source", sa.String(64), nullable=False),
    sa.Column("identity", sa.LargeBinary),
    sa.Column("likeness", sa.BigInteger),
    sa.UniqueConstraint("specimen", "version"),
    sqlite_autoincrement=True,
)

sa.Index(
    "dna_profile_retired", dna_profile.c.seq, sqlite_where=sa.text("active = 0"), postgresql_where=sa.text("NOT active")
)

sa.Index(
    "dna_profile_likeness", dna_profile.c.likeness,
    sqlite_where=sa.text("likeness IS NOT NULL"), postgresql_where=sa.text("likeness IS NOT NULL"),
)  # fmt: skip

dna_change: Final = sa.Table(
    "dna_change",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("changes", sa.Integer, nullable=False),
    sa.Column("retired", sa.Integer, nullable=False),
)

CHUNK: Final = 500
"""Rows of which one statement asks at most."""
_WANTED: Final[sa.BindParameter[Any]] = sa.bindparam("wanted", expanding=True)
NAMES: Final = ("id", "number", "specimen", "version", "category", "kit", "alleles")
"""The columns that a `Profile` is made of."""
PUBLIC: Final = [dna_profile.c[name] for name in NAMES]
_HELD: Final = sa.select(*PUBLIC).where(dna_profile.c.specimen.in_(_WANTED), dna_profile.c.active)
_ALIKE: Final = (
    sa.select(*(dna_profile.c[name] for name in ("likeness", "id", "specimen", "packed")))
    .where(dna_profile.c.likeness.in_(_WANTED), dna_profile.c.active)
    .order_by(dna_profile.c.seq.desc())
)
PROFILE_ROWS: Final = Rows(dna_profile)
_change_rows: Final = Rows(dna_change)


@dataclass(frozen=True)
class NewProfile:
    """A profile to be stored: the public part, its packed form, and the sealed person if there is one."""

    profile: Profile
    alleles: str
    """What `texts` makes of its loci."""
    packed: bytes
    identity: bytes | None = field(repr=False)
    likeness: int | None = None
    """The same for the same alleles; None for a profile of so few loci that many have the same."""


@dataclass(frozen=True)
class Changes:
    """How often the table was changed, and how many profiles were ever retired. Both only grow."""

    changes: int
    retired: int


def add(unit: Unit, profiles: Sequence[NewProfile], source: str) -> None:
    """Store profiles of the file with the SHA-256 `source`, one statement for all."""
    if profiles:
        same: dict[str, object] = {"active": True, "at": unit.now, "source": source}
        PROFILE_ROWS.add_columns(unit, _columns(profiles), same)


def texts(profiles: Genotypes) -> list[JsonReady]:
    """The alleles of each as their column keeps them, put together from texts that are known."""
    known = [_GENOTYPES[genotype] for genotype in profiles.kinds]
    parts = [*map(known.__getitem__, profiles.numbers.tolist())]
    ends = np.cumsum(profiles.sizes).tolist()
    return [JsonReady(f"{{{','.join(parts[a:b])}}}") for a, b in zip([0, *ends], ends, strict=False)]


class _Genotypes(dict[Genotype, str]):
    """By locus and alleles, their text in JSON. Forgotten when there are too many."""

    def __missing__(self, genotype: Genotype) -> str:
        """Made once."""
        if len(self) >= _MOST_KNOWN:
            self.clear()
        found = self[genotype] = f"{json.dumps(genotype[0])}:{json.dumps(genotype[1], separators=(',', ':'))}"
        return found


_MOST_KNOWN: Final = 200_000
_GENOTYPES: Final = _Genotypes()


def _columns(profiles: Sequence[NewProfile]) -> dict[str, list[object]]:
    public = [new.profile for new in profiles]
    return {
        "id": [held.id for held in public], "number": [held.number for held in public],
        "specimen": [held.specimen for held in public], "version": [held.version for held in public],
        "category": [held.category for held in public], "kit": [held.kit for held in public],
        "alleles": [new.alleles for new in profiles], "packed": [new.packed for new in profiles],
        "loci": [len(held.loci) for held in public], "identity": [new.identity for new in profiles],
        "likeness": [new.likeness for new in profiles],
    }  # fmt: skip


def held(unit: Unit, specimens: Sequence[str]) -> dict[str, Profile]:
    """The active profiles of these specimens, by specimen."""
    found = {}
    for start in range(0, len(specimens), CHUNK):
        rows = unit.connection.execute(_HELD, {"wanted": specimens[start : start + CHUNK]})
        found.update({row.specimen: profile_of(row._asdict()) for row in rows})
    return found


def alike(unit: Unit, likenesses: Sequence[int]) -> dict[int, tuple[str, str, bytes]]:
    """Of each likeness the oldest active profile: id, specimen, packed form."""
    found: dict[int, tuple[str, str, bytes]] = {}
    for start in range(0, len(likenesses), CHUNK):
        rows = unit.connection.execute(_ALIKE, {"wanted": likenesses[start : start + CHUNK]})
        found.update({row.likeness: (row.id, row.specimen, bytes(row.packed)) for row in rows})
    return found


def versions(unit: Unit, specimens: Sequence[str]) -> dict[str, int]:
    """The last version, retired or not, of those of the specimens that there ever was one of."""
    found: dict[str, int] = {}
    for start in range(0, len(specimens), CHUNK):
        wanted = dna_profile.c.specimen.in_(specimens[start : start + CHUNK])
        query = sa.select(dna_profile.c.specimen, sa.func.max(dna_profile.c.version)).where(wanted)
        found.update({row[0]: row[1] for row in unit.connection.execute(query.group_by(dna_profile.c.specimen))})
    return found


def versions_of(unit: Unit, specimen: str) -> list[Profile]:
    """Every version of a specimen, the earliest first."""
    query = sa.select(*PUBLIC).where(dna_profile.c.specimen == specimen).order_by(dna_profile.c.version)
    return list(profiles_of(unit, query))


def latest(unit: Unit, most: int) -> list[str]:
    """The specimens of the active profiles that came last, the newest first."""
    chosen = sa.select(dna_profile.c.specimen).where(dna_profile.c.active).order_by(dna_profile.c.seq.desc())
    return list(unit.connection.execute(chosen.limit(most)).scalars())


def retire(unit: Unit, ids: Sequence[str]) -> None:
    """Take profiles out of every further search; they stay readable."""
    for start in range(0, len(ids), CHUNK):
        chosen = dna_profile.c.id.in_(ids[start : start + CHUNK])
        unit.connection.execute(dna_profile.update().where(chosen).values(active=False))


def count_change(unit: Unit, retired: int) -> None:
    """Note that the table has changed, and how many profiles were retired by it."""
    before = changes(unit)
    values = {"changes": before.changes + 1, "retired": before.retired + retired}
    if before.changes:
        unit.connection.execute(dna_change.update().values(**values))
    else:
        unit.connection.execute(dna_change.insert().values(id=1, **values))


def changes(unit: Unit) -> Changes:
    """The present count of changes; one row read, whatever the size of the table."""
    row = _change_rows.first(unit, {"id": 1})
    return Changes(row.changes, row.retired) if row else Changes(0, 0)


def by_id(unit: Unit, id: str) -> Profile | None:
    """The profile with this id, retired or not."""
    row = PROFILE_ROWS.first(unit, {"id": id}, NAMES)
    return profile_of(row._asdict()) if row else None


def of_specimen(unit: Unit, specimen: str) -> Profile | None:
    """The active profile of this specimen."""
    row = PROFILE_ROWS.first(unit, {"specimen": specimen, "active": True}, NAMES)
    return profile_of(row._asdict()) if row else None


def page(unit: Unit, after: str, limit: int) -> list[Profile]:
    """Up to `limit` active profiles in the order in which they came, behind the id `after` (empty: from the start)."""
    query = sa.select(*PUBLIC).where(dna_profile.c.active).order_by(dna_profile.c.seq).limit(limit)
    if after:
        place = sa.select(dna_profile.c.seq).where(dna_profile.c.id == after).scalar_subquery()
        query = query.where(dna_profile.c.seq > place)
    return list(profiles_of(unit, query))


def chosen(unit: Unit, categories: Sequence[str], specimens: Sequence[str]) -> Iterator[Profile]:
    """The active profiles of these categories (of any, if none is named) and of these specimens (likewise), in the
    order in which they came; in the order of the specimens' portions where specimens are named."""
    for start in range(0, max(1, len(specimens)), CHUNK):
        query = sa.select(*PUBLIC).where(dna_profile.c.active).order_by(dna_profile.c.seq)
        if specimens:
            query = query.where(dna_profile.c.specimen.in_(specimens[start : start + CHUNK]))
        if categories:
            query = query.where(dna_profile.c.category.in_(categories))
        with unit.connection.execute(query) as rows:
            for portion in rows.partitions(2_000):
                yield from (profile_of(row._asdict()) for row in portion)


def identity(unit: Unit, number: str) -> tuple[str, bytes | None] | None:
    """Id and sealed person of the profile that partners see as `number`; None where there is no such profile."""
    query = sa.select(dna_profile.c.id, dna_profile.c.identity).where(dna_profile.c.number == number)
    row = unit.connection.execute(query).one_or_none()
    return None if row is None else (row.id, bytes(row.identity) if row.identity is not None else None)


def profiles_of(unit: Unit, query: sa.Select[*tuple[object, ...]]) -> Iterator[Profile]:
    return (profile_of(row._asdict()) for row in unit.connection.execute(query))


def profile_of(row: Mapping[str, Any]) -> Profile:
    return Profile(
        id=row["id"], specimen=row["specimen"], category=row["category"], loci=_loci(row["alleles"]), kit=row["kit"],
        version=row["version"], number=row["number"],
    )  # fmt: skip


def _loci(stored: Json) -> Loci:
    table: Mapping[str, Json] = stored if isinstance(stored, dict) else {}
    return {name: _alleles(value) for name, value in table.items()}


def _alleles(value: Json) -> Alleles:
    return tuple(str(text) for text in value) if isinstance(value, list) else ()
