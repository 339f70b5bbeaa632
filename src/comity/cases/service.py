"""The verbs of cases: open, admit, show, list, erase; and for other rooms `require` (need to know),
`selection` and `data_key`.

A case is named by its id or by the agency's reference, wherever one is asked for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

from comity.access import service as access
from comity.access.model import Acted
from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.base.ids import uuid7
from comity.base.model import Actor, DataKey, Issuer, JsonObject
from comity.base.words import plain
from comity.cases import rules, store
from comity.cases.model import ERASURE_REQUESTED, OPEN, Case, Erasure, NewCase, Wanted
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import KEY_BYTES, commit, random_bytes, sha256
from comity.kit.database.selections import Selection
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import ERASURE, Record

OffenceCheck = Callable[[Unit, str], None]
"""Refuses (BadInput) an offence that no table of this node's state knows. The law lives upstairs: app hands it in."""

Forget = Callable[[Unit, str], None]
"""Destroys what rooms upstairs keep of the case with this id under keys of the node; app hands it in."""

MOST_SCANNED: Final = 2000
"""Reference and title are sealed: so many of a person's newest cases are opened to be looked through."""
_MOST_ERASURES: Final = 200


def open_case(unit: Unit, issuer: Issuer, new: NewCase) -> Case:
    """Opens a case of the person's unit; the person is its first member. Conflict when the reference is taken."""
    rules.check_new(new)
    subject: JsonObject = {"reference": new.reference, "title": new.title, "offence": new.offence}
    acted = access.act(unit, issuer, "case.open", subject, rules.HANDLERS)
    if store.case_id(unit, "", _hash(unit, new.reference)) is not None:
        raise Conflict(
            "cases.reference", "A case with this reference is open already", where=new.reference,
            todo="See `comity case list`; if it is not there, ask to be let in.",
        )  # fmt: skip
    actor = acted.actor
    opened = Case(uuid7(unit.now), new.reference, new.title, new.offence, actor.unit, (actor.person,), unit.now, "open")
    key = DataKey(key_id(opened.id), random_bytes(KEY_BYTES))
    store.insert_case(unit, opened, _hash(unit, new.reference), key, unit.keys.wrap(key))
    store.insert_member(unit, opened.id, actor.person, actor.person, unit.now)
    _log(unit, "case.opened", opened, acted)
    return opened


def add_member(unit: Unit, issuer: Issuer, case: str, person: str) -> Case:
    """Lets one more person into a case; only a member may, and never an administrator of the node."""
    known = require(unit, issuer.actor, case)
    acted = access.act(unit, issuer, "case.admit", {"case": known.id, "person": person}, rules.HANDLERS)
    rules.check_admissible(access.find_person(unit, person))
    if person in known.members:
        raise Conflict("cases.member", f"{person} is a member of this case already", where=known.id, todo="Carry on.")
    store.insert_member(unit, known.id, person, acted.actor.person, unit.now)
    grown = replace(known, members=(*known.members, person))
    _log(unit, "case.admitted", grown, acted)
    return grown


def require(unit: Unit, actor: Actor, case: str, told: NotFound | None = None) -> Case:
    """The case, if `actor` has a need to know: NotAllowed for anybody but its members, NotFound when there is none.

    Faces answer the first as the second, or with `told` where something of the case was asked for by an id of its own.
    """
    id = find_id(unit, case)
    try:
        found = _find(unit, id)
    except NotFound as error:  # erased: that there was a case is for its members
        raise error if actor.person in store.members(unit, id) else (told or unknown(case)) from None
    try:
        rules.check_readable(found, actor.person)
    except NotAllowed as error:
        raise error.hidden(told or unknown(case)) from None
    return found


def show(unit: Unit, issuer: Issuer, case: str) -> Case:
    """The case file, for a signed-in member; the reading is logged."""
    found = require(unit, issuer.actor, case)
    subject: JsonObject = {"case": found.id}
    key = data_key(unit, found.id)
    access.looked(unit, issuer.actor, f"case:{found.id}", found.state)
    log.append(unit, Record("case.shown", issuer.actor, subject, None, case=found.id, key=key))
    return found


def list_cases(unit: Unit, actor: Actor) -> list[Case]:
    """The cases in which `actor` is a member, oldest first; those with a destroyed key are left out."""
    return _opened(unit, store.files_of(unit, actor.person, Wanted(order="oldest"), None))


