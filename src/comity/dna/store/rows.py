"""The profiles by the numbers of their rows, in which searches hold them: read in portions, counted, looked up."""

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from comity.dna.model import Profile
from comity.dna.store.profiles import CHUNK, NAMES, PROFILE_ROWS, PUBLIC, dna_profile, profile_of
from comity.kit.database.unit import Unit


def count(unit: Unit) -> int:
    """Number of active profiles."""
    query = sa.select(sa.func.count()).select_from(dna_profile).where(dna_profile.c.active)
    return int(unit.connection.execute(query).scalar_one())


def count_between(unit: Unit, first: int, last: int) -> int:
    """Number of active profiles behind row `first`, up to row `last`."""
    query = sa.select(sa.func.count()).select_from(dna_profile)
    here = dna_profile.c.active, dna_profile.c.seq > first, dna_profile.c.seq <= last
    return int(unit.connection.execute(query.where(*here)).scalar_one())


def sampled(unit: Unit, most: int) -> list[bytes]:
    """The packed forms of at most so many active profiles, evenly spread over the table."""
    last = unit.connection.execute(sa.select(sa.func.max(dna_profile.c.seq))).scalar() or 0
    seqs = sorted({1 + place * last // most for place in range(most)} if last > most else range(1, last + 1))
    found: list[bytes] = []
    for start in range(0, len(seqs), CHUNK):
        chosen = dna_profile.c.seq.in_(seqs[start : start + CHUNK])
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


def retired(unit: Unit) -> list[int]:
    """Row numbers of all profiles that were ever retired, rising."""
    query = sa.select(dna_profile.c.seq).where(~dna_profile.c.active).order_by(dna_profile.c.seq)
    return list(unit.connection.execute(query).scalars())


def retired_among(unit: Unit, seqs: Sequence[int]) -> set[int]:
    """Those of the rows whose profiles are retired."""
    found: set[int] = set()
    for start in range(0, len(seqs), CHUNK):
        chosen = dna_profile.c.seq.in_(seqs[start : start + CHUNK])
        found.update(
            unit.connection.execute(sa.select(dna_profile.c.seq).where(chosen, ~dna_profile.c.active)).scalars()
        )
    return found


def by_seq(unit: Unit, seqs: Sequence[int]) -> dict[int, Profile]:
    """The profiles of these rows."""
    found: dict[int, Profile] = {}
    if len(seqs) == 1:  # a search mostly finds one profile or none
        row = PROFILE_ROWS.first(unit, {"seq": seqs[0]}, NAMES)
        return found if row is None else {seqs[0]: profile_of(row._asdict())}
    for start in range(0, len(seqs), CHUNK):
        query = sa.select(dna_profile.c.seq, *PUBLIC).where(dna_profile.c.seq.in_(seqs[start : start + CHUNK]))
        found.update({row.seq: profile_of(row._asdict()) for row in unit.connection.execute(query)})
    return found
