"""A deadline as a table states it: the clock of an instrument's row, or of a life cycle.

``{clock, article, start: [...], consequence}`` with one of ``hours``, ``days``, ``months`` and ``fixed`` (the name of a
fact) and, where they are given, ``restarted_by``, ``extended_by``, ``suspended_by``, ``until``, ``extensions: [{event,
days}]``, ``working_days``, ``rolls``, ``zone``, ``reminders: [{after | before_end: {days}, to: [role], text}]``,
``effect``, ``obliges``, ``when: {fact: [code]}``, ``source``.
"""

from typing import Final, cast

from comity.legal.model import Deadline, Effect, Extension, Reminder, Term, TermUnit
from comity.legal.rules.calendars import zone_of
from comity.legal.wire.fields import Fields, bad

UNITS: Final[tuple[TermUnit, ...]] = ("hours", "days", "months")
MOST: Final = 100_000
"""Of any unit: longer terms are slips of the pen, and would leave the calendar."""


def read_deadline(fields: Fields) -> Deadline:
    """The deadline in `fields`; BadInput names row and reason."""
    given = [unit for unit in (*UNITS, "fixed") if fields.has(unit)]
    if len(given) != 1:
        raise bad("a deadline has exactly one of hours, days, months and fixed", fields.where)
    numbers = {unit: _amount(fields, unit) if unit in given else 0 for unit in UNITS}
    read = Deadline(
        clock=fields.text("clock"), article=fields.text("article"), start=fields.texts("start"),
        fixed=_text(fields, "fixed"), restarted_by=_texts(fields, "restarted_by"),
        extended_by=_texts(fields, "extended_by"), suspended_by=_texts(fields, "suspended_by"),
        extensions=_extensions(fields), until=_texts(fields, "until"), working_days=_truth(fields, "working_days"),
        rolls=_truth(fields, "rolls"), zone=_zone(fields), reminders=_reminders(fields), effect=_effect(fields),
        consequence=fields.text("consequence", empty=True), obliges=_obliges(fields), when=_when(fields),
        source=_text(fields, "source"), where=fields.where, **numbers,
    )  # fmt: skip
    fields.done()
    if not read.start:
        raise bad("a deadline needs the event that starts its clock", read.where)
    if (read.working_days or read.rolls) and not (read.days or read.months):
        raise bad("days off matter to days and months only", read.where)
    return read


def _text(fields: Fields, key: str) -> str:
    return fields.text(key) if fields.has(key) else ""


def _texts(fields: Fields, key: str) -> tuple[str, ...]:
    return fields.texts(key) if fields.has(key) else ()


def _truth(fields: Fields, key: str) -> bool:
    return fields.truth(key) if fields.has(key) else False


def _amount(fields: Fields, unit: str) -> int:
    amount = fields.number(unit)
    if not 0 < amount <= MOST:
        raise bad(f"{unit}: a term lasts 1 to {MOST}, not {amount}", fields.where)
    return amount


def _term(fields: Fields) -> Term:
    unit = next((unit for unit in UNITS if fields.has(unit)), UNITS[0])
    term = Term(_amount(fields, unit), unit)
    fields.done()
    return term


def _extensions(fields: Fields) -> tuple[Extension, ...]:
    items = fields.items("extensions", "extension") if fields.has("extensions") else []
    return tuple(Extension(item.text("event"), _term(item)) for item in items)


def _reminders(fields: Fields) -> tuple[Reminder, ...]:
    read = []
    for item in fields.items("reminders", "reminder") if fields.has("reminders") else []:
        before = item.has("before_end")
        term = _term(item.map("before_end" if before else "after"))
        read.append(Reminder(term, before, item.texts("to"), _text(item, "text")))
        item.done()
    return tuple(read)


def _zone(fields: Fields) -> str:
    name = fields.text("zone") if fields.has("zone") else "UTC"
    try:
        zone_of(name)
    except (KeyError, ValueError) as error:
        raise bad(f"zone: this machine knows no time zone {name!r}", fields.where) from error
    return name


def _effect(fields: Fields) -> Effect:
    if not fields.has("effect"):
        return "breach"
    return cast(Effect, fields.one_of("effect", ("breach", "ends", "no_objection")))


def _obliges(fields: Fields) -> str:
    return fields.one_of("obliges", ("asking", "asked")) if fields.has("obliges") else ""


def _when(fields: Fields) -> dict[str, tuple[str, ...]]:
    if not fields.has("when"):
        return {}
    inside = fields.map("when")
    return {fact: inside.texts(fact) for fact in inside.codes()}
