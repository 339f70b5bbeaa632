"""Who is at the other end of a connection, and what a refused request gets: a signed error, and an entry in the log."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final, Literal
from weakref import WeakKeyDictionary

from comity.base.errors import ComityError, Unavailable
from comity.base.model import Actor, JsonObject
from comity.exchange.model import Member, Spate
from comity.exchange.rules import RATE, check_member, is_entered, refused, refused_again
from comity.exchange.service.directory import directory, in_force
from comity.exchange.service.filing import hurry_files
from comity.exchange.service.station import OWED, Station
from comity.exchange.store import partners, sent
from comity.exchange.wire.receipts import error_body, error_payload
from comity.kit.codec import b64, jws
from comity.kit.crypto.certificates import common_name, fingerprint
from comity.kit.crypto.symmetric import Bytes, sha256
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from comity.log.model import Record

logger = logging.getLogger(__name__)

TOO_MANY: Final = 429
Why = Literal["rate", "size"]

_SEEN_EVERY: Final = timedelta(minutes=1)
_spates: Final[WeakKeyDictionary[Database, dict[str, Spate]]] = WeakKeyDictionary()
"""What each peer, by its certificate's fingerprint, was refused lately. Only members get past the handshake."""
_counting: Final = threading.Lock()


@dataclass(frozen=True)
class Reply:
    """What a partner's request is answered with. `branch` names the error's branch; empty when all is well."""

    body: bytes
    branch: str = ""
    type: str = ""
    """The message's type, for the observer; empty where it is not known."""
    status: int = 0
    """The HTTP status where neither the usual one nor the branch's fits."""
    code: str = ""
    """The error's code; empty when all is well."""
    media: str = "application/json"


def identify(unit: Unit, certificate: bytes) -> Member:
    """The member whose certificate (DER) the connection showed; NotAllowed when unlisted, revoked or mismatched."""
    shown = fingerprint(certificate)
    members = in_force(unit).members
    for one in members.values():
        if shown in one.fingerprints:
            return check_member(one, one.code, shown)
    name = _claimed(certificate)
    return check_member(members.get(name), name, shown)


def _claimed(certificate: bytes) -> str:
    """The node code that a certificate claims, whether true or not."""
    pem = "-----BEGIN CERTIFICATE-----\n" + b64.encode(certificate) + "\n-----END CERTIFICATE-----\n"
    try:
        return common_name(pem.encode())
    except ComityError:
        return ""


def note_seen(unit: Unit, code: str) -> None:
    """The partner is alive: remember when, and try at once what waits for it."""
    row = partners.partner_row(unit, code)
    away = row is not None and row.failures > 0
    if row is not None and not away and row.seen_at is not None and unit.now - row.seen_at < _SEEN_EVERY:
        return
    partners.set_partner(unit, code, {"seen_at": unit.now})
    if away:
        sent.retry_now(unit, code)
        hurry_files(unit, code)
        unit.signal(OWED, code)


def needs_noting(unit: Unit, code: str) -> bool:
    """Whether `note_seen` would change anything that matters: the partner counted as away."""
    row = partners.partner_row(unit, code)
    return row is not None and row.failures > 0


def guarded(station: Station, body: Bytes, certificate: bytes, verb: Callable[[], Reply]) -> Reply:
    """The verb's reply to a partner's request, or a signed and logged error: also for a fault of our own."""
    try:
        return verb()
    except ComityError as error:
        return refuse_request(station, error, body, certificate)
    except Exception:  # the partner must get a signed word and the log an entry, whatever went wrong here
        logger.exception("a partner's request met a fault")
        fault = ComityError("node.internal", "The node met a fault of its own", todo="Try again; tell its operator.")
        return refuse_request(station, fault, body, certificate)


def refuse_request(station: Station, error: ComityError, body: Bytes, certificate: bytes) -> Reply:
    """The signed error for a request that is not taken, after its entry in this node's log.

    Of a peer's many refusals in a minute only some get one (`rules.is_entered`), which counts the others. Storage that
    is full or locked cannot hold the entry either: then the error goes out without, and is reported.
    """
    request = sha256(body).hex()
    spate = _count(station, fingerprint(certificate))
    if not is_entered(spate):
        return signed_error(station, error, request)
    payload: JsonObject = {"code": error.code, "request": request, "kind": "refused"}
    try:
        with station.database.unit("exchange.refuse") as unit:
            log.append(unit, _record(unit, payload | ({"missed": spate.missed} if spate.missed else {}), certificate))
    except ComityError as second:
        logger.warning("a refusal could not be logged: %s", second)
    return signed_error(station, error, request)


def _count(station: Station, peer: str) -> Spate:
    """The peer's spate with this refusal; the next entry need not count again what this one counts."""
    with _counting:
        spates = _spates.setdefault(station.database, {})
        spate = refused_again(spates.get(peer), station.database.clock())
        spates[peer] = replace(spate, missed=0 if is_entered(spate) else spate.missed + 1)
        return spate


def turn_away(station: Station, why: Why, body: bytes, certificate: bytes) -> Reply:
    """The signed error, logged as every refusal, for a request beyond the peer's allowance, or beyond its size.

    Of one that is too large only the part that was read is named.
    """
    if why == "size":
        return refuse_request(station, refused("too-large", "the body is larger than this endpoint takes"), body,
                              certificate)  # fmt: skip
    error = Unavailable(
        RATE, f"more than {station.allowance.per_second} requests a second", todo="Send it again, later and slower."
    )
    return replace(refuse_request(station, error, body, certificate), status=TOO_MANY)


def signed_error(station: Station, error: ComityError, request: str) -> Reply:
    """An error under this node's signature, naming the request (hex SHA-256 of its body) that it answers."""
    key = station.database.keys.signing
    payload = error_payload(error, station.database.node, request, station.database.clock())
    return Reply(error_body(jws.sign_compact(key, key.public.fingerprint, payload)), error.branch, code=error.code)


def _record(unit: Unit, payload: JsonObject, certificate: bytes) -> Record:
    name = _claimed(certificate)
    peer = name if name in directory(unit).members else None
    subject: JsonObject = {"certificate": fingerprint(certificate), "claims": name[:64]}
    return Record(
        type="request.refused", actor=Actor.system(unit.node), subject=subject, peer=peer, payload=payload,
    )  # fmt: skip
