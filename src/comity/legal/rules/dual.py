"""Dual criminality: is the conduct an offence in both states? Compared by code, never by translating a text.

Two offences are the same where they are of one class (ICCS level 1) and of one key of the European arrest warrant's
list, or of one category where neither is on that list. Whatever agrees in part only is for a lawyer: one class but
another key, a key on one side only, another class, or a penalty below the threshold. Where the day of the act is
stated, the asked state's law counts as of that day as well as of the day of the question.
"""

from collections.abc import Iterable

from comity.base.model import Json, JsonObject
from comity.legal.model import Condition, Finding, Offence
from comity.legal.rules.matter import Matter, failed, met, unsure, whole
from comity.legal.rules.offences import STATE_IT, day_of_act, said
from comity.legal.rules.tables import holds


def criminality(m: Matter, condition: Condition) -> Finding:
    """The same offence in the asked state is a yes, a doubtful one refers, none at all is a no; so does its law refer
    where nothing is known of it.

    `unless_listed` waives it, from a maximum of `unless_months` on where given; `months` is the least maximum that
    the asked state's offence must carry.
    """
    values, article = said(m), condition.article
    if m.offence is None:
        return unsure("dual_criminality", article, values, STATE_IT)
    if _waived(m.offence, condition):
        return met("dual_criminality", article, {**values, "waived_for": m.offence.eaw_list})
    theirs = [o for o in m.tables.offences_of.get(m.question.asked, ()) if holds(o, m.on)]
    if not theirs:
        return unsure("dual_criminality", article, values, f"import the offences of {m.question.asked} for that day")
    return _compared(m, condition, m.offence, theirs)


def declared(m: Matter) -> list[Finding]:
    """Dual criminality that a declaration demands although the row does not."""
    demanded = any(d.effect == "require_dual_criminality" for d in m.declared)
    if not demanded or any(c.kind == "dual_criminality" for c in m.row.conditions):
        return []
    return [criminality(m, Condition("dual_criminality", m.row.article, {}))]


def _waived(offence: Offence, condition: Condition) -> bool:
    """Whether the offence is listed and, where the row says from which maximum on that helps, grave enough."""
    listed = condition.values.get("unless_listed")
    if not isinstance(listed, list) or not offence.eaw_list or offence.eaw_list not in listed:
        return False
    return offence.max_penalty_months >= (whole(condition.values.get("unless_months")) or 0)


def _compared(m: Matter, condition: Condition, offence: Offence, theirs: Iterable[Offence]) -> Finding:
    least = whole(condition.values.get("months")) or 0
    differing = {o.code: _differing(offence, o, least) | _late(m, o) for o in theirs if _alike(offence, o)}
    same = [code for code, found in differing.items() if not found]
    values: JsonObject = said(m) | {
        "iccs": offence.iccs, "eaw_list": offence.eaw_list, "category": offence.category, "same": list[Json](same),
    }  # fmt: skip
    if least:
        values["threshold_months"] = least
    if same:
        return met("dual_criminality", condition.article, values)
    if differing:
        values["near"] = dict[str, Json](differing)
        cure = f"have a lawyer compare the conduct, and its penalty, with {', '.join(differing)}"
        return unsure("dual_criminality", condition.article, values, cure)
    cure = f"{m.question.asked} has no such offence: ask for a measure that needs no dual criminality"
    return failed("dual_criminality", condition.article, values, cure)


def _alike(ours: Offence, theirs: Offence) -> bool:
    """Whether anything at all speaks for one being the other's counterpart."""
    return (
        ours.iccs == theirs.iccs
        or ours.category == theirs.category
        or (ours.eaw_list != "" and ours.eaw_list == theirs.eaw_list)
    )


def _differing(ours: Offence, theirs: Offence, least: int) -> JsonObject:
    """What keeps the two from being the same, as the asked state's table has it; nothing where they are."""
    found: JsonObject = {}
    if ours.iccs != theirs.iccs:
        found["iccs"] = theirs.iccs
    if ours.eaw_list != theirs.eaw_list:
        found["eaw_list"] = theirs.eaw_list or "none"
    elif not ours.eaw_list and ours.category != theirs.category:
        found["category"] = theirs.category
    if theirs.max_penalty_months < least:
        found["max_penalty_months"] = theirs.max_penalty_months
    return found


def _late(m: Matter, theirs: Offence) -> JsonObject:
    """The day of the act, where the asked state's law did not know the offence on it."""
    day = day_of_act(m.question)
    rows = m.tables.offences.get((theirs.state, theirs.code), ())
    return {} if day is None or any(holds(o, day) for o in rows) else {"act_on": day.isoformat()}
