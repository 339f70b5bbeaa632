"""The room's tables: profiles with their exact alleles, their packed form and, sealed, the person; a change count; and
the populations whose frequencies statistics are made with. Terms with partners: `partners`; rules: `rulesets`; figures
of the database: `summaries`; the elimination database and flags: `screening`.

A profile is never altered. A corrected one comes in as its next version and retires the one before, which stays for
whoever asks what was searched at the time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from comity.base.model import Json
from comity.dna.model import Alleles, FrequencyFile, Loci, Population, Profile
from comity.dna.store import partners as partners
from comity.dna.store import rulesets as rulesets
from comity.dna.store import screening as screening
from comity.dna.store import summaries as summaries
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

dna_population: Final = sa.Table(
    "dna_population",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("source", sa.String(500), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("frequencies", JsonText, nullable=False),
    sa.Column("samples", JsonText, nullable=False),
)

_CHUNK: Final = 500
_NAMES: Final = ("id", "number", "specimen", "version", "category", "kit", "alleles")
_PUBLIC: Final = [dna_profile.c[name] for name in _NAMES]
_profile_rows, _change_rows, _population_rows = Rows(dna_profile), Rows(dna_change), Rows(dna_population)


@dataclass(frozen=True)
class NewProfile:
    """A profile to be stored: the public part, its packed form, and the sealed person if there is one."""

    profile: Profile
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
    _profile_rows.add_all(unit, [_row(new, unit.now, source) for new in profiles])


class _Genotypes(dict[tuple[str, Alleles], str]):
    """By locus and alleles, their text in JSON. Forgotten when there are too many."""

    def __missing__(self, genotype: tuple[str, Alleles]) -> str:
        """Made once."""
        if len(self) >= _MOST_KNOWN:
            self.clear()
        found = self[genotype] = f"{json.dumps(genotype[0])}:{json.dumps(genotype[1], separators=(',', ':'))}"
        return found


_MOST_KNOWN: Final = 200_000
_GENOTYPES: Final = _Genotypes()


def _as_text(loci: Loci) -> JsonReady:
    """The text of `JsonText` for alleles, put together from texts that are known."""
    return JsonReady("{" + ",".join([_GENOTYPES[genotype] for genotype in sorted(loci.items())]) + "}")


def _row(new: NewProfile, now: datetime, source: str) -> dict[str, object]:
    held = new.profile
    return {
        "id": held.id, "number": held.number, "specimen": held.specimen, "version": held.version, "active": True,
        "category": held.category, "kit": held.kit, "at": now, "alleles": _as_text(held.loci), "packed": new.packed,
        "loci": len(held.loci), "source": source, "identity": new.identity,
        "likeness": new.likeness,
    }  # fmt: skip


def held(unit: Unit, specimens: Sequence[str]) -> dict[str, Profile]:
    """The active profiles of these specimens, by specimen."""
    found = {}
    for start in range(0, len(specimens), _CHUNK):
        wanted = dna_profile.c.specimen.in_(specimens[start : start + _CHUNK])
        query = sa.select(*_PUBLIC).where(wanted, dna_profile.c.active)
        found.update({p.specimen: p for p in _profiles(unit, query)})
    return found


def alike(unit: Unit, likenesses: Sequence[int]) -> dict[int, tuple[str, str, bytes]]:
    """Of each likeness the oldest active profile: id, specimen, packed form."""
    found: dict[int, tuple[str, str, bytes]] = {}
    columns = (dna_profile.c.likeness, dna_profile.c.id, dna_profile.c.specimen, dna_profile.c.packed)
    for start in range(0, len(likenesses), _CHUNK):
        wanted = dna_profile.c.likeness.in_(likenesses[start : start + _CHUNK])
        query = sa.select(*columns).where(wanted, dna_profile.c.active).order_by(dna_profile.c.seq.desc())
        found.update({
            row.likeness: (row.id, row.specimen, bytes(row.packed)) for row in unit.connection.execute(query)
        })  # fmt: skip
    return found


def versions(unit: Unit, specimens: Sequence[str]) -> dict[str, int]:
    """The last version, retired or not, of those of the specimens that there ever was one of."""
    found: dict[str, int] = {}
    for start in range(0, len(specimens), _CHUNK):
        wanted = dna_profile.c.specimen.in_(specimens[start : start + _CHUNK])
        query = sa.select(dna_profile.c.specimen, sa.func.max(dna_profile.c.version)).where(wanted)
        found.update({row[0]: row[1] for row in unit.connection.execute(query.group_by(dna_profile.c.specimen))})
    return found


def versions_of(unit: Unit, specimen: str) -> list[Profile]:
    """Every version of a specimen, the earliest first."""
    query = sa.select(*_PUBLIC).where(dna_profile.c.specimen == specimen).order_by(dna_profile.c.version)
    return list(_profiles(unit, query))


def latest(unit: Unit, most: int) -> list[str]:
    """The specimens of the active profiles that came last, the newest first."""
    chosen = sa.select(dna_profile.c.specimen).where(dna_profile.c.active).order_by(dna_profile.c.seq.desc())
    return list(unit.connection.execute(chosen.limit(most)).scalars())


def retire(unit: Unit, ids: Sequence[str]) -> None:
    """Take profiles out of every further search; they stay readable."""
    for start in range(0, len(ids), _CHUNK):
        chosen = dna_profile.c.id.in_(ids[start : start + _CHUNK])
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
    row = _profile_rows.first(unit, {"id": id}, _NAMES)
    return _profile(row._asdict()) if row else None


def of_specimen(unit: Unit, specimen: str) -> Profile | None:
    """The active profile of this specimen."""
    row = _profile_rows.first(unit, {"specimen": specimen, "active": True}, _NAMES)
    return _profile(row._asdict()) if row else None


def page(unit: Unit, after: str, limit: int) -> list[Profile]:
    """Up to `limit` active profiles in the order in which they came, behind the id `after` (empty: from the start)."""
    query = sa.select(*_PUBLIC).where(dna_profile.c.active).order_by(dna_profile.c.seq).limit(limit)
    if after:
        place = sa.select(dna_profile.c.seq).where(dna_profile.c.id == after).scalar_subquery()
        query = query.where(dna_profile.c.seq > place)
    return list(_profiles(unit, query))


def chosen(unit: Unit, categories: Sequence[str], specimens: Sequence[str]) -> Iterator[Profile]:
    """The active profiles of these categories (of any, if none is named) and of these specimens (likewise), in the
    order in which they came; in the order of the specimens' portions where specimens are named."""
    for start in range(0, max(1, len(specimens)), _CHUNK):
        query = sa.select(*_PUBLIC).where(dna_profile.c.active).order_by(dna_profile.c.seq)
        if specimens:
            query = query.where(dna_profile.c.specimen.in_(specimens[start : start + _CHUNK]))
        if categories:
            query = query.where(dna_profile.c.category.in_(categories))
        with unit.connection.execute(query) as rows:
            for portion in rows.partitions(2_000):
                yield from (_profile(row._asdict()) for row in portion)


