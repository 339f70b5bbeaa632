"""What an examiner looks at: one candidate beside the record of its query, and what else waits for a verdict."""

from comity.base.model import Actor
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.search import rules, store
from comity.search.model import Compared, Judgeable, Matcher
from comity.search.service import life
from comity.search.service.answering import matcher_of
from comity.search.service.blinding import as_known
from comity.search.service.confirming import candidate

MOST_WAITING = 200
_OPEN = ("candidate_hit", "both_laboratories")
_DECIDED = ("confirmed",)


def compared(unit: Unit, matchers: dict[str, Matcher[Unit]], viewer: Actor, query_id: str, number: str) -> Compared:
    """A candidate beside the record of its query, for whom `seen_by` would show it; every look has its log entry."""
    query = store.find_query(unit, query_id)
    life.readable(unit, query, viewer)
    life.record(unit, "viewed", query, {"person": viewer.person, "number": number})
    held, matcher = candidate(unit, query, number), matcher_of(matchers, query.modality)
    seen = rules.visible_verdicts(store.verdicts(unit, query), viewer.person, unit.node)
    here = [verdict for verdict in seen if verdict.number == number]
    own = next((v for v in here if (v.node, v.person) == (unit.node, viewer.person)), None)
    return Compared(
        as_known(unit, query, viewer), held,
        matcher.side_by_side(unit, store.body(unit, query.id, life.key_of(unit, query)), held.record),
        matcher.grade({"quality": held.quality, "comparison": held.comparison}),
        own, tuple(verdict for verdict in here if verdict != own), tuple(to_judge(unit, viewer)),
    )  # fmt: skip


def to_judge(unit: Unit, viewer: Actor, most: int = MOST_WAITING) -> list[Judgeable]:
    """The candidates that wait for this examiner's verdict, the longest asked first; none for anybody else.

    A hit that somebody else has confirmed is among them, as if nobody had: whoever judges second is blind. Of the
    confirmed ones only those that were asked last are looked at; an older one takes a second verdict on its own page.
    """
    if "examiner" not in viewer.roles:
        return []
    judge = store.judging.Judge(unit.node, viewer.person, cases.selection(unit, viewer))
    return store.judging.to_judge(unit, _OPEN, _DECIDED, judge, most)
