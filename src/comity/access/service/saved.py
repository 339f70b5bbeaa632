"""Saved searches: a list as a person filtered and ordered it, under a name of their own, for that person alone.

Nothing of a list is kept, only where it stands: whoever opens one again sees what they may see then. So keeping and
forgetting one is no act, and the log says nothing of it.
"""

from typing import Final

from comity.access import store
from comity.access.model import SavedSearch
from comity.base.errors import BadInput, Conflict, NotFound
from comity.base.ids import uuid7
from comity.base.model import Actor
from comity.kit.database.unit import Unit

MOST: Final = 50
"""Saved searches of one person: more would be a list to search in."""
LONGEST_NAME: Final = 80
LONGEST_ADDRESS: Final = 1000


def keep_search(unit: Unit, actor: Actor, name: str, address: str) -> SavedSearch:
    """Keep a list's address under `name`; what has that name already is replaced.

    BadInput for an empty or long name and an address that is no list of this node's, Conflict where there are `MOST`.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise BadInput(
            "access.saved-name", f"A saved search has a name of 1 to {LONGEST_NAME} characters", where="name",
            todo="Give it a name by which you will know it.",
        )  # fmt: skip
    if not address.startswith("/") or address.startswith("//") or len(address) > LONGEST_ADDRESS:
        raise BadInput(
            "access.saved-address", "This is not the address of a list", where="address",
            todo="Open the list, choose its filters, and save it from there.",
        )  # fmt: skip
    known = store.saved.of(unit, actor.person)
    same = [one for one in known if one.name.casefold() == name.casefold()]
    if len(known) - len(same) >= MOST:
        raise Conflict("access.saved-many", f"You keep {MOST} searches already", todo="Delete one of them first.")
    for one in same:
        store.saved.drop(unit, actor.person, one.id)
    kept = SavedSearch(uuid7(unit.now), name, address, unit.now)
    store.saved.add(unit, actor.person, kept)
    return kept


def saved_searches(unit: Unit, actor: Actor) -> list[SavedSearch]:
    """The person's own, by name."""
    return sorted(store.saved.of(unit, actor.person), key=lambda one: one.name.casefold())


def forget_search(unit: Unit, actor: Actor, id: str) -> None:
    """Delete one; NotFound where the person has none with this id."""
    if not store.saved.drop(unit, actor.person, id):
        raise NotFound("access.saved-none", "You keep no search with this id", todo="See your saved searches.")
