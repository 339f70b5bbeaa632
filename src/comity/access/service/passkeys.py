"""Passkeys of people: made by whoever holds a one-time link; a lost one is replaced by two other people.

Of a link only the hash is kept. The first person's comes from who sets the node up, everybody else's from a security
administrator, who thereby can pose as nobody that has a passkey already.
"""

import base64
from typing import Final

from comity.access import rules, store
from comity.access.model import Acted, Ceremony, Link, Passkey, Person, Purpose
from comity.access.service import confirming
from comity.access.service.acting import act, approvals, approve
from comity.access.service.people import SECURITY_ADMINS, find_person, log_change
from comity.base.clock import rfc3339
from comity.base.errors import Conflict, NotAllowed
from comity.base.model import Issuer, JsonObject
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.crypto import passkeys
from comity.kit.crypto.passkeys import Holder, Site
from comity.kit.crypto.symmetric import random_bytes, sha256
from comity.kit.database.unit import Unit

RECOVERERS: Final = frozenset({"security_admin", "approver"})
"""Roles of the two who replace somebody's passkeys."""


def link(unit: Unit, issuer: Issuer, person: str, purpose: Purpose = "first") -> str:
    """The token of a link with which `person` makes a first passkey or, on a training node, visits without any.

    Earlier links of theirs open nothing any more. Conflict for a first passkey of a person who has one: two others
    replace it (`recover`).
    """
    acted = act(unit, issuer, "person.link", {"person": person, "purpose": purpose}, SECURITY_ADMINS)
    known = _active(unit, person)
    if known.system:
        raise Conflict("access.is-system", f"{person} is a system, and signs in nowhere",
                       todo="Give it an access token: comity token issue --for.")  # fmt: skip
    if purpose != "visit":
        _require_none(unit, known)
    log_change(unit, "person.linked", acted, {"person": person, "purpose": purpose})
    return issue_link(unit, person, purpose)


def issue_link(unit: Unit, person: str, purpose: Purpose) -> str:
    """The token of a new link that nobody asked for: for the first person, and for visitors of a training node."""
    token = base64.urlsafe_b64encode(random_bytes(32)).decode().rstrip("=")
    store.screens.end_links(unit, person)
    store.screens.insert_link(unit, Link(_hashed(token), person, purpose, unit.now, unit.now + rules.LINK, None))
    return token


def recover(unit: Unit, issuer: Issuer, person: str, reason: str) -> str | None:
    """Replace the passkeys of `person`: None when the first of two has asked for it, the token of a link when the
    second, another person of another unit, agrees. Then every passkey and session of the person ends at once."""
    acted = act(unit, issuer, "person.recover", {"person": person, "reason": reason}, RECOVERERS)
    lost = _active(unit, person)
    if acted.actor.person == person:
        raise NotAllowed("access.own-recovery", "Nobody replaces their own passkey", todo="Have two others do it.")
    target = sha256(canonical({"recover": person, "of": [one.key_id for one in _in_use(unit, lost)]})).hex()
    given = approvals(unit, target)
    approve(unit, acted, target, "second" if given else "first")
    if not given:
        log_change(unit, "person.recovery-asked", acted, {"person": person})
        return None
    end_all(unit, lost, acted)
    return issue_link(unit, person, "recovery")


def end_all(unit: Unit, person: Person, acted: Acted) -> None:
    """End every passkey, session and access token of a person."""
    for one in _in_use(unit, person):
        store.screens.change_passkey(unit, one.key_id, ended_at=unit.now)
    store.screens.end_sessions(unit, person.id)
    store.tokens.end_all(unit, person.id)
    log_change(unit, "person.passkeys-ended", acted, {"person": person.id})


def opened_link(unit: Unit, token: str) -> Link:
    """The link of that token; NotAllowed for one that is unknown, used or too old, or of somebody who left."""
    found = store.screens.link(unit, _hashed(token))
    person = store.find_person(unit, found.person) if found is not None else None
    if found is None or found.used_at is not None or found.expires <= unit.now or person is None or not person.active:
        raise NotAllowed("access.link", "This link opens nothing: it was used, or is too old",
                         todo="Ask a security administrator for a new one: comity person link PERSON.")  # fmt: skip
    return found


def ask_to_enrol(unit: Unit, site: Site, token: str) -> tuple[Ceremony, JsonObject]:
    """A challenge for a new passkey of the link's person: the ceremony, and what the browser is given."""
    found = opened_link(unit, token)
    earlier = store.screens.passkeys(unit, found.person)
    handle = earlier[0].handle if earlier else random_bytes(32)
    deed: JsonObject = {
        "v": 1, "verb": "person.passkey", "node": unit.node, "person": found.person, "at": rfc3339(unit.now),
        "subject": {"handle": handle.hex(), "purpose": found.purpose},
    }  # fmt: skip
    made = confirming.begin(unit, "enrol", found.person, deed)
    known = tuple(one.credential for one in earlier if one.ended_at is None)
    name = f"{found.person} at {unit.node}"
    return made, passkeys.creation(site, Holder(name, handle), confirming.challenge(deed, made.nonce), known)


def enrol(unit: Unit, site: Site, token: str, answer: tuple[str, bytes]) -> Passkey:
    """Keep the passkey in the browser's answer (the ceremony's id, its JSON); the link is thereby used.

    NotAllowed when the answer does not hold, Conflict when it was given before or the passkey is known.
    """
    found = opened_link(unit, token)
    made = confirming.finish(unit, answer[0], "enrol")
    if made.person != found.person:
        raise NotAllowed("access.link", "This answer belongs to another link", todo="Open your own link again.")
    response = parse_object(answer[1], limit=4 * confirming.MOST, where="the passkey's answer")
    new = passkeys.enrol(response, confirming.challenge(made.act, made.nonce), site)
    passkey = Passkey(
        new.credential, sha256(new.public_key).hex(), found.person, _handle(made.act), new.public_key, site.rp_id,
        new.count, unit.now, None,
    )  # fmt: skip
    if not store.screens.insert_passkey(unit, passkey):
        raise Conflict("access.passkey-known", "This passkey is known here already", todo="Sign in with it.")
    store.screens.end_links(unit, found.person)
    log_change(unit, "person.passkey-made", None, {"person": found.person, "key": passkey.key_id})
    return passkey


def holders(unit: Unit) -> frozenset[str]:
    """Everybody who has a passkey in use, and so can sign in at a browser."""
    return store.screens.holders(unit)


def _handle(deed: JsonObject) -> bytes:
    subject = deed["subject"]
    return bytes.fromhex(str(subject["handle"])) if isinstance(subject, dict) else b""


def _active(unit: Unit, person: str) -> Person:
    found = find_person(unit, person)
    if not found.active:
        raise NotAllowed("access.inactive", f"{person} cannot act here", todo="Add the person anew, by another name.")
    return found


def _in_use(unit: Unit, person: Person) -> list[Passkey]:
    return [one for one in store.screens.passkeys(unit, person.id) if one.ended_at is None]


def _require_none(unit: Unit, person: Person) -> None:
    if _in_use(unit, person):
        raise Conflict("access.has-passkey", f"{person.id} has a passkey",
                       todo="Two others replace a lost one: comity person recover PERSON.")  # fmt: skip


def _hashed(token: str) -> str:
    return sha256(token.encode()).hex()
