"""Sealed papers: a file that an agency hands out is known again by its hash, which stands in the log.

What a paper says is kept by the room that issues it; the log keeps who issued which file, about what and when.
"""

from typing import Final

from comity.base.errors import NotFound
from comity.base.ids import uuid7
from comity.base.model import DataKey, Json
from comity.base.papers import Issue, Paper
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.log import store
from comity.log.model import Record, SealedPaper
from comity.log.service.append import append
from comity.log.service.inspect import Acted

SEALED: Final = "paper.sealed"


def issue(unit: Unit, paper: Paper, language: str) -> Issue:
    """A new issue of the paper, to be printed on it; nothing is kept before `seal_paper`."""
    return Issue(uuid7(unit.now), unit.now, language, sha256(canonical(paper.as_dict())).hex())


def sealing(paper: Paper, made: Issue, file: bytes) -> dict[str, Json]:
    """The subject of the act of issuing `file`."""
    return {
        "paper": made.id, "kind": paper.kind, "about": paper.about, "language": made.language,
        "content": made.content, "sha256": sha256(file).hex(),
    }  # fmt: skip


def seal_paper(
    unit: Unit, acted: Acted, subject: dict[str, Json], case: str | None = None, key: DataKey | None = None
) -> SealedPaper:
    """Log that the file which `subject` (of `sealing`) describes was issued; its values under the case's `key`."""
    record = Record(SEALED, acted.actor, subject, None, case=case, auth_hash=acted.auth_hash, key=key)
    index = append(unit, record)
    kept = SealedPaper(
        str(subject["paper"]), str(subject["kind"]), str(subject["about"]), str(subject["sha256"]), index, unit.now
    )
    store.add_paper(unit.connection, {
        "id": kept.id, "sha256": kept.sha256, "kind": kept.kind, "about": kept.about, "entry": index, "at": unit.now,
    })  # fmt: skip
    return kept


def known_paper(unit: Unit, *, file: bytes = b"", id: str = "") -> SealedPaper:
    """The paper that this file is, byte for byte, or that has this id. NotFound for every other."""
    row = store.find_paper(unit.connection, sha256="" if id else sha256(file).hex(), id=id)
    if row is None:
        raise NotFound(
            "log.no-paper", "This node has issued no such paper",
            todo="Look at whose it is: another node's, an altered file, or a copy that was printed and scanned? "
                 "The id on the paper finds the original.",
        )  # fmt: skip
    return SealedPaper(row.id, row.kind, row.about, row.sha256, int(row.entry), row.at)
