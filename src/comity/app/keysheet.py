"""The node's keys and certificates as lists show them: which there are, where each lies, since when, until when."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from comity.base.clock import rfc3339
from comity.base.model import JsonObject
from comity.kit.crypto.certificates import fingerprint, to_der, valid_until
from comity.kit.crypto.keyring import FILE, KEY_KINDS, LOG, KeyRing
from comity.kit.crypto.symmetric import sha256


def lines(keys: KeyRing) -> list[JsonObject]:
    """Each with `key` (tls, signing, kem, log, kek), `which` (present, next, past), `where`, `made` (when its file was
    written; a restored node's are as old as the restoration), `valid_until` and `fingerprint`; empty where nothing is
    known."""
    return [*_certificates(keys), *_keys(keys), *_fixed(keys)]


def _line(key: str, which: tuple[str, str], path: Path, made: str, until: str = "") -> JsonObject:
    written = rfc3339(datetime.fromtimestamp(path.stat().st_mtime, UTC))
    return {
        "key": key, "which": which[0], "where": which[1], "made": written, "valid_until": until, "fingerprint": made
    }  # fmt: skip


def _certificates(keys: KeyRing) -> Iterator[JsonObject]:
    for which, path in (("present", keys.tls_certificate), ("next", keys.next_certificate)):
        if path.exists():
            pem = path.read_bytes()
            until, made = rfc3339(valid_until(pem)), fingerprint(to_der(pem))
            yield _line("tls", (which, FILE), path, made, until)


def _keys(keys: KeyRing) -> Iterator[JsonObject]:
    for kind in KEY_KINDS:
        slot = keys.slot(kind)
        for which, path in (("present", slot.present), ("next", slot.next), ("past", slot.past)):
            if path.exists():
                made = sha256(keys.public(kind, path)).hex()
                yield _line(kind, (which, keys.place(path)), path, made)


def _fixed(keys: KeyRing) -> Iterator[JsonObject]:
    """The log's key, which only a new epoch of the log replaces, and the key-encryption key."""
    where, kek = keys.place(keys.folder / LOG), keys.kek
    made = sha256(keys.log.public.raw).hex()
    yield _line("log", ("present", where), keys.folder / LOG, made)
    where = FILE if kek.cipher is None else f"{keys.place_of_token} and {FILE}" if kek.is_open else keys.place_of_token
    yield {"key": "kek", "which": "present", "where": where, "made": "", "valid_until": "", "fingerprint": ""}