def mine(unit: Unit, actor: Actor, wanted: Wanted) -> tuple[list[Case], str]:
    """A page of the cases in which `actor` is a member, and after which id the next page begins; empty for the last.

    Two statements, whatever there is. Text is looked for without case and accents, among the newest `MOST_SCANNED`.
    """
    if not wanted.text and wanted.order != "reference":
        rows = store.files_of(unit, actor.person, wanted, wanted.most + 1)
        return _opened(unit, rows[: wanted.most]), rows[wanted.most - 1].id if len(rows) > wanted.most else ""
    rows = store.files_of(unit, actor.person, replace(wanted, after=""), MOST_SCANNED)
    read = [(row, store.opened(row, (), _key(unit, row))) for row in rows]
    sought = plain(wanted.text)
    found = [(row, case) for row, case in read if sought in plain(f"{case.reference} {case.title}")]
    if wanted.order == "reference":
        found.sort(key=lambda one: (plain(one[1].reference), one[1].id))
    ids = [case.id for _, case in found]
    start = ids.index(wanted.after) + 1 if wanted.after in ids else 0
    page = [row for row, _ in found[start : start + wanted.most]]
    return _opened(unit, page), page[-1].id if len(found) > start + wanted.most else ""


def among(unit: Unit, actor: Actor, ids: Iterable[str]) -> frozenset[str]:
    """Which of these are ids of cases in which `actor` is a member; nothing of them is opened."""
    return frozenset(store.among(unit, actor.person, sorted(ids)))


def erasures(unit: Unit, actor: Actor) -> list[Erasure]:
    """The erasures that `actor` could carry out: not those that a person of the same unit asked for; oldest first."""
    if not actor.roles & rules.ERASERS:
        return []
    rows = store.to_erase(unit, _MOST_ERASURES)
    asked = access.approvals_of(unit, [_erasure(row.id) for row in rows])
    parts = [(row, part) for row in rows for part in asked[_erasure(row.id)]]
    return [
        Erasure(row.id, row.unit, row.opened_at, part.person, part.unit)
        for row, part in parts
        if actor.person != part.person and actor.unit != part.unit
    ]


def _opened(unit: Unit, rows: Sequence[Any]) -> list[Case]:
    people = store.members_of(unit, [row.id for row in rows])
    return [store.opened(row, people[row.id], _key(unit, row)) for row in rows]


def _key(unit: Unit, row: Any) -> DataKey:
    """The data key in a row of `store.files_of` or `store.named`."""
    known = unit.scratch.get(key_id(row.id))
    key = known if isinstance(known, DataKey) else unit.keys.unwrap(key_id(row.id), row.wrapped)
    unit.scratch[key_id(row.id)] = key
    return key


def known_to(unit: Unit, actor: Actor, column: Any) -> Any:
    """The same as a condition of another room's SQL: that `column`, which holds ids of cases, names one of them."""
    return store.known_to(unit, actor.person, column)


def selection(unit: Unit, actor: Actor) -> Selection:
    """The cases that `actor` needs to know of, as a part of another room's SQL; erased ones are out."""
    return store.selection(unit, actor.person)


def references(unit: Unit, cases: Iterable[str]) -> dict[str, str]:
    """The references of these cases by id, read in one statement; erased ones are left out.

    For lists of what belongs to cases: whoever calls has made sure that the reader is a member of each.
    """
    return {row.id: store.open_reference(row, _key(unit, row)) for row in store.named(unit, sorted(set(cases)))}


def data_key(unit: Unit, case: str) -> DataKey:
    """The data key of the case with this id, under which everything of the case is sealed.

    NotFound when the case is unknown or its key was destroyed: then what it sealed is gone for good.
    """
    cached = unit.scratch.get(key_id(case))
    if isinstance(cached, DataKey):
        return cached
    wrapped = store.wrapped_key(unit, case)
    if wrapped is None:
        raise NotFound(
            "cases.key-unknown", "There is no data key for this case", where=case,
            todo="Check the case; a destroyed key cannot be restored.",
        )  # fmt: skip
    key = unit.keys.unwrap(key_id(case), wrapped)
    unit.scratch[key_id(case)] = key
    return key


def rewrap(unit: Unit) -> int:
    """Wraps every case's data key anew, as the node wraps keys now; how many there are."""
    wrapped = store.wrapped_keys(unit)
    for case, blob in wrapped:
        store.replace_wrapped(unit, case, unit.keys.wrap(unit.keys.unwrap(key_id(case), blob)))
    return len(wrapped)


