"""No text of a partner is longer than the column that keeps it: PostgreSQL would refuse it, after all checks."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.evidence import store
from comity.evidence.wire import messages
from comity.evidence.wire.custody import parse_line
from comity.evidence.wire.manifest import read_authorisation, read_item, read_manifest, write_manifest
from comity.evidence.wire.receipt import read_receipt, sign_receipt
from comity.kit.codec import jcs
from tests.evidence.scene import ITEM, KEY_A, KEY_B, RELEASE, answer, scene

MADE = scene()
REQUEST: JsonObject = {
    "v": 1, "request": RELEASE, "about": RELEASE, "wanted": "w", "category": "exhibit", "purpose": "p",
    "legal": {"instrument": "TRAIN-MOU", "facts": {}},
}  # fmt: skip
PACKAGE: JsonObject = {
    "v": 1, "release": RELEASE, "request": RELEASE, "use": "information_only", "expires": "2026-04-01T00:00:00.000Z",
    "package": {"sha256": "00" * 32, "size": 1},
}  # fmt: skip


def manifest(**changes: str) -> object:
    told = jcs.parse_object(write_manifest(MADE.manifest)) | changes
    return read_manifest(jcs.canonical(told), "manifest")


def message(parse: Callable[[JsonObject], object], body: JsonObject, field: str) -> Callable[[str], object]:
    return lambda text: parse(body | {field: text})


def item(field: str) -> Callable[[str], object]:
    return lambda text: read_item(MADE.item.as_dict() | {field: text}, "manifest")


def authorisation(field: str) -> Callable[[str], object]:
    return lambda text: read_authorisation(jcs.canonical(MADE.authorisation.as_dict() | {field: text}), "authorisation")


def line(field: str) -> Callable[[str], object]:
    told = jcs.parse_object(MADE.chain[0].line)
    return lambda text: parse_line(jcs.canonical(told | {field: text}), "custody")


WIRE: list[tuple[sa.Table, str, Callable[[str], object]]] = [
    (store.request_table, "id", message(messages.parse_request, REQUEST, "request")),
    (store.request_table, "about", message(messages.parse_request, REQUEST, "about")),
    (store.request_table, "category", message(messages.parse_request, REQUEST, "category")),
    (store.request_table, "purpose", message(messages.parse_request, REQUEST, "purpose")),
    (store.parcel_table, "id", message(messages.parse_package, PACKAGE, "release")),
    (store.parcel_table, "request", message(messages.parse_package, PACKAGE, "request")),
    (store.parcel_table, "use", message(messages.parse_package, PACKAGE, "use")),
    (store.parcel_table, "id", authorisation("release")),
    (store.parcel_table, "request", authorisation("request")),
    (store.parcel_table, "sender", lambda text: manifest(releasing=text)),
    (store.parcel_table, "id", lambda text: manifest(release=text)),
    (store.item_table, "id", item("id")),
    (store.item_table, "exhibit", item("exhibit")),
    (store.item_table, "origin", lambda text: manifest(releasing=text)),
    (store.custody_table, "item", line("item")),
]


@pytest.mark.parametrize(("table", "column", "parse"), WIRE)
def test_what_is_longer_than_its_column_is_refused(
    table: sa.Table, column: str, parse: Callable[[str], object]
) -> None:
    kind: Any = table.c[column].type
    for text in ("a" * (kind.length + 1), RELEASE + "0" * (kind.length - 35), "a\x00b", "a\ud800b"):
        with pytest.raises(BadInput):
            parse(text)


def test_what_fits_is_taken() -> None:
    assert messages.parse_request(REQUEST | {"category": "c" * 64, "about": ""}).category == "c" * 64
    assert read_item(MADE.item.as_dict() | {"exhibit": "É" * 64}, "manifest").exhibit == "É" * 64
    assert manifest(releasing="X" * 16)
    assert read_item(MADE.item.as_dict(), "manifest").id == ITEM


def test_ids_and_agencies_of_a_receipt_are_bounded() -> None:
    told = answer(MADE)
    assert read_receipt(sign_receipt(told, KEY_A)).receipt == told
    for field, text in (("release", "r" * 36), ("sender", "X" * 17), ("receiver", "X" * 17)):
        with pytest.raises(BadInput):
            read_receipt(sign_receipt(type(told)(**{**vars(told), field: text}), KEY_B))


def test_a_partners_basis_keeps_only_a_code_and_facts() -> None:
    told: JsonObject = {"instrument": "TRAIN-MOU", "facts": {"a": 1}, "note": "n" * 100_000}
    assert messages.parse_request(REQUEST | {"legal": told}).legal == {"instrument": "TRAIN-MOU", "facts": {"a": 1}}
    wrong: list[JsonObject] = [
        {"instrument": "I" * 65, "facts": {}}, {"facts": {"a": "b" * 20_000}}, {"facts": []},
    ]  # fmt: skip
    for legal in wrong:
        with pytest.raises(BadInput):
            messages.parse_request(REQUEST | {"legal": legal})


def test_of_a_refusal_only_its_own_fields_are_kept() -> None:
    decision: JsonObject = {"outcome": "deny", "measure": "evidence_information", "findings": [], "more": "m"}
    body: JsonObject = {"request": "r", "by": "XZ", "ground": "g", "reason": "r", "padding": "p" * 1_000_000}
    kept: JsonObject = {"outcome": "deny", "measure": "evidence_information", "findings": []}
    assert messages.parse_refusal(body | {"decision": decision}) == {"decision": kept, "ground": "g", "reason": "r"}
    long: JsonObject = {"outcome": "deny", "findings": ["f" * 70_000]}
    changes: list[JsonObject] = [
        {}, {"decision": "no"}, {"decision": decision, "reason": 1}, {"decision": long},
        {"decision": decision, "ground": "g" * 4001},
    ]  # fmt: skip
    for change in changes:
        with pytest.raises(BadInput):
            messages.parse_refusal(body | change)
