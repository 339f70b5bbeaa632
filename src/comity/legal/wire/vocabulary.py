"""The closed lists of codes and the official forms as YAML: ``comity-vocabulary/1`` and ``comity-forms/1``.

Both are refused at load with file, row and reason. Codes are quoted, as everywhere: an unquoted `NO` is a truth value.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from comity.legal.model import Duty, Form, Retention, Scheme, Vocabulary
from comity.legal.wire.fields import Fields, bad, load_yaml

SCHEMA: Final = "comity-vocabulary/1"
FORMS_SCHEMA: Final = "comity-forms/1"
CONFIDENCES: Final = ("V", "S", "H", "M", "L")


def read_vocabulary(data: bytes, name: str) -> Vocabulary:
    """The vocabulary in `data`; BadInput names file `name`, row and reason."""
    top = load_yaml(data, name)
    top.one_of("schema", (SCHEMA,))
    schemes = [_scheme(fields) for fields in top.items("schemes", "scheme")]
    _once((scheme.name for scheme in schemes), "scheme", name)
    read = Vocabulary(
        schemes={scheme.name: scheme for scheme in schemes},
        retention=tuple(_retention(fields) for fields in top.items("retention", "period")),
        duties=tuple(_duty(fields) for fields in top.items("duties", "duty")),
    )
    top.done()
    return read


def _scheme(fields: Fields) -> Scheme:
    name, texts = fields.text("name"), {}
    if fields.has("texts"):
        inside = fields.map("texts")
        texts = {code: inside.text(code) for code in inside.codes()}
    codes = fields.texts("codes") if fields.has("codes") else tuple(texts)
    scheme = Scheme(name, fields.text("source"), _confidence(fields), codes, texts, fields.where)
    fields.done()
    if not codes:
        raise bad("a scheme without codes", scheme.where)
    _once(codes, "code", scheme.where)
    strange = [code for code in texts if code not in codes]
    if strange:
        raise bad(f"a text for a code that the scheme does not have: {', '.join(strange)}", scheme.where)
    return scheme


def _retention(fields: Fields) -> Retention:
    read = Retention(
        fields.text("record"), fields.text("limit"), fields.text("anchor"), fields.text("article"), _confidence(fields)
    )
    fields.done()
    return read


def _duty(fields: Fields) -> Duty:
    read = Duty(
        fields.one_of("kind", ("log", "statistics")), fields.text("name"), fields.texts("items"),
        fields.text("article"), _confidence(fields),
    )  # fmt: skip
    fields.done()
    return read


def read_forms(data: bytes, name: str) -> tuple[Form, ...]:
    """The forms in `data`; BadInput names file `name`, row and reason."""
    top = load_yaml(data, name)
    top.one_of("schema", (FORMS_SCHEMA,))
    forms = tuple(_form(fields) for fields in top.items("forms", "form"))
    top.done()
    _once((form.code for form in forms), "form", name)
    return forms


def _form(fields: Fields) -> Form:
    read = Form(
        code=fields.text("code"), instrument=fields.text("instrument", empty=True), basis=fields.text("basis"),
        confidence=_confidence(fields), blocks=_named(fields, "blocks"), annexes=_named(fields, "annexes"),
        languages=fields.text("languages", empty=True), where=fields.where,
    )  # fmt: skip
    fields.done()
    if not read.blocks:
        raise bad("a form without blocks", read.where)
    return read


def _named(fields: Fields, key: str) -> dict[str, str]:
    """A list of single texts under names of their own, in order."""
    read: dict[str, str] = {}
    for item in fields.items(key, key) if fields.has(key) else []:
        code = item.text("code")
        if code in read:
            raise bad(f"{code!r} is given twice", item.where)
        read[code] = item.text("text")
        item.done()
    return read


def _confidence(fields: Fields) -> str:
    return fields.one_of("confidence", CONFIDENCES)


def _once(codes: Iterable[str], what: str, where: str) -> None:
    twice = [code for code, n in Counter(codes).items() if n > 1]
    if twice:
        raise bad(f"{what} given twice: {', '.join(twice)}", where)
