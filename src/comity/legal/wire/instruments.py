"""One instrument, one YAML file in the schema ``comity-instrument/1`` (described in docs/protocol/legal-facts.md).

Every row says measure, article, conditions, deadlines with clocks of their own, use limits, refusal grounds,
channels, requirements, source, confidence and status. A row without article or source is refused.
"""

from collections.abc import Callable
from typing import Final

from comity.base.model import Json, JsonObject
from comity.legal.model import Clause, Condition, Instrument, Row
from comity.legal.wire.deadlines import read_deadline
from comity.legal.wire.fields import Fields, bad, load_yaml

SCHEMA: Final = "comity-instrument/1"
KINDS: Final = ("bilateral", "regional", "convention")
WORDS: Final = ("condition", "deadline", "limits", "channel")
PLACES: Final = ("entry", "territory", "declarations", "handling", "neutrality", "refusal")

PARAMETERS: Final[dict[str, dict[str, bool]]] = {
    "modality": {"one_of": True},
    "purpose": {"one_of": True},
    "data_category": {"one_of": True},
    "data_subject": {"one_of": False, "none_of": False},
    "authority": {"one_of": True},
    "offence_scope": {
        "months": True,
        "listed": True,
        "classes": False,
        "sentence_months": False,
        "list_in_words": False,
    },
    "dual_criminality": {"unless_listed": True, "unless_months": False, "months": False},
    "sentence": {"months": True},
    "stated": {"fact": True, "one_of": False, "equals": False, "unless_left_out": False, "cure": True},
    "text": {},
    "unclassified": {},
}
"""Condition kinds, their parameters, and which must be given."""


def read_instrument(data: bytes, name: str) -> Instrument:
    """The instrument in `data`; BadInput names file `name`, row and reason."""
    top = load_yaml(data, name)
    top.one_of("schema", (SCHEMA,))
    code = top.text("code")
    articles = top.map("articles")
    read = Instrument(
        code=code, title=top.text("title"), kind=top.one_of("kind", KINDS), valid_from=top.day_or_none("from"),
        valid_until=top.day_or_none("until"), text=top.text("text", empty=True),
        in_force=top.truth("in_force") if top.has("in_force") else True,
        articles={place: articles.text(place, empty=True) for place in PLACES},
        rows=tuple(_row(fields) for fields in top.items("rows", "row")), where=name,
    )  # fmt: skip
    articles.done()
    top.done()
    if read.valid_from and read.valid_until and read.valid_until < read.valid_from:
        raise bad("until lies before from", name)
    if not read.in_force and read.valid_from is not None:
        raise bad("an instrument that is not in force has no first day: leave from null", name)
    if not read.rows:
        raise bad("an instrument without rows", name)
    return read


def _row(fields: Fields) -> Row:
    row = Row(
        measure=fields.text("measure"), article=fields.text("article"),
        conditions=tuple(_condition(f) for f in fields.items("conditions", "condition")),
        deadlines=tuple(read_deadline(f) for f in fields.items("deadlines", "deadline")),
        use_limits=_clauses(fields, "use_limits"), refusal_grounds=_clauses(fields, "refusal_grounds"),
        channels=_clauses(fields, "channels"), requirements=_clauses(fields, "requirements"),
        source=fields.text("source"), confidence=fields.one_of("confidence", ("V", "S", "H", "M", "L")),
        status=fields.one_of("status", ("reviewed", "unreviewed")), words=_words(fields), where=fields.where,
    )  # fmt: skip
    fields.done()
    return row


def _words(fields: Fields) -> dict[str, str]:
    """The source's own short words on some of four subjects."""
    if not fields.has("words"):
        return {}
    inside = fields.map("words")
    read = {subject: inside.text(subject) for subject in WORDS if inside.has(subject)}
    inside.done()
    return read


def _condition(fields: Fields) -> Condition:
    kind = fields.one_of("kind", tuple(PARAMETERS))
    article = fields.text("article")
    text = fields.text("text") if kind == "text" else ""
    known, given = PARAMETERS[kind], fields.rest()
    wrong = [key for key in given if key not in known]
    wrong += [key for key, must in known.items() if must and key not in given]
    if wrong:
        raise bad(f"condition {kind}: missing or unknown: {', '.join(wrong)}", fields.where)
    return Condition(kind, article, _parameters(given, fields.where), text)


def _parameters(given: dict[str, object], where: str) -> JsonObject:
    fields, read = Fields(given, where, bad), JsonObject()
    readers: dict[str, Callable[[str], Json]] = {
        "months": fields.number, "unless_left_out": fields.truth, "cure": fields.text, "fact": fields.text,
        "sentence_months": fields.number, "unless_months": fields.number, "list_in_words": fields.text,
    }  # fmt: skip
    for key, value in given.items():
        if key in readers:
            read[key] = readers[key](key)
        elif key == "equals" or (key == "one_of" and "fact" in given):
            read[key] = _plain(value, key, where)
        else:
            read[key] = list[Json](fields.texts(key))
    return read


def _plain(value: object, key: str, where: str) -> Json:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, list) and value and all(isinstance(v, str | bool) for v in value):
        return list[Json](value)
    raise bad(f"{key} must be quoted text, true or false, not {value!r}", where)


def _clauses(fields: Fields, key: str) -> tuple[Clause, ...]:
    read = []
    for item in fields.items(key, key):
        mandatory = item.truth("mandatory") if item.has("mandatory") else True
        states = item.texts("states") if item.has("states") else ()
        read.append(Clause(item.text("code"), item.text("article"), mandatory, states))
        item.done()
    return tuple(read)
