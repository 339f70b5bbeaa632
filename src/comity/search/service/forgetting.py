"""What this room still keeps of a case whose data key is destroyed: the names of records, and what was sealed."""

from comity.base.errors import Conflict
from comity.exchange import service as exchange
from comity.kit.database.unit import Unit
from comity.search import store
from comity.search.service import timing


def forget(unit: Unit, case: str) -> None:
    """Destroy what the case's queries tell of its records and candidates, and what partners said about them.

    The queries stay, with their partners, states and times, as the log has them. Conflict while one of them still waits
    for an answer, which could not be taken any more.
    """
    queries = store.queries(unit, case=case)
    waiting = [query.id for query in queries if query.state in timing.AWAITED | {timing.REVIEWED}]
    if waiting:
        raise Conflict(
            "search.awaited", f"{len(waiting)} queries of the case still wait for an answer", where=waiting[0],
            todo="Withdraw them first: comity search withdraw QUERY.",
        )  # fmt: skip
    for query in queries:
        store.forget(unit, query.id)
        store.outcomes.forget(unit, query.id)
        store.notes.forget(unit, query.id)
    exchange.forget(unit, case, [query.conversation for query in queries])
