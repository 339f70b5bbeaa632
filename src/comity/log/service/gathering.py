"""Gathering what an export is to hold: the chosen entries, what opens them, and what others say about this log.

It only reads, in one snapshot: the node goes on meanwhile, however much is chosen.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.errors import BadInput, NotAllowed, NotFound
from comity.base.model import DataKey
from comity.kit.database.unit import Unit
from comity.log import rules, store, wire
from comity.log.model import ERASURE, FIELDS, Choice, Draft, Entry, Gone, Head, Opening, Surroundings
from comity.log.service.append import latest
from comity.log.service.epochs import check_own, epochs
from comity.log.service.inspect import check_reason
from comity.log.service.openings import OWN_KEY, opening_of, opens_to, own_key
from comity.log.service.prove import (
    Cosigned,
    consistency,
    entries,
    find,
    no_cosigned,
    read_opening,
    stored_entry,
    stored_row,
)
from comity.log.service.shipped import README, VERIFIER, load_verifier, shipped
from comity.log.service.state import head, verifier
from comity.log.service.verify import KeyFinder, erased_by

MOST: Final = 10_000
"""Entries in one export: as many as its checker reads within seconds."""
LIST: Final = "export.json"


def _no_key(_unit: Unit, _name: str) -> DataKey | None:
    return None


def _no_case(_unit: Unit, named: str) -> str:
    raise NotFound("log.no-cases", "This log knows of no case files", where=named[:80], todo="Choose entries instead.")


def _nothing(_unit: Unit, _relied: Sequence[Head]) -> Surroundings:
    return Surroundings()


@dataclass(frozen=True)
class Stamped:
    """An authority's answer to the wish for a time stamp."""

    token: bytes = b""
    """The TimeStampResp (RFC 3161); empty where there is none."""
    at: str = ""
    """The authority's time (RFC 3339)."""
    why: str = ""
    """Why there is none."""
    keep: Callable[[Unit], None] = lambda _unit: None
    """Keeps the token in this node, too."""


def _no_stamps(_unit: Unit, _size: int) -> Sequence[tuple[str, bytes]]:
    return ()


def _nobody(_note: str) -> Stamped:
    return Stamped(why="No time-stamping authority is set")


@dataclass(frozen=True)
class Upstairs:
    """What rooms above this one know, and app hands down; by default a log that stands alone."""

    find_key: KeyFinder = _no_key
    find_case: Callable[[Unit, str], str] = _no_case
    """The id of the case with this id or reference; NotFound when there is none."""
    around: Callable[[Unit, Sequence[Head]], Surroundings] = _nothing
    """What others say about this log, and about the partners' heads that entries rely on."""
    stamps: Callable[[Unit, int], Sequence[tuple[str, bytes]]] = _no_stamps
    """Checkpoints over at least so many entries, each with a time stamp."""
    stamp: Callable[[str], Stamped] = _nobody
    """A time stamp over a signed checkpoint, asked for now."""
    cosigned: Cosigned = no_cosigned
    """A checkpoint over an entry that others have cosigned."""


def check_choice(choice: Choice) -> None:
    """BadInput without a reason, without a choice or with two, and for a field that no entry has."""
    check_reason(choice.reason)
    by_range = (choice.case, choice.since, choice.until) != (None, None, None)
    if by_range == bool(choice.entries):
        raise BadInput("log.export-choice", "An export holds certain entries, or those of a case or of a time",
                       todo="Give --entry N (again and again), or --case NUMBER, --from DATE, --to DATE.")  # fmt: skip
    if not set(choice.fields) <= set(FIELDS):
        raise BadInput("log.field-unknown", f"An entry has the fields {', '.join(FIELDS)}", todo="Name some of them.")


def gather(unit: Unit, choice: Choice, upstairs: Upstairs) -> Draft:
    """The files of an export but for its proofs, in this snapshot.

    BadInput as of `check_choice`, for too much, or for a time stamp over something else; NotFound when nothing is
    chosen or an entry is unknown; Tampered when a stored value is not the one committed to, or a checkpoint not ours.
    """
    check_choice(choice)
    gathered = _Gathering(unit, choice, upstairs)
    for index in _chosen(unit, choice):
        gathered.take(index, choice.fields)
    gathered.take_erasures()
    gathered.take_epochs()
    gathered.surround()
    files = gathered.files | {LIST: wire.export_list(head(unit).origin, gathered.files)}
    return Draft(files, tuple(sorted(gathered.taken)), tuple(gathered.heads), latest(unit, ERASURE))


