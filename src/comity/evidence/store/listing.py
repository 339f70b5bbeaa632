"""Lists of evidence for people, page by page."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from comity.evidence.model.lists import Choice
from comity.evidence.store.tables import Condition, item_table, parcel_table, release_table, request_table
from comity.kit.database.unit import Unit

_LISTED: Final = {
    "item": (item_table, item_table.c.standing, item_table.c.origin),
    "request": (request_table, request_table.c.state, request_table.c.partner),
    "release": (release_table, release_table.c.state, release_table.c.recipient),
    "parcel": (parcel_table, parcel_table.c.state, parcel_table.c.sender),
}
"""By list: its table, and the columns by which `Choice.state` and `Choice.partner` choose."""
_HEAVY: Final = frozenset({"sealed", "receipt", "proposal", "basis", "reason", "items"})


def listed(unit: Unit, what: str, mine: Condition | None, choice: Choice, most: int) -> Sequence[sa.Row[Any]]:
    """Up to `most` rows of a list, by falling id, of the cases for which `mine` holds, and of `choice.case` alone where
    that names one by its id; without `mine`, what partners ask for, which has no case yet.

    Only light columns are read: none that holds sealed values, receipts or reasons.
    """
    table, state, partner = _LISTED[what]
    chosen = sa.select(*(column for column in table.c if column.name not in _HEAVY)).order_by(table.c.id.desc())
    chosen = chosen.where(mine(table.c.case_id) if mine else request_table.c.side == "asked").limit(most)
    if what == "request" and choice.without_hits:
        chosen = chosen.where(request_table.c.about == "")
    for column, value in ((state, choice.state), (partner, choice.partner), (table.c.case_id, choice.case)):
        chosen = chosen.where(column == value) if value else chosen
    return unit.connection.execute(chosen.where(table.c.id < choice.before) if choice.before else chosen).all()
