"""A checked specimen as the table keeps it: numbered, packed, the person sealed under the node's own key."""

from collections.abc import Mapping, Sequence
from hashlib import shake_256
from typing import Final

import numpy as np

from comity.base.ids import uuid7s
from comity.dna import kernel, store
from comity.dna.model import WIDTH, WILDCARD, Profile, Specimen
from comity.dna.store import NewProfile
from comity.kit.codec import jcs
from comity.kit.crypto import symmetric
from comity.kit.database.unit import Unit

IDENTITY: Final = "dna-identity"
"""Name of the node's key under which persons are sealed."""
LIKE: Final = 6
"""Loci that two profiles with the same alleles need for it to mean anything."""
_NUMBER: Final = "dna-number"
_WEIGHTS: Final = np.frombuffer(shake_256(b"comity likeness 1").digest(8 * WIDTH), dtype="<u8").astype(np.uint64)


class Storing:
    """Makes rows of specimens, for one unit."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._sealing = unit.keys.data_key(IDENTITY).secret
        self._numbering = unit.keys.data_key(_NUMBER).secret

    def many(self, specimens: Sequence[tuple[Specimen, int]], loci: kernel.Genotypes) -> list[NewProfile]:
        """The rows of specimens, each as its version of that number; `loci` are theirs."""
        rows, texts = kernel.pack_all(loci), store.texts(loci)
        alike = likenesses(rows) if rows else []
        made = map(self._profile, specimens, uuid7s(self._unit.now, len(specimens)))
        return [
            NewProfile(profile, text, row, self.sealed(specimen.core, bound_to(profile.id)), number)
            for profile, (specimen, _), text, row, number in zip(made, specimens, texts, rows, alike, strict=True)
        ]

    def _profile(self, entry: tuple[Specimen, int], id: str) -> Profile:
        one, version = entry
        number = f"{self._unit.node}-{self.commitment(id)}"
        return Profile(id, one.specimen, one.category, one.loci, one.kit, version, number)

    def commitment(self, text: str) -> str:
        """Twenty hex digits that stand for `text` and do not tell it."""
        return symmetric.commit(self._numbering, text.encode())[:10].hex()

    def sealed(self, core: Mapping[str, str], binding: bytes) -> bytes | None:
        """A person's fields, sealed; None where there are none."""
        return symmetric.encrypt(self._sealing, jcs.canonical(dict(core)), binding) if core else None

    def opened(self, sealed: bytes | None, binding: bytes) -> dict[str, str]:
        """The fields again."""
        found = jcs.parse_object(symmetric.decrypt(self._sealing, sealed, binding)) if sealed else {}
        return {name: str(value) for name, value in found.items()}


def bound_to(id: str) -> bytes:
    """What the person sealed with that profile, or flag, is bound to."""
    return f"{id}|identity".encode()


def likenesses(rows: Sequence[bytes]) -> list[int | None]:
    """Of each packed profile a number that is the same for the same alleles, whichever of two is written first; None
    where fewer than `LIKE` loci are fully known. Two numbers may be alike by chance: `same` has the last word."""
    codes = _ordered(rows)
    found = (codes.reshape(len(rows), -1).astype(np.uint64) * _WEIGHTS).sum(axis=1, dtype=np.uint64).view(np.int64)
    enough = (codes[:, :, 0] > WILDCARD).sum(axis=1) >= LIKE  # the lesser of the two is known, so both are
    return [int(number) if so else None for number, so in zip(found, enough, strict=True)]


def _ordered(rows: Sequence[bytes]) -> kernel.Codes:
    """The codes of packed profiles (profiles, loci, 2), the lesser one of each locus first."""
    table = np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), -1)[:, 1:]
    return np.sort(table.reshape(len(rows), -1, 2), axis=2)


def same(one: bytes, other: bytes) -> bool:
    """Whether two packed profiles show the same alleles."""
    both = _ordered([one, other])
    return bool((both[0] == both[1]).all())
