"""What this agency holds beside the package: the tables and reviews of its newest signed set, verified when read.

1. The manifest has the digest that the set names; 2. the set's act names the same digest, and is signed by the key of
the person who did it; 3. the newest set is the one that the log says was signed last; 4. every table that the
manifest lists is stored, with the bytes that it lists; 5. every review is stored as the manifest has it, and none
besides. Tampered names table, row and reason. Tables that nobody signed yet
are not in use.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, TypeVar, cast

from comity.access import service as access
from comity.base.errors import ComityError, Tampered
from comity.base.model import Json, JsonObject
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import Agreed, DatedTable, ImportedTable, Instrument, Review, SignedSet
from comity.legal.rules import tables as tabling
from comity.legal.service.agreed import concluded
from comity.legal.wire.dated import read_table
from comity.legal.wire.instruments import read_instrument
from comity.log import service as log

T = TypeVar("T")
SEALED: Final = ("legal.imported", "legal.reviewed", "legal.signed")
"""The types of log entries under which a lawyer signs a set."""


@dataclass(frozen=True)
class Table:
    """One imported table: what the manifest says of it, and its rows."""

    id: str
    kind: str
    name: str
    digest: str
    content: Instrument | DatedTable

    def as_dict(self) -> JsonObject:
        """The table as a manifest lists it."""
        return {"id": self.id, "kind": self.kind, "name": self.name, "digest": self.digest}


@dataclass(frozen=True)
class Held:
    """The tables and reviews in use, in the order in which they were signed."""

    tables: tuple[Table, ...] = ()
    reviews: tuple[Review, ...] = ()
    agreed: tuple[Agreed, ...] = ()
    """Concluded agreements with partners: signed for themselves, so not part of the set."""

    @property
    def instruments(self) -> tuple[Instrument, ...]:
        """The imported instruments, each version of one; a later table with the same first day replaces an earlier."""
        found = {
            (t.content.code, t.content.valid_from): t.content for t in self.tables if isinstance(t.content, Instrument)
        }
        return tuple(found.values())

    @property
    def dated(self) -> tuple[DatedTable, ...]:
        """The imported dated tables."""
        return tuple(t.content for t in self.tables if isinstance(t.content, DatedTable))


def read(data: bytes, name: str) -> Instrument | DatedTable:
    """A table from a file: an instrument where the name ends in ``.yaml``, a dated CSV table otherwise."""
    return read_instrument(data, name) if name.lower().endswith((".yaml", ".yml")) else read_table(data, name)


def rows_of(content: Instrument | DatedTable) -> dict[str, JsonObject]:
    """What every row of a table is called among all rows, and what it says."""
    if isinstance(content, DatedTable):
        named = ((kind, key, row) for kind, key, row in tabling.dated_rows(content))
        return {" ".join((kind, *key)): cast(JsonObject, tabling.plain_dated(row)) for kind, key, row in named}
    since = f" from {content.valid_from}" if content.valid_from else ""
    return {
        f"row {content.code} {row.measure} {row.article}{since}": tabling.plain_row(content, row)
        for row in content.rows
    }


def row_hash(row: Json) -> str:
    """Lower-case hex SHA-256 over the row's JCS form."""
    return sha256(canonical(row)).hexdigest()


def held(unit: Unit) -> Held:
    """The tables and reviews of the newest signed set; Tampered when anything of it was changed behind it."""
    return _readable(unit, _held)


def _held(unit: Unit) -> Held:
    newest = store.find_set(unit)
    manifest = {} if newest is None else verified(unit, newest)
    check_newest(unit)
    if not manifest:
        return Held(agreed=concluded(unit))
    stored = store.stored_tables(unit)
    listed = cast(list[dict[str, str]], manifest["tables"])
    tables = tuple(_table(entry, stored.get(entry["id"]), manifest) for entry in listed)
    return Held(tables, _reviews(unit, cast(list[JsonObject], manifest["reviews"])), concluded(unit))


def check_newest(unit: Unit) -> SignedSet | None:
    """The newest set, None where none was ever signed; Tampered unless the log's last word on sets is about it.

    A row that somebody deleted must not bring an older set back into force.
    """
    return _readable(unit, _newest)


