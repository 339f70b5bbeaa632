"""Where somebody was: the things that a person looked at last, for the person alone. The log keeps every look."""

from comity.access import store
from comity.access.model import Look
from comity.base.model import Actor
from comity.kit.database.unit import Unit


def looked(unit: Unit, actor: Actor, thing: str, mark: str = "") -> None:
    """The person looks at `thing` (``room:id``) as it stands, which `mark` names by a code."""
    if actor.person:
        store.looks.keep(unit, actor.person, Look(thing, mark, unit.now))


def recent(unit: Unit, actor: Actor, most: int = 10) -> list[Look]:
    """What the person looked at, the latest first."""
    return store.looks.recent(unit, actor.person, most)


def marks(unit: Unit, actor: Actor, things: list[str]) -> dict[str, str]:
    """By thing, how it stood when the person last looked; what was never looked at is left out."""
    return store.looks.marks(unit, actor.person, things)
