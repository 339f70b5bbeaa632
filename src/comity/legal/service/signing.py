"""Signing the agency's set of tables: a lawyer's act over one digest that covers every table, review and shipped row.

A lawyer's import and a lawyer's review sign the set that they make; a table that an operator imported waits until a
lawyer signs. The newest set is in use; older ones stay, so that a decision's law can be looked up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

from comity.access import service as access
from comity.base.errors import Conflict, NotFound
from comity.base.ids import uuid7
from comity.base.model import Issuer, Json, JsonObject
from comity.kit.codec.jcs import canonical
from comity.kit.database.unit import Unit
from comity.legal import store
from comity.legal.model import DatedTable, ImportedTable, Instrument, Review, Row, SignedSet
from comity.legal.rules.tables import plain_row
from comity.legal.service.held import Held, Table, check_newest, held, row_hash, rows_of, unsigned
from comity.legal.service.shipped import shipped_tables
from comity.legal.service.tables import build, instruments_with, shipped_digest, tables
from comity.log import service as log
from comity.log.model import Record

LAWYERS: Final = frozenset({"lawyer"})
"""Who reviews rows and signs sets."""


@dataclass(frozen=True)
class Deed:
    """The act under which a set is signed: its verb, what it is about, and the log entry's type and payload."""

    verb: str
    subject: JsonObject
    type: str
    payload: JsonObject


def sign_set(unit: Unit, issuer: Issuer) -> SignedSet:
    """Put every imported table that waits into use, under the lawyer's signature over the whole set; logged.

    BadInput when the tables contradict each other; Conflict when nothing has changed since the last signature.
    """
    known, taken = held(unit), waiting(unit, imported_tables(unit))
    newest = store.find_set(unit)
    if newest is not None and not taken and newest.digest == _digest(_manifest(known)):
        raise Conflict("legal.signed", f"set {newest.number} is signed as it stands", todo="Nothing needs to be done.")
    names: list[Json] = [t.name for t in taken]
    deed = Deed("legal.sign", {"tables": names}, "legal.signed", {"taken": names})
    return seal(unit, issuer, replace(known, tables=(*known.tables, *taken)), deed)


def review(unit: Unit, issuer: Issuer, instrument: str, row: str, note: str) -> list[Review]:
    """Mark the rows of an instrument reviewed by this lawyer today: all of them, or the one named ``MEASURE/ARTICLE``.

    What is reviewed is the row as it stands: once it changes it is unreviewed again. NotFound for an instrument or row
    that nobody knows; Conflict when this lawyer's agency has reviewed them all as they stand.
    """
    known = held(unit)
    rows = _rows(unit, instrument, row)
    done = {r.row_hash for r in known.reviews if r.instrument == instrument}
    made = [
        Review(uuid7(unit.now), instrument, r.measure, r.article, said, note, issuer.actor.person, unit.now)
        for version, r in rows
        if (said := row_hash(plain_row(version, r))) not in done
    ]
    if not made:
        raise Conflict("legal.reviewed", f"{instrument} {row} is reviewed as it stands".replace("  ", " "),
                       where=instrument, todo="Nothing needs to be done.")  # fmt: skip
    named: list[Json] = [{"row": f"{r.measure}/{r.article}", "hash": r.row_hash} for r in made]
    subject: JsonObject = {"instrument": instrument, "rows": named, "note": note}
    deed = Deed("legal.review", subject, "legal.reviewed", subject)
    for each in made:
        store.add_review(unit, each)
    seal(unit, issuer, replace(known, reviews=(*known.reviews, *made)), deed)
    return made


def _rows(unit: Unit, code: str, row: str) -> list[tuple[Instrument, Row]]:
    """The rows of that name in every version of the instrument, each with its version."""
    versions = tables(unit).versions.get(code)
    if versions is None:
        raise NotFound("legal.instrument", f"no table of an instrument {code}", todo="See `comity legal show`.")
    rows = [(version, r) for version in versions for r in version.rows if row in ("", f"{r.measure}/{r.article}")]
    if not rows:
        raise NotFound("legal.row", f"{code} has no row {row}", where=code, todo=f"See `comity legal show {code}`.")
    return rows


def seal(unit: Unit, issuer: Issuer, known: Held, deed: Deed) -> SignedSet:
    """Sign what is to be in use from now on, keep it as the newest set, and log it; NotAllowed but for lawyers."""
    law = build(known)
    data = canonical(_manifest(known))
    newest, digest = check_newest(unit), sha256(data).hexdigest()
    acted = access.act(unit, issuer, deed.verb, {**deed.subject, "set": digest}, LAWYERS)
    number = 1 if newest is None else newest.number + 1
    made = SignedSet(number, unit.now, acted.actor.person, digest, data, acted.act, acted.auth_hash)
    store.add_set(unit, made)
    payload: JsonObject = {**deed.payload, "set": number, "set_digest": digest}
    log.append(
        unit,
        Record(
            type=deed.type, actor=acted.actor, subject={"set": number}, payload=payload, policy_hash=law.rules_hash,
            auth_hash=acted.auth_hash,
        ),
    )  # fmt: skip
    return made


def imported_tables(unit: Unit) -> list[ImportedTable]:
    """What this agency imported, oldest first, and whether a lawyer has signed it."""
    signed = {table.id for table in held(unit).tables}
    return [replace(table, signed=table.id in signed) for table in store.imported(unit)]


def signed_sets(unit: Unit) -> list[SignedSet]:
    """All sets that this agency's lawyers signed, oldest first; the newest is in use."""
    return store.sets(unit)


def current_rows(known: Held) -> dict[str, JsonObject]:
    """Every row in use under these tables and reviews, by what it is called among all rows."""
    rows: dict[str, JsonObject] = {}
    contents: tuple[Instrument | DatedTable, ...] = (*instruments_with(known), *shipped_tables(), *known.dated)
    for content in contents:
        rows |= rows_of(content)
    return rows | {f"review {r.instrument} {r.measure} {r.article}": r.as_dict() for r in known.reviews}


def _manifest(known: Held) -> JsonObject:
    return {
        "v": 1, "shipped": shipped_digest(), "tables": [t.as_dict() for t in known.tables],
        "reviews": [r.as_dict() for r in known.reviews],
        "rows": {name: row_hash(row) for name, row in current_rows(known).items()},
    }  # fmt: skip


def _digest(manifest: JsonObject) -> str:
    return sha256(canonical(manifest)).hexdigest()


def waiting(unit: Unit, imported: Iterable[ImportedTable]) -> list[Table]:
    """Those imported tables that no lawyer has signed yet, read; Tampered when their bytes have another digest."""
    stored = store.stored_tables(unit)
    return [unsigned(t, stored[t.id]) for t in imported if not t.signed]
