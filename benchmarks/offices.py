"""A federation's office for the benchmarks: two nodes, the usual signatures, nothing on disk."""

from comity.base.clock import system_clock
from comity.exchange import service
from comity.exchange.service.federation import joining
from comity.exchange.service.federation.founding import Charter, found
from comity.exchange.service.federation.office import OFFICE_KEYS, ROOT, Office
from comity.kit.crypto.signing import SigningKey
from comity.kit.database.unit import Database

FEDERATION = "benchmark"


def founded() -> Office:
    """An office without members."""
    keys = {role: SigningKey.generate() for role in (ROOT, *OFFICE_KEYS)}
    return found(Charter(FEDERATION), keys, system_clock())


def entry(database: Database, port: int) -> bytes:
    """The file that a node hands in."""
    said = service.member_entry(database.keys, database.node, f"https://127.0.0.1:{port}")
    return joining.entry_file(database.keys, said, (FEDERATION, ""), system_clock())


def published(office: Office, *entries: bytes) -> tuple[bytes, str]:
    """The next edition with these files taken in, and the root's fingerprint."""
    for one in entries:
        joining.admit(office, joining.read_entry_file(one), system_clock())
    office.refresh(system_clock())
    return office.bundle, office.fingerprint
