"""Quick find: one field for cases, searches, exhibits, partners and people, each as far as the viewer needs to know.

What is typed is compared without case and accents. Whatever it meets exactly comes first; where that is one thing, the
page leads straight there. The number of statements does not depend on how much there is.
"""

from dataclasses import dataclass
from typing import Final

from comity.access import service as access
from comity.base.errors import Misconfigured
from comity.base.model import Actor
from comity.base.words import plain
from comity.cases import service as cases
from comity.cases.model import Wanted
from comity.evidence import service as evidence
from comity.exchange import service as exchange
from comity.kit.database.unit import Unit
from comity.search import service as search

MOST: Final = 20
"""Things of a kind that are shown."""
_ID: Final = 8
"""Characters of an id, from its start, that are looked for."""


@dataclass(frozen=True)
class Found:
    """One thing: where it is, what it is called, what stands beside it; and whether it is exactly what was typed."""

    address: str
    name: str
    beside: str = ""
    exact: bool = False


def find(unit: Unit, viewer: Actor, text: str) -> dict[str, list[Found]]:
    """What `text` meets, by kind; kinds with nothing are left out."""
    sought = plain(text)
    if not sought or not sought.isprintable():
        return {}
    found = {
        "case": _cases(unit, viewer, sought), "search": _queries(unit, viewer, sought),
        "evidence": _items(unit, viewer, sought), "partner": _partners(unit, sought), "person": _people(unit, sought),
    }  # fmt: skip
    return {kind: things for kind, things in found.items() if things}


def straight(found: dict[str, list[Found]]) -> str:
    """Where one thing that was typed exactly, or the only thing there is, leads; empty for none or several."""
    things = [one for kind in found.values() for one in kind]
    exact = [one for one in things if one.exact] or things
    return exact[0].address if len(exact) == 1 else ""


def _cases(unit: Unit, viewer: Actor, sought: str) -> list[Found]:
    named = cases.among(unit, viewer, {sought})
    listed, _ = cases.mine(unit, viewer, Wanted(text=sought, most=MOST))
    known = [Found(f"/cases/{one.id}", one.reference, one.title, plain(one.reference) == sought) for one in listed]
    return known + [Found(f"/cases/{id}", id, exact=True) for id in named]


def _queries(unit: Unit, viewer: Actor, sought: str) -> list[Found]:
    if len(sought) < _ID:
        return []
    found = search.named(unit, viewer, sought, MOST)
    return [Found(f"/search/{one.id}", one.id, one.partner, one.id == sought) for one in found]


def _items(unit: Unit, viewer: Actor, sought: str) -> list[Found]:
    found = evidence.items_named(unit, viewer, sought, MOST)
    return [Found(f"/evidence/{id}", exhibit, id, sought in (id, plain(exhibit))) for id, _, exhibit in found]


def _partners(unit: Unit, sought: str) -> list[Found]:
    try:
        members = exchange.directory(unit).members
    except Misconfigured:  # no federation yet
        return []
    return [
        Found(f"/partners/{code}", code, one.name, plain(code) == sought)
        for code, one in sorted(members.items())
        if code != unit.node and (plain(code) == sought or sought in plain(one.name))
    ][:MOST]


def _people(unit: Unit, sought: str) -> list[Found]:
    return [
        Found("/admin", one.id, one.unit, one.id == sought) for one in access.people(unit) if sought in plain(one.id)
    ][:MOST]