def _newest(unit: Unit) -> SignedSet | None:
    newest, index = store.find_set(unit), last_sealed(unit)
    if index >= log.head(unit).size:
        return newest  # signed in this very unit, which has yet to write its entry
    entry = log.entry(unit, index) if index >= 0 else None
    said = None if entry is None else entry.clear.get("auth_hash")
    if said == (newest.auth_hash if newest else None):
        return newest
    if entry is None or store.knows_set(unit, str(said)):
        raise _changed(f"set {newest.number if newest else ''} is stored, and the log knows nothing of it", "legal_set")
    older = f"set {newest.number} is not in use again" if newest else "nothing is decided without it"
    reason = f"the set signed on {entry.at.date()} (log entry {entry.index}) is no longer stored; {older}"
    raise _changed(reason, "legal_set")


def _readable(unit: Unit, read: Callable[[Unit], T]) -> T:
    """What is read; Tampered, naming the row, where one was changed into something that cannot even be read."""
    try:
        return read(unit)
    except (TypeError, ValueError) as error:
        where = store.misstored(unit) or "legal_set, legal_table, legal_review"
        raise _changed("a stored row of the law cannot be read", where) from error


def last_sealed(unit: Unit) -> int:
    """The index of the log entry under which a set was signed last; -1 where none ever was."""
    found = log.latest(unit, *SEALED)
    return -1 if found is None else found


def verified(unit: Unit, signed: SignedSet) -> JsonObject:
    """The manifest of a set whose digest and signature hold (steps 1 and 2)."""
    where = f"legal_set {signed.number}"
    if sha256(signed.manifest).hexdigest() != signed.digest:
        raise _changed(f"the manifest of set {signed.number} is not what was signed", where)
    subject = signed.act.get("subject")
    if not isinstance(subject, dict) or subject.get("set") != signed.digest or signed.act.get("person") != signed.by:
        raise _changed(f"the act of set {signed.number} is about another set", where)
    try:
        assertion = access.find_assertion(unit, signed.auth_hash)
        access.check_kept(unit, assertion, access.find_person(unit, signed.by), signed.act)
    except ComityError as error:
        raise _changed(f"set {signed.number} is not signed by {signed.by}: {error.what}", where) from error
    return parse_object(signed.manifest, limit=len(signed.manifest), where=where)


def _table(entry: Mapping[str, str], stored: store.Stored | None, manifest: JsonObject) -> Table:
    where = f"legal_table {entry['name']}"
    if stored is None:
        raise _changed(f"the signed table {entry['name']} is no longer stored", where)
    if sha256(stored.data).hexdigest() != entry["digest"] or stored.digest != entry["digest"]:
        raise _changed(f"the stored table {entry['name']} is not what was signed{_which(stored, manifest)}", where)
    content = read(stored.data, entry["name"])
    return Table(entry["id"], entry["kind"], entry["name"], entry["digest"], content)


def unsigned(listed: ImportedTable, stored: store.Stored) -> Table:
    """An imported table that waits for a signature; Tampered when its bytes have another digest."""
    if sha256(stored.data).hexdigest() != listed.digest:
        raise _changed(f"the stored table {listed.name} is not what was imported", f"legal_table {listed.name}")
    return Table(listed.id, listed.kind, listed.name, listed.digest, read(stored.data, listed.name))


def _which(stored: store.Stored, manifest: JsonObject) -> str:
    """The first row that differs from the signed one, in words; nothing where the file can no longer be read."""
    signed = cast(JsonObject, manifest["rows"])
    try:
        rows = rows_of(read(stored.data, stored.name))
    except ComityError as error:
        return f": {error.where}: {error.what}"
    return next(
        (f": {name} was changed or added" for name, row in rows.items() if signed.get(name) != row_hash(row)), ""
    )


def _reviews(unit: Unit, listed: list[JsonObject]) -> tuple[Review, ...]:
    stored = store.reviews(unit)
    for entry in listed:
        found = stored.get(str(entry["id"]))
        if found is None or found.as_dict() != entry:
            named = f"{entry['instrument']} {entry['measure']} {entry['article']}"
            raise _changed(f"the review of {named} is not what was signed", f"legal_review {entry['id']}")
    extra = set(stored) - {str(entry["id"]) for entry in listed}
    if extra:
        raise _changed("a review that no lawyer signed", f"legal_review {min(extra)}")
    return tuple(stored[str(entry["id"])] for entry in listed)


def _changed(reason: str, where: str) -> Tampered:
    return Tampered(
        "legal.table-changed", reason, where=where,
        todo="Report the incident; restore the node from a backup, then import and sign again.",
    )  # fmt: skip
