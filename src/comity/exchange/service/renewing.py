"""Other keys without a gap: made and announced first, used only when the directory lists them, the old ones destroyed.

1. `renew` makes the next key or certificate; the member entry then names both. 2. The entry goes into the directory;
from its import on, a partner accepts either. 3. `switch` uses the next one from then on; the running node takes it up
by itself. 4. The entry names the new one first; an old signing or KEM key lasts for as long as anything under it can be
on its way (`DRAIN`), then `retire` destroys it.
"""

from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Literal, get_args

from comity.base.clock import system_clock
from comity.base.errors import Conflict
from comity.base.model import Actor
from comity.exchange.model import Member
from comity.exchange.rules import DEADLINES
from comity.exchange.service.directory import directory
from comity.exchange.service.station import Station
from comity.kit.crypto.certificates import fingerprint, to_der
from comity.kit.crypto.keyring import KEY_KINDS, KeyKind, KeyRing
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

Kind = Literal["tls", "signing", "kem"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
DRAIN: Final = max(DEADLINES.values()) + timedelta(days=7)
"""A message waits for its recipient no longer than its deadline, under a directory that may be a week old."""


def renew(unit: Unit, kind: Kind = "tls") -> str:
    """Make the next certificate, over a fresh key, or key; its fingerprint. One that is there already stays. Logged.

    Conflict (``keys.draining``) while the key before the present one has yet to be destroyed.
    """
    if kind == "tls":
        known = unit.keys.next_certificate.exists()
        path = unit.keys.renew(system_clock)  # TLS goes by the machine's clock, whatever the unit's
        made = fingerprint(to_der(path.read_bytes()))
    else:
        known = unit.keys.slot(kind).next.exists()
        made = sha256(unit.keys.renew_key(kind)).hex()
    if not known:
        _log(unit, "keys.renewed", kind, made)
    return made


def switch(unit: Unit, kind: Kind = "tls") -> str:
    """Use the next certificate or key from now on; its fingerprint. Logged.

    Conflict where there is none (``keys.no-next``) or the directory in force does not announce it: partners would
    refuse it.
    """
    made = _next(unit.keys, kind)
    me = directory(unit).members.get(unit.node)
    if me is None or made not in _announced(me, kind):
        raise Conflict("exchange.next-unlisted", f"The directory in force does not announce the next {kind} key",
                       todo="Have the office publish the entry of `comity keys renew`, and import it.")  # fmt: skip
    _log(unit, "keys.switched", kind, made)
    unit.after_commit(unit.keys.switch if kind == "tls" else unit.keys.slot(kind).switch)
    return made


def retire(station: Station) -> list[KeyKind]:
    """Destroy the past keys that nothing can need any more, each on record; their kinds."""
    keys, ended = station.database.keys, list[KeyKind]()
    for kind in KEY_KINDS:
        slot = keys.slot(kind)
        if _age(slot.past) > DRAIN:
            with station.database.unit("keys.retire") as unit:
                _log(unit, "keys.destroyed", kind, sha256(keys.public(kind, slot.past)).hex())
                unit.after_commit(partial(keys.destroy_past, kind))
            ended.append(kind)
    return ended


def _age(path: Path) -> timedelta:
    """How long the key has been past, by the machine's clock, as files are dated; nothing where there is none."""
    if not path.exists():
        return timedelta()
    return system_clock() - datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _next(keys: KeyRing, kind: Kind) -> str:
    """The fingerprint of the next certificate or key; Conflict where there is none."""
    if kind == "tls":
        if not keys.next_certificate.exists():
            keys.switch()  # which says so
        return fingerprint(to_der(keys.next_certificate.read_bytes()))
    slot = keys.slot(kind)
    if not slot.next.exists():
        slot.switch()  # which says so
    return sha256(keys.public(kind, slot.next)).hex()


def _announced(me: Member, kind: Kind) -> set[str]:
    """The fingerprints of that kind that partners know of this node."""
    if kind == "tls":
        return set(me.fingerprints)
    return {sha256(raw).hex() for raw in (me.signing_also if kind == "signing" else (me.kem_next,))}


def _log(unit: Unit, type: str, kind: Kind, made: str) -> None:
    name = "certificate" if kind == "tls" else kind
    log.append(unit, Record(type, Actor.system(unit.node), {name: made}, None))
