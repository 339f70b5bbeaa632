"""Which quotas an act falls under, and what is said when one is used up."""

from collections.abc import Container, Iterable
from datetime import UTC, date, datetime, time, timedelta

from comity.base.clock import rfc3339
from comity.base.errors import BadInput
from comity.legal.model import DatedQuota, Exceeded, Finding, Quota, Spending

MOST = 1_000_000
EVERY = "*"


def key_of(quota: Quota) -> tuple[str, str, str, str]:
    """What a quota is of: two of one key are the same quota, declared twice."""
    return (quota.direction, quota.scope, quota.name, quota.measure)


def in_use(declared: Iterable[Quota], tables: Iterable[DatedQuota], today: date) -> list[Quota]:
    """The quotas of today, in the order of their keys: what a command has declared goes before a table's row."""
    found = {
        key_of(row.quota): row.quota
        for row in tables
        if row.valid_from <= today and (row.valid_until is None or today <= row.valid_until)
    }
    found |= {key_of(quota): quota for quota in declared}
    return [found[key] for key in sorted(found)]


def check(quota: Quota, measures: Container[str]) -> Quota:
    """The quota itself; BadInput for a number, name or measure that can be none."""
    reason = wrong(quota, measures)
    if reason:
        raise BadInput("legal.quota", reason, todo="See `comity legal quota set --help`.")
    return quota


def wrong(quota: Quota, measures: Container[str]) -> str:
    """Why this can be no quota; empty where it can."""
    return (
        "per-day is a whole number from 0 to a million" if not 0 <= quota.per_day <= MOST
        else "name somebody, or * for each one" if not quota.name.strip()
        else f"unknown measure {quota.measure!r}" if quota.measure != EVERY and quota.measure not in measures
        else "an incoming act has no person and no case here"
        if quota.direction == "incoming" and quota.scope in ("person", "case")
        else ""
    )  # fmt: skip


def whose(quota: Quota, act: Spending) -> str:
    """Whose capacity of this quota the act would use; empty where it does not fall under it."""
    if act.emergency or quota.direction != act.direction or quota.measure not in (EVERY, act.measure):
        return ""
    name = {"partner": act.partner, "person": act.person, "case": act.case, "instrument": act.instrument}[quota.scope]
    return name if quota.name in (EVERY, name) else ""


def tomorrow(today: date) -> datetime:
    """When the next day's capacity begins."""
    return datetime.combine(today + timedelta(days=1), time(), UTC)


def exceeded(quotas: list[tuple[Quota, str]], today: date) -> Exceeded:
    """What follows when all of these (with whose they are) are used up; a refusal goes before waiting."""
    quota, name = min(quotas, key=lambda pair: pair[0].on_trip != "refuse")
    again = tomorrow(today)
    then = "ask again" if quota.on_trip == "refuse" else "it goes on by itself"
    finding = Finding(
        condition="quota", result="fail", article="",
        values={"direction": quota.direction, quota.scope: name, "measure": quota.measure, "per_day": quota.per_day,
                "then": quota.on_trip, "again": rfc3339(again)},
        cure=f"{then} from {rfc3339(again)}; a threat to life is exempt",
    )  # fmt: skip
    return Exceeded(quota.on_trip, finding, again)