def count(unit: Unit) -> int:
    """Number of active profiles."""
    query = sa.select(sa.func.count()).select_from(dna_profile).where(dna_profile.c.active)
    return int(unit.connection.execute(query).scalar_one())


def sampled(unit: Unit, most: int) -> list[bytes]:
    """The packed forms of at most so many active profiles, evenly spread over the table."""
    last = unit.connection.execute(sa.select(sa.func.max(dna_profile.c.seq))).scalar() or 0
    seqs = sorted({1 + place * last // most for place in range(most)} if last > most else range(1, last + 1))
    found: list[bytes] = []
    for start in range(0, len(seqs), _CHUNK):
        chosen = dna_profile.c.seq.in_(seqs[start : start + _CHUNK])
        query = sa.select(dna_profile.c.packed).where(chosen, dna_profile.c.active)
        found += [bytes(row.packed) for row in unit.connection.execute(query)]
    return found


def packed_after(unit: Unit, seq: int) -> Iterator[Sequence[tuple[int, bytes]]]:
    """Row numbers and packed forms of the active profiles behind row `seq`, in portions."""
    query = (
        sa.select(dna_profile.c.seq, dna_profile.c.packed)
        .where(dna_profile.c.active, dna_profile.c.seq > seq)
        .order_by(dna_profile.c.seq)
    )
    with unit.connection.execute(query) as rows:
        for portion in rows.partitions(10_000):
            yield [(row.seq, bytes(row.packed)) for row in portion]


def id_of(unit: Unit, seq: int) -> str:
    """The id of the profile of a row; empty where there is none."""
    found = unit.connection.execute(sa.select(dna_profile.c.id).where(dna_profile.c.seq == seq)).scalar()
    return str(found or "")


def seq_of(unit: Unit, id: str) -> int:
    """The row of the profile with this id; 0 where there is none."""
    return int(unit.connection.execute(sa.select(dna_profile.c.seq).where(dna_profile.c.id == id)).scalar() or 0)


def last_seq(unit: Unit) -> int:
    """The row of the profile that came last, retired or not; 0 where none ever came."""
    return int(unit.connection.execute(sa.select(sa.func.max(dna_profile.c.seq))).scalar() or 0)


def count_between(unit: Unit, first: int, last: int) -> int:
    """Number of active profiles behind row `first`, up to row `last`."""
    query = sa.select(sa.func.count()).select_from(dna_profile)
    here = dna_profile.c.active, dna_profile.c.seq > first, dna_profile.c.seq <= last
    return int(unit.connection.execute(query.where(*here)).scalar_one())


def retired(unit: Unit) -> list[int]:
    """Row numbers of all profiles that were ever retired, rising."""
    query = sa.select(dna_profile.c.seq).where(~dna_profile.c.active).order_by(dna_profile.c.seq)
    return list(unit.connection.execute(query).scalars())


def retired_among(unit: Unit, seqs: Sequence[int]) -> set[int]:
    """Those of the rows whose profiles are retired."""
    found: set[int] = set()
    for start in range(0, len(seqs), _CHUNK):
        chosen = dna_profile.c.seq.in_(seqs[start : start + _CHUNK])
        found.update(
            unit.connection.execute(sa.select(dna_profile.c.seq).where(chosen, ~dna_profile.c.active)).scalars()
        )
    return found


def by_seq(unit: Unit, seqs: Sequence[int]) -> dict[int, Profile]:
    """The profiles of these rows."""
    found: dict[int, Profile] = {}
    if len(seqs) == 1:  # a search mostly finds one profile or none
        row = _profile_rows.first(unit, {"seq": seqs[0]}, _NAMES)
        return found if row is None else {seqs[0]: _profile(row._asdict())}
    for start in range(0, len(seqs), _CHUNK):
        query = sa.select(dna_profile.c.seq, *_PUBLIC).where(dna_profile.c.seq.in_(seqs[start : start + _CHUNK]))
        found.update({row.seq: _profile(row._asdict()) for row in unit.connection.execute(query)})
    return found


def identity(unit: Unit, number: str) -> tuple[str, bytes | None] | None:
    """Id and sealed person of the profile that partners see as `number`; None where there is no such profile."""
    query = sa.select(dna_profile.c.id, dna_profile.c.identity).where(dna_profile.c.number == number)
    row = unit.connection.execute(query).one_or_none()
    return None if row is None else (row.id, bytes(row.identity) if row.identity is not None else None)


def add_population(unit: Unit, made: Population) -> None:
    """Keep a table of frequencies."""
    row = {"name": made.name, "source": made.source, "sha256": made.sha256, "at": made.at}
    texts = {locus: dict(found) for locus, found in made.file.frequencies.items()}
    _population_rows.add(unit, row | {"frequencies": texts, "samples": dict(made.file.samples)})


def populations(unit: Unit, **which: str) -> list[Population]:
    """The tables of frequencies with these values of columns (all, where none is named), by name."""
    return [_population(row._asdict()) for row in _population_rows.all(unit, which, order=("name",))]


def _population(row: Mapping[str, Any]) -> Population:
    texts = {locus: dict(found) for locus, found in row["frequencies"].items()}
    file = FrequencyFile(texts, {locus: int(count) for locus, count in row["samples"].items()})
    return Population(row["name"], row["source"], row["sha256"], row["at"], file)


def _profiles(unit: Unit, query: sa.Select[*tuple[object, ...]]) -> Iterator[Profile]:
    return (_profile(row._asdict()) for row in unit.connection.execute(query))


def _profile(row: Mapping[str, Any]) -> Profile:
    return Profile(
        id=row["id"], specimen=row["specimen"], category=row["category"], loci=_loci(row["alleles"]), kit=row["kit"],
        version=row["version"], number=row["number"],
    )  # fmt: skip


def _loci(stored: Json) -> Loci:
    table: Mapping[str, Json] = stored if isinstance(stored, dict) else {}
    return {name: _alleles(value) for name, value in table.items()}


def _alleles(value: Json) -> Alleles:
    return tuple(str(text) for text in value) if isinstance(value, list) else ()
