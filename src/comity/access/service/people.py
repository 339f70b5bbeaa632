"""People of this node: added, found, deactivated, qualified; each change is a security administrator's act."""

from dataclasses import replace
from datetime import date

from comity.access import rules, store
from comity.access.model import Acted, NewPerson, Person
from comity.access.service.acting import act
from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.base.model import Actor, Issuer, JsonObject
from comity.kit.crypto import passphrase as passphrases
from comity.kit.crypto.passphrase import Cost
from comity.kit.crypto.signing import SigningKey, VerifyKey
from comity.kit.crypto.symmetric import random_bytes
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

DEFAULT_COST = Cost()
SECURITY_ADMINS = frozenset({"security_admin"})


def add_person(unit: Unit, new: NewPerson, by: Issuer | None, cost: Cost = DEFAULT_COST) -> Person:
    """Adds a person with a key sealed under their passphrase.

    `by` is a security administrator; None only for the node's first person, who must be one. BadInput for unfit names,
    roles, passphrases or keys; Conflict when the name or the key is taken.
    """
    rules.check_person(new)
    if by is None:
        _check_first(unit, new)
    acted = act(unit, by, "person.add", _subject(new), SECURITY_ADMINS) if by is not None else None
    key = SigningKey.from_pem(new.key_pem) if new.key_pem is not None else SigningKey.generate()
    public = VerifyKey.from_raw(key.public.raw)  # the one rule for keys: small-order ones are refused at enrolment
    if store.find_person(unit, new.id) or store.public_key(unit, public.fingerprint):
        raise Conflict(
            "access.person-exists", f"The name {new.id}, or its key, is already in use",
            todo="Choose another name, or bring another key. Names are never used again.",
        )  # fmt: skip
    person = Person(new.id, new.unit, new.roles, public.fingerprint, public.raw, new.qualified_until,
                    active=True, system=new.system)  # fmt: skip
    sealed = passphrases.lock(key.to_pem(), new.passphrase, cost)
    store.insert_person(unit, person, sealed, unit.now, acted.actor.person if acted else None)
    log_change(unit, "person.added", acted, person.as_dict())
    return person


def _subject(new: NewPerson) -> JsonObject:
    until = new.qualified_until.isoformat() if new.qualified_until else None
    told: JsonObject = {
        "person": new.id, "unit": new.unit, "roles": [*sorted(new.roles)], "qualified_until": until,
    }  # fmt: skip
    return told | {"system": True} if new.system else told


def _check_first(unit: Unit, new: NewPerson) -> None:
    """The node's first person is added by nobody, and only as a security administrator."""
    if store.anybody(unit):
        raise NotAllowed(
            "access.admin-needed", "Only a security administrator adds people", todo="Sign in as one with --as."
        )  # fmt: skip
    if not new.roles & SECURITY_ADMINS:
        raise BadInput(
            "access.first-person", "A node's first person is its security administrator",
            todo="Give the first person the role security_admin; that person adds the others.",
        )  # fmt: skip


def deactivate(unit: Unit, person: str, by: Issuer) -> Person:
    """Lets `person` act no more; what they did stays provable. The last security administrator must stay."""
    acted = act(unit, by, "person.deactivate", {"person": person}, SECURITY_ADMINS)
    leaving = find_person(unit, person)
    admins = [p.id for p in people(unit) if p.active and p.roles & SECURITY_ADMINS]
    if admins == [person]:
        raise Conflict(
            "access.last-admin", f"{person} is the node's last security administrator", todo="Add another one first."
        )  # fmt: skip
    store.set_active(unit, person, active=False)
    store.tokens.end_all(unit, person)
    log_change(unit, "person.deactivated", acted, {"person": person})
    return replace(leaving, active=False)


def qualify(unit: Unit, person: str, until: date, by: Issuer) -> Person:
    """Sets until when, inclusive, `person` is qualified to confirm hits; a day in the past ends it."""
    subject: JsonObject = {"person": person, "qualified_until": until.isoformat()}
    acted = act(unit, by, "person.qualify", subject, SECURITY_ADMINS)
    found = find_person(unit, person)
    if "examiner" not in found.roles:
        raise BadInput("access.no-examiner", f"{person} is no examiner, and only examiners confirm hits",
                       todo="Name a person with the role examiner; see `comity person list`.")  # fmt: skip
    store.set_qualified(unit, person, until)
    log_change(unit, "person.qualified", acted, subject)
    return replace(found, qualified_until=until)


def no_passphrase() -> str:
    """A passphrase that nobody knows, for somebody who will act at browsers only."""
    return random_bytes(32).hex()


def people(unit: Unit) -> list[Person]:
    """Everyone on this node, by name."""
    return store.persons(unit)


def find_person(unit: Unit, person: str) -> Person:
    """The person named `person`, or NotFound."""
    found = store.find_person(unit, person)
    if found is None:
        raise NotFound("access.person-unknown", f"Nobody here is named {person}", todo="See `comity person list`.")
    return found


def qualified(unit: Unit, person: str) -> Person:
    """The person, if qualified today to confirm hits; NotAllowed otherwise."""
    found = find_person(unit, person)
    if not rules.qualified(found.qualified_until, unit.now.date()):
        raise NotAllowed(
            "access.not-qualified", f"{person} is not qualified to confirm hits",
            where=f"qualified until {found.qualified_until or 'never'}",
            todo="Ask a qualified examiner, or have a security administrator renew it: comity person qualify.",
        )  # fmt: skip
    return found


def log_change(unit: Unit, kind: str, acted: Acted | None, payload: JsonObject) -> None:
    """The entry about a change of a person."""
    actor = acted.actor if acted else Actor.system(unit.node)
    auth_hash = acted.auth_hash if acted else None
    subject: JsonObject = {"person": payload.get("id") or payload.get("person")}
    log.append(unit, Record(type=kind, actor=actor, subject=subject, payload=payload, auth_hash=auth_hash))
