"""Quotas: declared by the agency, counted in the same transaction as the act, never against a threat to life.

They stand in a table, imported and signed like any other, or are declared by a command at once, which then goes before
the table's row. None is declared at first, and then nothing is counted.
"""

from dataclasses import replace
from typing import Final

from comity.access.model import Acted
from comity.base.errors import NotAllowed, NotFound
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.kit.database.unit import Unit
from comity.legal.model import Decision, Exceeded, Quota, Spending
from comity.legal.rules import quotas as rules
from comity.legal.service.tables import tables
from comity.legal.store import add_decision
from comity.legal.store import quotas as store
from comity.log import service as log
from comity.log.model import Record

QUOTA_SETTERS: Final = frozenset({"approver", "lawyer", "operator"})
"""Roles of which one is needed to declare a quota."""


def quota_subject(quota: Quota) -> JsonObject:
    """What a person signs when declaring a quota or taking one back."""
    return {
        "direction": quota.direction, "scope": quota.scope, "name": quota.name, "measure": quota.measure,
        "per_day": quota.per_day, "on_trip": quota.on_trip,
    }  # fmt: skip


def set_quota(unit: Unit, acted: Acted, quota: Quota) -> Quota:
    """Declare a quota, in the place of an earlier one for the same; logged. BadInput for one that cannot be."""
    rules.check(quota, tables(unit).vocabulary.codes("measures"))
    _logged(unit, acted, quota, "legal.quota-set")
    made = replace(quota, set_by=acted.actor.person, set_at=unit.now)
    store.save(unit, made)
    return made


def drop_quota(unit: Unit, acted: Acted, quota: Quota) -> None:
    """Take a quota back; logged. NotFound when there is none for that."""
    if not store.drop(unit, quota):
        raise _none_declared(unit, quota)
    _logged(unit, acted, quota, "legal.quota-dropped")


def _none_declared(unit: Unit, quota: Quota) -> NotFound:
    same = next((one for one in quotas(unit) if rules.key_of(one) == rules.key_of(quota)), None)
    if same is None:
        return NotFound("legal.quota-unknown", "there is no such quota", todo="See `comity legal quota list`.")
    return NotFound(
        "legal.quota-unknown", "no command has declared this quota; it stands in a signed table", where=same.set_by,
        todo="Import that table anew, with a last day for the row.",
    )  # fmt: skip


def _logged(unit: Unit, acted: Acted, quota: Quota, kind: str) -> None:
    if acted.act.get("subject") != quota_subject(quota):
        raise NotAllowed("legal.quota-act", "the signed act is about another quota", todo="Sign this one.")
    log.append(unit, Record(type=kind, actor=acted.actor, subject=quota_subject(quota), payload=None,
                            auth_hash=acted.auth_hash))  # fmt: skip


def quotas(unit: Unit) -> list[Quota]:
    """The quotas of today: those declared by commands, and those of the signed tables, whose place a command takes."""
    return rules.in_use(store.listed(unit), tables(unit).quotas, unit.now.date())


def used_today(unit: Unit, quota: Quota) -> int:
    """How much of a quota is used today; of one for each, what nobody in particular has used: 0."""
    return store.used(unit, quota, quota.name, unit.now.date())


def spend(unit: Unit, act: Spending) -> Exceeded | None:
    """Count one act, in the caller's transaction; where a quota is used up, count nothing and say what follows."""
    today = unit.now.date()
    found = [(quota, rules.whose(quota, act)) for quota in quotas(unit)]
    counted = [(quota, name, store.used(unit, quota, name, today)) for quota, name in found if name]
    full = [(quota, name) for quota, name, used in counted if used >= quota.per_day]
    if full:
        return rules.exceeded(full, today)
    for quota, name, used in counted:
        store.use(unit, (quota, name), today, used + 1)
    return None


def left_today(unit: Unit, act: Spending) -> int | None:
    """How many such acts the quotas leave today; None where none counts them."""
    today = unit.now.date()
    found = [(quota, rules.whose(quota, act)) for quota in quotas(unit)]
    return min((max(0, q.per_day - store.used(unit, q, name, today)) for q, name in found if name), default=None)


def refuse_by_quota(unit: Unit, decision: Decision, exceeded: Exceeded) -> Decision:
    """Keep the refusal as a decision of its own: a deny whose deciding finding is the quota."""
    findings = (*decision.findings, exceeded.finding)
    made = replace(decision, id=uuid7(unit.now), outcome="deny", findings=findings, requirements=())
    add_decision(unit, made)
    return made
