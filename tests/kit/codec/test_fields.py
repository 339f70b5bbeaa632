"""Strict reading of YAML: what is not asked for, given twice or of another kind is refused, with where it stands."""

from datetime import date

import pytest

from comity.base.errors import BadInput
from comity.kit.codec.fields import MAX_BYTES, Fields, day, load_yaml


def bad(reason: str, where: str) -> BadInput:
    return BadInput("test.table", reason, where=where, todo="Correct it.")


def read(text: str) -> Fields:
    return load_yaml(text.encode(), "x.yaml", bad)


def test_fields_are_read_by_their_kind_and_used_up() -> None:
    top = read("a: x\nb: 3\nc: true\nd: '2026-03-02'\ne: [p, q]\nf: {g: h}\ni: [{j: k}]\n")
    assert (top.text("a"), top.number("b"), top.truth("c")) == ("x", 3, True)
    assert (top.day("d"), top.texts("e"), top.map("f").text("g")) == (date(2026, 3, 2), ("p", "q"), "h")
    assert [(each.where, each.text("j")) for each in top.items("i", "row")] == [("x.yaml row 1", "k")]
    top.done()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &b [1]\nc: *b", "aliases"), ("a: 1\na: 2", "given twice: a"), ("{" * 40, "nested deeper"),
        ("a: [", "not YAML"), ("- a", "must be a mapping"), ("", "must be a mapping"),
    ],
)  # fmt: skip
def test_a_document_that_is_none_is_refused(text: str, reason: str) -> None:
    with pytest.raises(BadInput, match=reason):
        read(text)


def test_bytes_that_are_no_text_or_too_many_are_refused() -> None:
    for data, reason in ((b"\xff", "not UTF-8"), (bytes(MAX_BYTES + 1), "larger than")):
        with pytest.raises(BadInput, match=reason):
            load_yaml(data, "x.yaml", bad)


@pytest.mark.parametrize("kind", ["text", "number", "truth", "day", "texts", "map"])
def test_a_field_of_another_kind_or_none_at_all_is_refused(kind: str) -> None:
    for text in ("a: 1.5", "b: 1"):
        with pytest.raises(BadInput):
            getattr(read(text), kind)("a")


def test_what_nobody_asked_for_is_refused() -> None:
    with pytest.raises(BadInput, match="unknown field: a"):
        read("a: 1").done()
    with pytest.raises(BadInput, match="not a date"):
        day("2.3.2026", "from", "x", bad)
