"""An administrator guesses what a commitment hides: a dictionary of all that could stand there, on a whole dump."""

import hashlib
import hmac
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from typing import Any

from comity.app.settings import load
from comity.app.wiring import create_node, find_key
from comity.kit.codec.jcs import canonical, parse_object
from comity.log import service as log
from comity.log.model import FIELDS
from comity.log.service.openings import sealing_key
from tests.app.conftest import Line

Commits = set[str]


def dump(line: Line) -> Iterator[Any]:
    """Every cell of every table, as the disk has it."""
    with closing(sqlite3.connect(line.home / "node.db")) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for row in database.execute(f'SELECT * FROM "{table}"'):
                yield from row


def opened(line: Line) -> list[tuple[str, bytes, Any]]:
    """Field, salt and value of everything committed, by the node that has the keys."""
    node = create_node(load(line.home))
    try:
        with node.database.read("test.open") as unit:
            found = []
            for entry, name in product(log.entries(unit, limit=1_000), FIELDS):
                key = sealing_key(unit, entry.index)
                one = log.read_opening(unit, entry.index, name, find_key(unit, key) if key else None)
                found.append((name, one.r, one.value))
            return found
    finally:
        node.close()


def guess(commits: Commits, salts: set[bytes], values: list[tuple[str, Any]]) -> int:
    """How many commitments some salt and some value explain."""
    messages = {f"comity-log-v1|{name}|".encode() + canonical(value) for name, value in values}
    plain = {hashlib.sha256(message).hexdigest() for message in messages}
    keyed = {hmac.digest(salt, message, "sha256").hex() for salt in salts for message in messages}
    return len(commits & (plain | keyed))


def test_the_right_dictionary_finds_nothing_in_a_dump(furnished: Line) -> None:
    known = opened(furnished)  # the best dictionary there can be: exactly the values that were committed to
    cells = [cell for cell in dump(furnished) if isinstance(cell, bytes | str)]
    blobs = [cell.encode() if isinstance(cell, str) else cell for cell in cells]
    entries = [parse_object(blob) for blob in blobs if blob.startswith(b'{"at":') and b'"commits"' in blob]
    commits = {str(commit) for entry in entries for commit in entry["commits"].values()}  # type: ignore[union-attr]
    assert len(commits) == 4 * len(entries) > 20
    values = [(name, value) for name, _, value in known if value is not None][:60] + [(n, None) for n in FIELDS]
    salts = {b"", bytes(32), *(blob[:32] for blob in blobs), *(blob[-32:] for blob in blobs)}
    assert guess(commits, salts, values) == 0
    salted = {r for _, r, _ in known}
    assert not salted & salts, "no salt lies in the clear"
    assert not any(r in blob or r.hex().encode() in blob for r in list(salted)[:40] for blob in blobs)
    name, r, value = known[0]
    assert guess(commits, {r}, [(name, value)]) == 1, "with the salt, which the key opens, the same guess does"


def test_one_value_twice_gives_two_commitments(furnished: Line) -> None:
    known = opened(furnished)
    assert len({r for _, r, _ in known}) == len(known)