@dataclass
class _Gathering:
    """The files of an export while they are put together; it lives no longer than the call."""

    unit: Unit
    choice: Choice
    upstairs: Upstairs

    def __post_init__(self) -> None:
        self.files: dict[str, bytes] = {f"README.{code}.txt": shipped(name) for code, name in README.items()}
        self.files["verify.py"] = shipped(VERIFIER)
        self.taken: dict[int, Entry] = {}
        self.heads: list[int] = []
        self.erasures: set[int] = set()
        self.records: dict[tuple[int, str], int] | None = None

    def take(self, index: int, fields: Sequence[str]) -> None:
        """One entry, with the openings of `fields` as far as they are still there."""
        row = stored_row(self.unit, index)
        found = stored_entry(row)
        self.taken[index] = found
        self.files[f"entries/{index}/entry"] = found.data
        shown = {name: self._open(found, row, name) for name in sorted(set(fields))}
        self.files[f"entries/{index}/opening.json"] = wire.opening_file(shown)

    def take_erasures(self) -> None:
        """The entries that record the erasures met with; their subjects say what was erased."""
        for index in sorted(self.erasures):
            self.take(index, ("subject", *(self.choice.fields if index in self.taken else ())))

    def take_epochs(self) -> None:
        """The entries that began epochs, with what they say, and the last checkpoint of each epoch that ended."""
        for one in epochs(self.unit)[1:]:
            self.take(one.start, FIELDS)
            note = store.checkpoint_at(self.unit.connection, one.start)
            if note is not None:
                self._head(note)

    def _open(self, found: Entry, row: store.Row, name: str) -> Opening | Gone:
        key = None if row.key_id in (None, OWN_KEY) else self.upstairs.find_key(self.unit, row.key_id)
        try:
            return opening_of(self.unit, found, row, name, key)
        except NotAllowed:
            return Gone(sealed=True)
        except NotFound:
            if self.records is None:
                self.records = _erasures(self.unit)
            by = self.records.get((found.index, name))
            self.erasures.update([] if by is None else [by])
            return Gone(by)

    def surround(self) -> None:
        """What others say: directories, policy, witnessed and stamped checkpoints, the partners' heads relied on."""
        relied = [stated for one in self.taken.values() if (stated := wire.peer_head(one))]
        around = self.upstairs.around(self.unit, relied)
        for version, data in around.directories.items():
            self.files[f"directories/{version}.zip"] = data
        for (code, size), note in around.partners.items():
            self.files[f"partners/{code}/{size}"] = note.encode()
        standing = f"log {verifier(self.unit).format()}\nquorum none\n"
        self.files["policy"] = (around.policy or standing).encode()
        for note in around.heads:
            self._head(note)
        if self.choice.stamped:
            self._stamp(*self.choice.stamped)
        for note, token in self.upstairs.stamps(self.unit, max(self.taken) + 1):
            self._stamp(note, token)

    def _head(self, note: str) -> str:
        """One more earlier checkpoint of this log, after a look whether it is one; its folder."""
        earlier, _ = check_own(self.unit, note)
        now = head(self.unit)
        rules.verify_consistency(
            earlier.size, now.size, earlier.root, now.root, consistency(self.unit, earlier.size, now.size)
        )
        self.heads.append(earlier.size)
        folder = f"heads/{len(self.heads)}"
        self.files[f"{folder}/checkpoint"] = note.encode()
        return folder

    def _stamp(self, note: str, response: bytes) -> None:
        checker = load_verifier()
        try:
            checker.stamped(response, note.encode())
        except (checker.Wrong, *checker.MALFORMED) as error:
            raise BadInput("log.export-stamp", f"The time stamp cannot be exported: {error}",
                           todo="Give the checkpoint's file as it was sent to the authority.") from error  # fmt: skip
        self.files[f"{self._head(note)}/timestamp.tsr"] = response


def _chosen(unit: Unit, choice: Choice) -> list[int]:
    """The indexes that `choice` names, in order, each once."""
    if choice.entries:
        found = sorted({find(unit, named) for named in choice.entries})
    else:
        most = MOST + 1 if choice.case is None else None
        found = store.indexes(unit.connection, choice.since, choice.until, most)
        if choice.case is not None:
            of_case = set(_of_case(unit, choice.case))
            found = [index for index in found if index in of_case]
    if not found:
        raise NotFound(
            "log.export-empty", "No entry of the log is chosen", todo="See `comity log show`; choose others."
        )
    if len(found) > MOST:
        raise BadInput("log.export-large", f"More than {MOST:,} entries are chosen",
                       todo="Choose a shorter time, or make several exports.")  # fmt: skip
    return found


def _of_case(unit: Unit, case: str) -> Iterator[int]:
    """Entries of a case: those sealed under its key, and those under the node's own that commit to its id."""
    own, key_id = own_key(unit), f"case:{case}"
    for row in store.case_refs(unit.connection, [key_id, own.id]):
        if row.key_id == key_id or (row.case_ref and opens_to(row, "case", row.case_ref, own, case)):
            yield row.seq


def _erasures(unit: Unit) -> dict[tuple[int, str], int]:
    """Which entry records the erasure of which field of which entry."""
    found: dict[tuple[int, str], int] = {}
    last = -1
    while rows := entries(unit, last, 500, ERASURE):
        for row in rows:
            found |= dict.fromkeys(erased_by(read_opening(unit, row.index, "subject")), row.index)
        last = rows[-1].index
    return found
