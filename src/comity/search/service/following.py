"""What follows a released hit: evidence is asked for, and handed over as information only, or refused.

`evidence` calls these verbs in its own unit of work, on both sides, so that the query's life tells the whole story. A
query that is not (or no longer) waiting for it stays as it is: evidence may also be asked for before any core data.
"""

from dataclasses import replace
from typing import Literal

from comity.access.model import Acted
from comity.base.model import JsonObject
from comity.kit.database.unit import Unit
from comity.search import store
from comity.search.service import life

Ending = Literal["information_only", "refused"]


def evidence_requested(unit: Unit, query_id: str, request: str, acted: Acted | None = None) -> None:
    """Evidence about the released hit has been asked for."""
    query = store.find_query(unit, query_id)
    if query.state == "core_released":
        payload: JsonObject = {"request": request}
        life.step(unit, query, "evidence_requested", life.record(unit, "evidence_requested", query, payload, acted))


def evidence_settled(unit: Unit, query_id: str, ending: Ending, request: str) -> None:
    """A person has handed the evidence over as information only, or refused it: the query's life ends as released."""
    query = store.find_query(unit, query_id)
    if query.state == "evidence_requested":
        deed = life.record(unit, "evidence_settled", query, {"request": request, "ending": ending})
        life.step(unit, query, ending, replace(deed, human=True))
