"""Whom the TLS handshake lets in: the certificates of the directory's members, revoked ones included.

A revoked member is told so by a signed error, and its attempt is logged; a stranger fails in the handshake.
"""

import ssl

from comity.exchange.service.directory import directory
from comity.exchange.service.station import Station
from comity.exchange.store.partners import newest_directory
from comity.kit.crypto.certificates import server_context, trust


def server_tls(station: Station) -> ssl.SSLContext:
    """The context of this node's partner port."""
    keys = station.database.keys
    return server_context(keys.tls_certificate, keys.tls_key, _certificates(station))


def refresh_tls(station: Station, context: ssl.SSLContext) -> None:
    """Let members of a newer directory in, too. Who has left it gets through the handshake and no further."""
    trust(context, _certificates(station))


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
