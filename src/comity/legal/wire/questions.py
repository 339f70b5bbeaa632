"""A question as JSON: what `comity legal decide` and the officer API read (docs/protocol/legal-facts.md)."""

from datetime import date

from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.legal.model import Question

KEYS = frozenset({"measure", "asking", "asked", "instrument", "on", "facts", "own"})


def read_question(value: JsonObject, node: str, today: date) -> Question:
    """The question; `asking` is this node and `on` is today unless stated. BadInput names the key that is wrong."""
    unknown = sorted(set(value) - KEYS)
    if unknown:
        raise _bad(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(KEYS))}")
    instrument = value.get("instrument")
    return Question(
        measure=_text(value, "measure"), asking=_text({"asking": node, **value}, "asking"), asked=_text(value, "asked"),
        instrument=None if instrument is None else _text(value, "instrument"),
        on=_day(_text({"on": today.isoformat(), **value}, "on")), facts=_object(value, "facts"),
        own=_object(value, "own"),
    )  # fmt: skip


def _text(value: JsonObject, key: str) -> str:
    found = value.get(key)
    if found is None:
        raise _bad(f"{key} is missing")
    if not isinstance(found, str) or not found:
        raise _bad(f"{key} must be text")
    return found


def _object(value: JsonObject, key: str) -> JsonObject:
    found: Json = value.get(key, {})
    if not isinstance(found, dict):
        raise _bad(f"{key} must be an object")
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _bad(f"on: {text!r} is not a date such as 2026-09-01") from None


def _bad(reason: str) -> BadInput:
    return BadInput("legal.question", reason, todo="See docs/protocol/legal-facts.md for the keys of a question.")
