"""Whom the TLS handshake lets in: the certificates of the directory's members, revoked ones included.

A revoked member is told so by a signed error, and its attempt is logged; a stranger fails in the handshake.
"""

import ssl
from typing import Final
from weakref import WeakKeyDictionary

from comity.exchange.service.directory import directory
from comity.exchange.service.station import Station
from comity.exchange.store.partners import newest_directory
from comity.kit.crypto.certificates import server_context, trust
from comity.kit.database.unit import Database

_contexts: Final[WeakKeyDictionary[Database, list[ssl.SSLContext]]] = WeakKeyDictionary()
"""The contexts made in this process, to be told of newer directories."""


def server_tls(station: Station) -> ssl.SSLContext:
    """The context of this node's partner port."""
    keys = station.database.keys
    made = server_context(keys.tls_certificate, keys.tls_key, _certificates(station))
    _contexts.setdefault(station.database, []).append(made)
    return made


def refresh_tls(station: Station) -> None:
    """Let members of a newer directory in, too. Who has left it gets through the handshake and no further."""
    certificates = _certificates(station)
    for context in _contexts.get(station.database, []):
        trust(context, certificates)


def directory_version(station: Station) -> int:
    """The version of the directory in force; 0 before the first import."""
    with station.database.read("exchange.directory") as unit:
        newest = newest_directory(unit)
    return newest[0] if newest else 0


def _certificates(station: Station) -> list[bytes]:
    with station.database.read("exchange.directory") as unit:
        if newest_directory(unit) is None:
            return []  # nobody gets in before the first import
        members = directory(unit).members
        return [m.tls_certificate.encode() for code, m in sorted(members.items()) if code != unit.node]
