"""Sessions at a browser: opened by a passkey, idle for ten minutes at most, eight hours long at most.

A session has a signing key of its own. The passkey that opens it signs, as the challenge, the act ``session.open`` that
names this key; so what the key signs rests on the passkey, and the chain is kept. The private key lies sealed under the
token in the browser's cookie: whoever has the database alone can sign nothing.
Sessions that an identity provider opens: `federated`.
"""

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from comity.access import rules, store
from comity.access.model import Person, Session
from comity.access.service import confirming, passkeys
from comity.access.service.acting import actor_of, session_over, signed
from comity.access.service.confirming import Confirmed
from comity.access.service.entering import note_stranger
from comity.base.clock import rfc3339
from comity.base.errors import NotAllowed, Tampered
from comity.base.model import Actor, Assertion, Issuer, JsonObject
from comity.kit.codec.jcs import parse_object
from comity.kit.crypto import passkeys as authenticators
from comity.kit.crypto.passkeys import Site
from comity.kit.crypto.signing import SigningKey
from comity.kit.crypto.symmetric import decrypt, derive, encrypt, random_bytes, sha256
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from comity.log.model import Record

_SEEN_EVERY: Final = timedelta(minutes=1)
_LABEL: Final = "comity-session"


@dataclass(frozen=True)
class SessionIssuer:
    """Makes assertions for the person of an open session; the key lives as long as this object."""

    actor: Actor
    _key: SigningKey = field(repr=False)
    visiting: bool = False
    """On a training node, without a passkey: nothing can be confirmed, so the session signs every act."""
    confirmed: Confirmed | None = None
    """The one act that the person has confirmed with this request."""

    def moment(self, now: datetime) -> datetime:
        """When the confirmed act was shown; now for any other."""
        return now if self.confirmed is None else self.confirmed.at

    def require(self, verb: str) -> None:
        """A session is for every verb."""

    def assertion(self, act: JsonObject, act_hash: str) -> Assertion:
        """The session's signature; for an act that must be confirmed the passkey's, or Unconfirmed without it."""
        about = (self.actor.person, act_hash, str(act["at"]))
        if act["verb"] not in rules.CONFIRMED or self.visiting:
            return signed(Assertion("session", about[0], "", about[1], about[2], ""), self._key)
        if self.confirmed is None or self.confirmed.act != act:
            raise confirming.unconfirmed(act)
        return Assertion("passkey", about[0], self.confirmed.key_id, about[1], about[2], self.confirmed.proof)


@dataclass(frozen=True)
class Entering:
    """A sign-in under way: the token for the browser's cookie, the ceremony's id, what the browser is given."""

    token: str = field(repr=False)
    ceremony: str
    options: JsonObject


def begin_entering(unit: Unit, site: Site) -> Entering:
    """Begin to sign in; who it is, the passkey will tell."""
    deed, sealed, token = prepared(unit)
    made = confirming.begin(unit, "enter", "", deed, sealed)
    return Entering(token, made.id, authenticators.request(site, confirming.challenge(deed, made.nonce)))


def prepared(unit: Unit) -> tuple[JsonObject, bytes, str]:
    """A session that is yet to be opened: the act that names its key, the key under the browser's token, the token."""
    key, token = SigningKey.generate(), _new_token()
    deed: JsonObject = {
        "v": 1, "verb": "session.open", "node": unit.node, "at": rfc3339(unit.now),
        "subject": {"key": key.public.raw.hex()},
    }  # fmt: skip
    return deed, _sealed(key, token), token


def enter_at_browser(database: Database, site: Site, token: str, answer: tuple[str, bytes]) -> tuple[Session, str]:
    """Open the session that `begin_entering` prepared: the session, and the token for the browser's cookie, a new one.

    `answer` is the ceremony's id and the browser's JSON. NotAllowed when the passkey is unknown or taken back, of
    somebody who left, or does not hold: counted as any failed sign-in. Conflict for an answer given before or too late.
    """
    try:
        with database.unit("access.enter") as unit:
            return _opened(unit, site, token, answer)
    except (NotAllowed, Tampered):
        with database.unit("access.enter-refused") as unit:
            note_stranger(unit)
        raise


def _opened(unit: Unit, site: Site, token: str, answer: tuple[str, bytes]) -> tuple[Session, str]:
    made = confirming.finish(unit, answer[0], "enter")
    response = parse_object(answer[1], limit=confirming.MOST, where="the passkey's answer")
    known = store.screens.passkey(unit, credential=authenticators.credential_of(response))
    person = store.find_person(unit, known.person) if known is not None else None
    if known is None or known.ended_at is not None or person is None or not person.active:
        raise NotAllowed("access.passkey-unknown", "This passkey is not known here, or was taken back",
                         todo="Use the passkey made at this node, or ask for a new link.")  # fmt: skip
    challenge = confirming.challenge(made.act, made.nonce)
    count = authenticators.verify(response, challenge, site, confirming.enrolled(known))
    store.screens.change_passkey(unit, known.key_id, count=count)
    key = unsealed(made.sealed or b"", token)
    by: JsonObject = {"act": made.act, "nonce": made.nonce.hex(), "passkey": known.key_id, "response": response}
    return keep(unit, person, key, by)


