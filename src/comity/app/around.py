"""What lies around a case: everything that rooms above cases keep under it, and its history from the log.

Composed here because only app knows every room. Whoever comes this far is a member of the case; what an examiner who
has yet to judge must not know is left out, as everywhere.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from comity.base.model import Actor, Issuer, Json
from comity.cases import service as cases
from comity.cases.model import Case
from comity.evidence import service as evidence
from comity.evidence.model.lists import Choice
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Watch
from comity.log import service as log
from comity.log.model import Line
from comity.search import service as search
from comity.search.model import Wanted

TEMPLATE: Final = "app/around.html"
CLOCKS: Final = frozenset({"answer", "core_data", "review", "confirm_in_writing", "second_approval"})
"""Clocks for which pages have words of their own."""
SHOWN: Final = 20
"""Searches, exhibits, requests and packages that are shown, the newest of each; their lists have the rest."""
HISTORY: Final = 30
"""Entries of the history on a page."""
_MECHANICS: Final = ("message.",)
"""Types of entries that tell how something travelled, beside the entry of the act itself."""
_AFTER_VERDICTS: Final = frozenset({
    "search.judged", "search.judged_abroad", "search.explained", "search.noted", "search.noted_abroad",
    "search.core_requested", "search.core_received", "search.opened", "search.status", "search.outcome",
    "search.refused", "search.evidence_requested", "search.evidence_settled", "evidence.requested",
    "legal.reminded", "legal.overdue",
})  # fmt: skip
"""What only a verdict brings about, or may: an examiner, who may have yet to judge, sees none of it but his own."""
_ADDRESSES: Final = (
    ("query", "/search/"), ("item", "/evidence/"), ("request", "/evidence/requests/"), ("release", "/evidence/"),
)  # fmt: skip


def around(unit: Unit, issuer: Issuer, case: Case, before: int | None) -> tuple[str, Mapping[str, Any]]:
    """The template that the case's page includes, and its values; a constant number of statements."""
    viewer, choice = issuer.actor, Choice(case=case.id)
    clocks, matters = legal.of_case(unit, case.id)
    told = log.story(unit, cases.data_key(unit, case.id), before, HISTORY + 1)
    older = told[HISTORY - 1].index if len(told) > HISTORY else None
    return TEMPLATE, {
        "searches": search.page(unit, viewer, Wanted(case=case.id, rows=SHOWN)).queries,
        "items": evidence.list_items(unit, viewer, choice).lines[:SHOWN],
        "requests": evidence.list_requests(unit, viewer, choice).lines[:SHOWN],
        "packages": evidence.list_packages(unit, viewer, choice).lines[:SHOWN],
        "matters": matters, "worded": CLOCKS, "now": unit.now,
        "clocks": [clock for clock in clocks if may_know(viewer, clock)],
        "history": [(line, leads_to(line.subject)) for line in _acts(told[:HISTORY], viewer)],
        "older": f"/cases/{case.id}?before={older}#history" if older is not None else "",
    }  # fmt: skip


def may_know(viewer: Actor, clock: Watch) -> bool:
    """Whether a clock tells this person no verdict of others: that of core data runs only after one."""
    return "examiner" not in viewer.roles or clock.clock != "core_data"


def _acts(lines: Iterable[Line], viewer: Actor) -> list[Line]:
    """The entries that tell of acts, as far as the viewer may know them."""
    blind = _AFTER_VERDICTS if "examiner" in viewer.roles else frozenset()
    return [
        line for line in lines
        if not line.type.startswith(_MECHANICS) and (line.type not in blind or line.person == viewer.person)
    ]  # fmt: skip


def leads_to(subject: Json) -> str:
    """The page of what an entry is about; empty where there is none."""
    if not isinstance(subject, dict):
        return ""
    return next((address + str(subject[name]) for name, address in _ADDRESSES if subject.get(name)), "")
