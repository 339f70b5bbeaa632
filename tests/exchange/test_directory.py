"""The directory: signed by the pinned root, never older, every key checked."""

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from comity.base.clock import system_clock
from comity.base.errors import BadInput, ComityError, Conflict, Misconfigured, NotFound, Tampered
from comity.base.model import JsonObject
from comity.exchange import service
from comity.exchange.service.directory import _read_before
from comity.exchange.service.federation.office import OFFICE_KEYS, ROOT
from comity.exchange.service.federation.verifying import verify
from comity.exchange.store import partners
from comity.exchange.wire import directory as wire
from comity.kit.codec import b64
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.signing import SigningKey
from comity.kit.crypto.symmetric import encrypt, sha256
from comity.kit.database.unit import Database
from comity.log import service as log
from tests.clock import FixedClock
from tests.exchange.federation import PIN, directory_file, entry

Rings = Callable[[str], KeyRing]
OTHERS = {role: SigningKey.generate() for role in (ROOT, *OFFICE_KEYS)}


def taken(database: Database, data: bytes, root: str | None = PIN) -> int:
    with database.unit("test") as unit:
        return service.import_directory(unit, data, root).version


def _authority(node: str) -> str:
    """A certificate that calls itself an authority's (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, node)])
    now = system_clock()
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now).not_valid_after(now + timedelta(days=90))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, SHA256())
    )  # fmt: skip
    return made.public_bytes(Encoding.PEM).decode()


def test_an_authoritys_certificate_cannot_be_listed(keys: KeyRing, clock: FixedClock) -> None:
    bad = entry(keys) | {"tls_certificate": _authority(keys.node)}
    with pytest.raises(BadInput, match="authority"):
        service.open_directory(directory_file([bad], 1, clock()), None)


def test_import_pins_logs_and_lists(database: Database, keyring: Rings, clock: FixedClock) -> None:
    data = directory_file([entry(keyring("XA")), entry(keyring("XB"))], 1, clock())
    assert taken(database, data) == 1
    assert taken(database, data, None) == 1, "the same again changes nothing"
    with database.read("test") as unit:
        assert sorted(service.directory(unit).members) == ["XA", "XB"]
        assert service.member(unit, "XB").signing == keyring("XB").signing.public.raw
        assert [e.type for e in log.entries(unit)] == ["directory.imported"]
        with pytest.raises(NotFound):
            service.member(unit, "XC")


def test_versions_never_go_back_and_another_root_is_refused(
    database: Database, keyring: Rings, clock: FixedClock
) -> None:
    entries = [entry(keyring("XA")), entry(keyring("XB"))]
    taken(database, directory_file(entries, 5, clock()))
    for version in (4, 5):
        with pytest.raises(Conflict):
            taken(database, directory_file(entries[:1], version, clock()))
    with pytest.raises(Tampered):
        taken(database, directory_file(entries, 6, clock(), OTHERS), None)
    with pytest.raises(Conflict):
        taken(database, directory_file(entries, 6, clock()), "00" * 32)
    assert taken(database, directory_file(entries, 6, clock()), None) == 6


def test_the_first_import_needs_the_right_fingerprint(database: Database, keyring: Rings, clock: FixedClock) -> None:
    data = directory_file([entry(keyring("XA"))], 1, clock())
    with pytest.raises(BadInput):
        taken(database, data, None)
    with pytest.raises(Tampered):
        taken(database, data, "00" * 32)
    with database.read("test") as unit, pytest.raises(Misconfigured):
        service.directory(unit)


def test_what_was_verified_once_is_read_again_and_nothing_that_another_wrote(
    database: Database, keyring: Rings, clock: FixedClock
) -> None:
    entries = [entry(keyring("XA")), entry(keyring("XB"))]
    data = directory_file(entries, 3, clock())
    taken(database, data)
    wanted = service.open_directory(data, PIN)
    with database.read("test") as unit:
        digest, sealed = sha256(data).hex(), partners.directory_reading(unit, 3)
        key = unit.keys.data_key("directory-readings").secret
    fewer = wire.reading_file(verify(wire.unpack(directory_file(entries[:1], 3, clock())), None))
    planted: list[bytes | None] = [
        sealed, None, b"x", encrypt(bytes(32), fewer, digest.encode()), encrypt(key, fewer, b"another edition"),
    ]  # fmt: skip
    for reading in planted:
        with database.unit("test") as unit:
            unit.connection.execute(sa.update(partners.directory).values(reading=reading))
        _read_before.clear()
        with database.read("test") as unit:
            assert service.directory(unit) == wanted, "another's reading counts for nothing: it is verified anew"


def test_a_stored_directory_that_was_changed_is_noticed(database: Database, keyring: Rings, clock: FixedClock) -> None:
    taken(database, directory_file([entry(keyring("XA"))], 1, clock()))
    with database.unit("test") as unit:
        other = directory_file([entry(keyring("XB"))], 1, clock())
        unit.connection.execute(sa.update(partners.directory).values(data=other))
    _read_before.clear()
    with database.read("test") as unit, pytest.raises(Tampered):
        service.directory(unit)


def test_a_process_loads_tuf_and_time_stamps_only_when_it_needs_them() -> None:
    loaded = "import sys, comity.exchange.service; print(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout.split()
    assert not {"tuf", "urllib3", "rfc3161_client"} & set(names)


def test_an_expired_directory_is_refused(database: Database, keyring: Rings, clock: FixedClock) -> None:
    data = directory_file([entry(keyring("XA"))], 1, clock())
    clock.advance(366 * 86400)
    with pytest.raises(BadInput):
        taken(database, data)


def test_a_directory_with_other_keys_for_this_node_is_refused(
    database: Database, tmp_path: Path, clock: FixedClock
) -> None:
    other = KeyRing.create(tmp_path / "keys", "XA", clock)
    with pytest.raises(Conflict):
        taken(database, directory_file([entry(other)], 1, clock()))


def test_every_changed_byte_is_noticed(keyring: Rings, clock: FixedClock) -> None:
    data = directory_file([entry(keyring("XA"))], 1, clock())
    for at in range(0, len(data), 41):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(ComityError):
            service.open_directory(changed, PIN)


SMALL_ORDER = b64.encode(bytes(32))
BAD_ENTRIES: dict[str, dict[str, Any]] = {
    "small-order signing key": {"signing": SMALL_ORDER},
    "short signing key": {"signing": b64.encode(b"x")},
    "another key's name": {"kem": {"kid": "00" * 32, "key": ""}},
    "log of another node": {"log": "comity.invalid/XB/log+00000000+AAAA"},
    "no https": {"endpoint": "http://127.0.0.1:1"},
    "no port": {"endpoint": "https://127.0.0.1"},
    "a path": {"endpoint": "https://127.0.0.1:1/x"},
    "no range of versions": {"versions": [3, 2]},
    "another code": {"code": "XB"},
    "no code": {"code": "../x"},
    "no certificate": {"tls_certificate": "x"},
}


@pytest.mark.parametrize("name", BAD_ENTRIES)
def test_bad_entries_are_not_signed(keyring: Rings, clock: FixedClock, name: str) -> None:
    bad: JsonObject = entry(keyring("XA")) | BAD_ENTRIES[name]
    with pytest.raises(BadInput):
        directory_file([bad], 1, clock())


def test_a_code_is_listed_once(keyring: Rings, clock: FixedClock) -> None:
    with pytest.raises(BadInput):
        directory_file([entry(keyring("XA")), entry(keyring("XA"))], 1, clock())