def visit(unit: Unit, token: str) -> tuple[Session, str]:
    """Open a session by a link for visitors, on a training node: the session, and the token for the cookie."""
    link = passkeys.opened_link(unit, token)
    person = store.find_person(unit, link.person)
    if link.purpose != "visit" or person is None:
        raise NotAllowed("access.link", "This link is for making a passkey", todo="Make one with it.")
    return keep(unit, person, SigningKey.generate(), {"link": link.token_hash})


def keep(unit: Unit, person: Person, key: SigningKey, by: JsonObject) -> tuple[Session, str]:
    """A new session of that person's, opened as `by` tells: the session, and the token for the browser's cookie."""
    token = _new_token()
    made = Session(
        key.public.fingerprint, _hashed(token), person.id, key.public.raw, _sealed(key, token), by, unit.now, unit.now,
        None,
    )  # fmt: skip
    store.screens.insert_session(unit, made)
    _log(unit, "session.opened", actor_of(unit, person), {"key": made.key_id, **_by(by)})
    return made, token


def _by(by: JsonObject) -> JsonObject:
    """By what a session was opened, for its entry."""
    word = by.get("oidc")
    told: JsonObject = {"passkey": by.get("passkey")}
    return told | {"oidc": word["issuer"]} if isinstance(word, dict) else told


def resume(database: Database, token: str) -> SessionIssuer:
    """The person of the open session with this token; NotAllowed ``access.session`` where there is none.

    That the session was seen is noted once a minute, so that reading pages writes nothing.
    """
    with database.read("access.resume") as unit:
        found = store.screens.session(unit, token_hash=_hashed(token))
        person = store.find_person(unit, found.person) if found is not None else None
        live = found is not None and rules.is_live(found, unit.now) and person is not None and person.active
        late = found is not None and unit.now - found.seen_at >= _SEEN_EVERY
        if not live or found is None or person is None:
            raise session_over()
        actor = actor_of(unit, person)
    if late and not database.sealed:
        with database.unit("access.seen") as unit:
            store.screens.change_session(unit, found.key_id, seen_at=unit.now)
    return SessionIssuer(actor, unsealed(found.sealed or b"", token), visiting=rules.is_visit(found))


def session_person(unit: Unit, token: str) -> str:
    """Whose session this token was, open or over; empty for a token that never was one."""
    found = store.screens.session(unit, token_hash=_hashed(token))
    return found.person if found is not None else ""


def is_open(unit: Unit, token: str) -> bool:
    """Whether the session with this token is open; asking does not count as being seen."""
    found = store.screens.session(unit, token_hash=_hashed(token))
    return found is not None and rules.is_live(found, unit.now)


def confirm(database: Database, issuer: Issuer, answer: tuple[str, bytes], site: Site) -> Issuer:
    """The person, having confirmed the act that was shown; `answer` is the ceremony's id and the browser's JSON."""
    if not isinstance(issuer, SessionIssuer):
        raise NotAllowed("access.passkey", "Only a person at a browser confirms with a passkey", todo="Sign in there.")
    with database.read("access.confirm") as unit:
        return replace(issuer, confirmed=confirming.confirmed(unit, site, issuer.actor.person, answer))


def leave(unit: Unit, token: str) -> None:
    """End the session with this token, if one is open."""
    found = store.screens.session(unit, token_hash=_hashed(token))
    person = store.find_person(unit, found.person) if found is not None else None
    if found is None or found.ended_at is not None or person is None:
        return
    store.screens.change_session(unit, found.key_id, ended_at=unit.now, sealed=None)
    _log(unit, "session.ended", actor_of(unit, person), {"key": found.key_id})


def stale_sessions(unit: Unit) -> list[str]:
    """The key ids of open sessions that are idle or old."""
    return store.screens.stale(unit, unit.now - rules.IDLE, unit.now - rules.LONGEST)


def sweep_sessions(unit: Unit) -> None:
    """End every session that is idle or old, so that its private key is gone."""
    for key_id in stale_sessions(unit):
        store.screens.change_session(unit, key_id, ended_at=unit.now, sealed=None)


def _log(unit: Unit, kind: str, actor: Actor, payload: JsonObject) -> None:
    log.append(unit, Record(type=kind, actor=actor, subject={"person": actor.person}, payload=payload))


def _new_token() -> str:
    return base64.urlsafe_b64encode(random_bytes(32)).decode().rstrip("=")


def raw_token(token: str) -> bytes:
    """The 32 bytes of a browser's token; NotAllowed ``access.session`` for a text that is none."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise session_over()
    return raw


def _sealed(key: SigningKey, token: str) -> bytes:
    return encrypt(derive(raw_token(token), _LABEL), key.to_pem(), _LABEL.encode())


def unsealed(blob: bytes, token: str) -> SigningKey:
    """A session's key, which that token opens; NotAllowed ``access.session`` for another token."""
    try:
        return SigningKey.from_pem(decrypt(derive(raw_token(token), _LABEL), blob, _LABEL.encode()))
    except Tampered as error:
        raise session_over() from error


def _hashed(token: str) -> str:
    return sha256(token.encode()).hex()
