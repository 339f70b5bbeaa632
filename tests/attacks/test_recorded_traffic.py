"""Traffic is recorded today and decrypted by a machine that breaks elliptic curves, or lattices, but not both."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from comity.base.errors import Tampered
from comity.exchange.service import envelope as sealing
from comity.exchange.wire.envelope import parse_envelope, parse_header
from comity.kit.codec.jcs import parse_object
from comity.kit.crypto.sealing import KemKey, open_sealed
from comity.kit.database.unit import Database
from tests.exchange.federation import federation, send_query

SEAM = b"-----\n-----"
"""Between the two private keys of a hybrid one: first the lattice's, then the curve's."""


def test_either_broken_half_alone_opens_nothing(make_database: Callable[[str], Database]) -> None:
    with federation(make_database) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]
        id = send_query(a.station, "XB")
        with a.database.read("test.recorded") as unit:
            query = sa.text("SELECT envelope FROM exchange_message WHERE id = :id")
            recorded = bytes(unit.connection.scalar(query, {"id": id}))
        envelope = parse_envelope(parse_object(recorded))
        broken, fresh = b.database.keys.kem.to_pem().split(SEAM), KemKey.generate().to_pem().split(SEAM)
        for halves in ((fresh[0], broken[1]), (broken[0], fresh[1])):
            with pytest.raises(Tampered):
                open_sealed(
                    KemKey.from_pem(SEAM.join(halves)), envelope.wraps[0].sealed, b"cx1-wrap\0" + envelope.header_bytes
                )
        opened = sealing.open_envelope(b.database.keys, envelope, parse_header(envelope.header))
        assert opened.payload.body["number"] == 1, "both halves together do"
        assert b"number" not in recorded
