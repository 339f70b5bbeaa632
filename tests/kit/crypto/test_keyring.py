"""The node's key folder: made once, private, whole, and the node's own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.base.clock import system_clock
from comity.base.errors import Conflict, Misconfigured, Tampered
from comity.base.model import DataKey
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.sealing import open_sealed, seal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


def test_created_keys_load_again(folder: Path) -> None:
    made = KeyRing.create(folder, "XA", system_clock)
    loaded = KeyRing.load(folder, "XA")
    assert made == loaded
    assert loaded.kek == made.kek
    assert loaded.log != loaded.signing
    assert open_sealed(loaded.kem, seal(made.kem.public, b"x", b""), b"") == b"x"


def test_the_folder_is_private(folder: Path) -> None:
    KeyRing.create(folder, "XA", system_clock)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_secrets_stay_out_of_the_repr(folder: Path) -> None:
    ring = KeyRing.create(folder, "XA", system_clock)
    assert ring.kek.secret.hex() not in repr(ring)
    assert repr(ring.kek.secret) not in repr(ring)


def test_keys_are_never_overwritten(folder: Path) -> None:
    KeyRing.create(folder, "XA", system_clock)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Conflict) as caught:
        KeyRing.create(folder, "XA", system_clock)
    assert caught.value.code == "keys.exist"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_missing_folder_is_said(folder: Path) -> None:
    with pytest.raises(Misconfigured) as caught:
        KeyRing.load(folder, "XA")
    assert caught.value.code == "keys.missing"


@pytest.mark.parametrize(
    "name", ["signing.pem", "kem.pem", "log.pem", "witness.pem", "kek.hex", "tls-certificate.pem", "tls-key.pem"]
)
def test_every_file_is_needed_and_private(folder: Path, name: str) -> None:
    KeyRing.create(folder, "XA", system_clock)
    (folder / name).chmod(0o640)
    with pytest.raises(Misconfigured) as opened:
        KeyRing.load(folder, "XA")
    assert opened.value.code == "keys.open"
    assert opened.value.where.endswith(name)
    (folder / name).unlink()
    with pytest.raises(Misconfigured) as missing:
        KeyRing.load(folder, "XA")
    assert missing.value.code == "keys.missing"


@pytest.mark.parametrize("name", ["signing.pem", "kem.pem", "log.pem", "witness.pem", "kek.hex", "tls-certificate.pem"])
@pytest.mark.parametrize("content", [b"", b"00ff", b"\xff\xfe"])
def test_damaged_files_are_said(folder: Path, name: str, content: bytes) -> None:
    KeyRing.create(folder, "XA", system_clock)
    (folder / name).write_bytes(content)
    with pytest.raises(Misconfigured) as caught:
        KeyRing.load(folder, "XA")
    assert caught.value.code == "keys.damaged"


def test_another_nodes_keys_are_refused(folder: Path) -> None:
    KeyRing.create(folder, "XB", system_clock)
    with pytest.raises(Misconfigured, match="belong to node XB"):
        KeyRing.load(folder, "XA")


def test_data_keys_are_stable_and_separate(keys: KeyRing) -> None:
    assert keys.data_key("log-openings") == keys.data_key("log-openings")
    assert keys.data_key("log-openings").secret != keys.data_key("vault").secret
    assert len(keys.data_key("vault").secret) == 32
    assert keys.kek.secret != keys.data_key("vault").secret


def test_wrapped_keys_open_only_here_and_under_their_name(keys: KeyRing, keyring: Callable[[str], KeyRing]) -> None:
    key = DataKey("case-1", b"k" * 32)
    blob = keys.wrap(key)
    assert keys.unwrap("case-1", blob) == key
    assert key.secret not in blob
    for ring, name in ((keys, "case-2"), (keyring("XB"), "case-1")):
        with pytest.raises(Tampered):
            ring.unwrap(name, blob)
