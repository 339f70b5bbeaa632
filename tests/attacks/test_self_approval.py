"""An officer approves their own act: by another role, by another account, by another key, or past the program."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from comity.access import service as access
from comity.access.model import NewPerson
from comity.base.errors import Conflict, NotAllowed
from comity.kit.database.unit import Database
from comity.search import service
from tests.clock import FixedClock
from tests.people import CHEAP, PASSPHRASE, enrol
from tests.search.world import World, world

GRANTED = service.Ruling(True, "BJ 2026/41", "proportionate")


@pytest.fixture
def requested(
    make_database: Callable[[str], Database], clock: FixedClock, tmp_path: Path
) -> Iterator[tuple[World, str]]:
    """Two real agencies, and a request for core data that waits for XB's judge."""
    with world(make_database, clock, tmp_path) as made:
        yield made, made.requested()


def test_neither_another_role_nor_another_account_of_the_unit_approves(requested: tuple[World, str]) -> None:
    made, query = requested
    with pytest.raises(NotAllowed):
        made.b.does("approver-1", service.authorise, query, GRANTED)
    made.b.does("both-1", service.authorise, query, GRANTED)
    for person in ("both-1", "approver-2"):  # the same person in another role; another account in the same unit
        with pytest.raises(Conflict) as caught:
            made.b.release(query, person)
        assert caught.value.code == "access.four-eyes"
    assert made.b.where(query)[0] == "authorised"
    made.b.release(query)


def test_past_the_program_the_database_refuses_too(requested: tuple[World, str]) -> None:
    made, query = requested
    made.b.does("both-1", service.authorise, query, GRANTED)
    copy = (
        "INSERT INTO access_approval (target_hash, slot, person, key_id, unit, act_hash, at)"
        " SELECT target_hash, 'approver', {person}, {key}, {unit}, act_hash, at FROM access_approval"
    )
    others = {"person": "'nobody-1'", "key": "'another key'", "unit": "'elsewhere'"}
    for same in others:
        parts = others | {same: {"key": "key_id"}.get(same, same)}
        with made.b.database.unit("test.forge") as unit, pytest.raises(sa.exc.IntegrityError), unit.act():
            unit.connection.execute(sa.text(copy.format(**parts)))


def test_a_second_key_needs_an_administrator_and_is_another_account(database: Database) -> None:
    with database.unit("test.people") as unit:
        officer = enrol(unit, "officer-1", "officer")
        with pytest.raises(NotAllowed), unit.act():
            access.add_person(
                unit, NewPerson("officer-9", "court", frozenset({"approver"}), PASSPHRASE), officer, CHEAP
            )