def drop_stray_keys(unit: Unit) -> None:
    """Drop the data keys of cases that this database does not know: keys may be restored beside older data."""
    store.drop_stray_keys(unit)


def find_key(unit: Unit, key_id: str) -> DataKey | None:
    """The case key named `key_id` (``case:`` and the case's id), or None: what checking the whole log asks for."""
    kind, _, case = key_id.partition(":")
    held = kind == "case" and store.wrapped_key(unit, case) is not None
    return data_key(unit, case) if held else None


def find_id(unit: Unit, case: str) -> str:
    """The id of the case with this id or reference; NotFound when there is none. It tells nothing of its content."""
    if not case.strip():
        raise BadInput("cases.no-id", "The case's reference or id is missing", todo="Take it from `comity case list`.")
    found = store.case_id(unit, case, _hash(unit, case))
    if found is None:
        raise unknown(case)
    return found


def unknown(case: str) -> NotFound:
    """There is no such case, or none that whoever asks may know of."""
    return NotFound("cases.unknown", "There is no such case here", where=case[:80], todo="See `comity case list`.")


def request_erasure(unit: Unit, issuer: Issuer, case: str, reason: str) -> Case:
    """A member asks that the case be erased; nothing is gone until an approver of another unit has carried it out.

    BadInput without a reason; Conflict when it was asked for already.
    """
    rules.check_reason(reason)
    known = require(unit, issuer.actor, case)
    acted = access.act(unit, issuer, "case.erase", {"case": known.id, "reason": reason}, rules.HANDLERS)
    if known.state != OPEN:
        raise Conflict("cases.erasure-requested", "The erasure of this case was asked for already", where=known.id,
                       todo="An approver carries it out: comity case erase CASE --confirm.")  # fmt: skip
    access.approve(unit, acted, _erasure(known.id), "requested")
    store.set_state(unit, known.id, ERASURE_REQUESTED)
    _log_erasure(unit, "case.erasure-requested", known.id, reason, acted)
    return replace(known, state=ERASURE_REQUESTED)


def erase(unit: Unit, issuer: Issuer, case: str, reason: str, forget: Forget) -> int:
    """An approver carries out an erasure that a member asked for: another person, key and unit.

    `forget` has other rooms destroy what they keep of the case. Then every value behind the log's entries about it is
    destroyed, and the case's data key, without which nothing sealed under it opens again; the entries themselves stay.
    Answers the index of the entry that records it.
    """
    rules.check_reason(reason)
    id = find_id(unit, case)
    acted = access.act(unit, issuer, "case.erase", {"case": id, "reason": reason}, rules.ERASERS)
    rules.check_requested(store.state_of(unit, id), id)
    access.approve(unit, acted, _erasure(id), "confirmed")
    _log_erasure(unit, "case.erasure-confirmed", id, reason, acted)
    forget(unit, id)
    entry = log.erase_under(unit, key_id(id), Record(
        type=ERASURE, actor=acted.actor, subject=None, payload={"case": id, "reason": reason},
        auth_hash=acted.auth_hash,
    ))  # fmt: skip
    store.destroy(unit, id)
    unit.scratch.pop(key_id(id), None)
    return entry


def _erasure(case: str) -> str:
    """What the two people agree on."""
    return sha256(canonical({"erase": case})).hex()


def _log_erasure(unit: Unit, kind: str, case: str, reason: str, acted: Acted) -> None:
    """Under the node's own key: these entries must open after the case's key is gone."""
    log.append(unit, Record(
        type=kind, actor=acted.actor, subject={"case": case}, payload={"reason": reason}, auth_hash=acted.auth_hash,
    ))  # fmt: skip


def _find(unit: Unit, case: str) -> Case:
    found = find_id(unit, case)
    return store.find_case(unit, found, data_key(unit, found))


def key_id(case: str) -> str:
    """The name of a case's data key."""
    return f"case:{case}"


def _hash(unit: Unit, reference: str) -> str:
    """The keyed hash by which a reference is found; upper and lower case are the same file."""
    return commit(unit.keys.data_key("case-references").secret, reference.casefold().encode()).hex()


def _log(unit: Unit, kind: str, case: Case, acted: Acted) -> None:
    """One entry under the case's key: destroying that key closes the entry's contents as well."""
    record = Record(
        type=kind, actor=acted.actor, subject={"case": case.id}, payload=case.as_dict(), case=case.id,
        auth_hash=acted.auth_hash, key=data_key(unit, case.id),
    )  # fmt: skip
    log.append(unit, record)
