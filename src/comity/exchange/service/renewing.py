"""Another certificate without a gap: made and announced first, shown only when the directory lists it.

1. `renew` makes it; the member entry then names both. 2. The office signs it into the directory; from its import on, a
partner accepts either. 3. `switch` shows the next one from then on; the running node takes it up by itself. 4. The
entry names it alone again, and the next directory drops the old one.
"""

from comity.base.clock import system_clock
from comity.base.errors import Conflict
from comity.base.model import Actor
from comity.exchange.service.directory import directory
from comity.kit.crypto.certificates import fingerprint, to_der
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record


def renew(unit: Unit) -> str:
    """Make the next certificate, over a fresh key; its fingerprint. One that is there already stays. Logged."""
    known = unit.keys.next_certificate.exists()
    path = unit.keys.renew(system_clock)  # TLS goes by the machine's clock, whatever the unit's
    made = fingerprint(to_der(path.read_bytes()))
    if not known:
        _log(unit, "keys.renewed", made)
    return made


def switch(unit: Unit) -> str:
    """Show the next certificate from now on; its fingerprint. Logged.

    Conflict where there is none (``keys.no-next``) or the directory in force does not announce it: partners would
    refuse it.
    """
    path = unit.keys.next_certificate
    if not path.exists():
        unit.keys.switch()  # which says so
    made = fingerprint(to_der(path.read_bytes()))
    me = directory(unit).members.get(unit.node)
    if me is None or made not in me.fingerprints:
        raise Conflict("exchange.next-unlisted", "The directory in force does not announce the next certificate",
                       todo="Have the office sign the entry of `comity keys renew`, and import it.")  # fmt: skip
    _log(unit, "keys.switched", made)
    unit.after_commit(unit.keys.switch)
    return made


def _log(unit: Unit, type: str, certificate: str) -> None:
    log.append(unit, Record(type, Actor.system(unit.node), {"certificate": certificate}, None))
