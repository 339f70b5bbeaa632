"""Kept connections: used again when all went well, given up after an error, in no transaction while at rest."""

import pytest
import sqlalchemy as sa

from comity.kit.database.connections import Connections
from comity.kit.database.unit import Database


def test_a_connection_is_used_again_and_its_transaction_is_over(database: Database) -> None:
    kept = Connections(database.engine)
    with kept.begun() as first:
        assert first.in_transaction()
    assert not first.in_transaction()
    with kept.begun() as second:
        assert second is first
    kept.close()
    assert first.closed


def test_two_at_once_get_two(database: Database) -> None:
    kept = Connections(database._reader)
    with kept.begun() as one, kept.begun() as other:
        assert one is not other
    kept.close()


def test_after_an_error_the_connection_is_closed(database: Database) -> None:
    kept = Connections(database.engine)
    with pytest.raises(ValueError, match="stop"), kept.begun() as first:
        raise ValueError("stop")
    assert first.closed
    with kept.begun() as second:
        assert second is not first
    kept.close()


def test_a_server_that_was_lost_is_lost_for_those_at_rest(database: Database) -> None:
    kept = Connections(database._reader)
    with kept.begun() as resting, kept.begun():
        pass
    with pytest.raises(sa.exc.SQLAlchemyError), kept.begun() as lost:
        lost.invalidate()
        lost.execute(sa.text("SELECT 1"))
    assert resting.closed
    assert lost.closed
