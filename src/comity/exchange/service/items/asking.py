"""Asking a partner what it told of a kind since a number: ids and versions first, then only what is missing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.exchange.model import Cursor, Message
from comity.exchange.service.sending import follow_up
from comity.exchange.store import followed as store
from comity.exchange.wire.items import asked_body
from comity.kit.database.unit import Unit

ASKED: Final = "items.asked"
WANTED: Final = "items.wanted"
PATIENCE: Final = timedelta(hours=1)
"""How long a listing may take before it is asked for anew."""


def ask(unit: Unit, cursor: Cursor, *, whole: bool) -> None:
    """Ask the holder what it told since the cursor, or of everything with `whole`; once, until a listing comes or is
    overdue."""
    open_still = cursor.asked_at is not None and unit.now - cursor.asked_at < PATIENCE
    if open_still and (cursor.whole or not whole):
        store.keep_cursor(unit, cursor)
        return
    if whole:
        store.unmark(unit, cursor.holder, cursor.kind)
    go_on(unit, replace(cursor, asked=0 if whole else cursor.number, whole=whole))


def go_on(unit: Unit, cursor: Cursor) -> None:
    """Ask for the page since `cursor.asked`."""
    store.keep_cursor(unit, replace(cursor, asked_at=unit.now))
    _say(unit, ASKED, cursor.holder, asked_body(cursor))


def want(unit: Unit, holder: str, kind: str, ids: Sequence[str]) -> None:
    """Have the holder say these items again; nothing happens where there are none."""
    if ids:
        _say(unit, WANTED, holder, {"kind": kind, "ids": [*ids]})


def _say(unit: Unit, type: str, to: str, body: JsonObject) -> None:
    follow_up(unit, Message(type, (to,), uuid7(unit.now), body))
