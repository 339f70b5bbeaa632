"""Whom the TLS handshake lets in: the certificates of the directory's members, revoked ones included.

A revoked member is told so by a signed error, and its attempt is logged; a stranger fails in the handshake.
"""

import ssl
from typing import Final
from weakref import WeakKeyDictionary

from comity.exchange.service.directory import directory
from comity.exchange.service.station import Station
from comity.exchange.store.partners import newest_directory
from comity.kit.crypto.certificates import server_context, show_from_now, trust
from comity.kit.database.unit import Database

_contexts: Final[WeakKeyDictionary[Database, list[ssl.SSLContext]]] = WeakKeyDictionary()
"""The contexts made in this process, to be told of newer directories."""


def server_tls(station: Station) -> ssl.SSLContext:
    """The context of this node's partner port."""
    keys = station.database.keys
    made = server_context(keys.tls_certificate, keys.tls_key, _certificates(station))
    _contexts.setdefault(station.database, []).append(made)
    return made


def refresh_keys(station: Station) -> None:
    """Let members of a newer directory in, too, show our own newest certificate, and use our newest keys.

    Who has left the directory gets through the handshake and no further.
    """
    certificates, keys = _certificates(station), station.database.keys.reloaded()
    station.database.keys = keys
    for context in _contexts.get(station.database, []):
        show_from_now(context, keys.tls_certificate, keys.tls_key)
        trust(context, certificates)


def keys_state(station: Station) -> tuple[int, ...]:
    """What `refresh_keys` goes by: the directory's version (0 before the first), and when our key files changed."""
    with station.database.read("exchange.directory") as unit:
        newest = newest_directory(unit)
    keys = station.database.keys
    return newest[0] if newest else 0, keys.tls_certificate.stat().st_mtime_ns, keys.folder.stat().st_mtime_ns


def _certificates(station: Station) -> list[bytes]:
    with station.database.read("exchange.directory") as unit:
        if newest_directory(unit) is None:
            return []  # nobody gets in before the first import
        members = directory(unit).members
        return [pem for code, m in sorted(members.items()) if code != unit.node for pem in m.certificates]
