"""Vocabulary and forms: refused at load with file, row and reason; the package has what the rules ask for."""

import re

import pytest

from comity.base.errors import BadInput
from comity.legal import service
from comity.legal.rules import vocabulary as rules
from comity.legal.wire.vocabulary import read_forms, read_vocabulary
from tests.legal.law import DATA

WORDS = (DATA / "vocabulary.yaml").read_text(encoding="utf-8")
FORMS = (DATA / "forms.yaml").read_text(encoding="utf-8")

BAD_WORDS = {
    "an unquoted code": ('"suspect", ', "NO, ", "scheme", "quoted codes"),
    "a code twice": ('"suspect", ', '"suspect", "suspect", ', "scheme", "given twice: suspect"),
    "a scheme twice": ('name: "pap"', 'name: "tlp"', "vocabulary.yaml", "given twice: tlp"),
    "no source": ('    source: "RPD 112"\n', "", "scheme", "source is missing"),
    "unknown confidence": ('confidence: "V"', 'confidence: "sure"', "scheme", "confidence: unknown code"),
    "a text without a code": (
        '    texts:\n      "H0"', '    codes: ["H1", "H2", "H3"]\n    texts:\n      "H0"', "scheme", "text for a code"),
    "an unknown duty": ('kind: "log"', 'kind: "memory"', "duty 1", "kind: unknown code"),
    "another schema": ("comity-vocabulary/1", "comity-vocabulary/2", "vocabulary.yaml", "schema: unknown code"),
    "a field too many": ('record: "INTERPOL"', 'record: "INTERPOL", x: "y"', "period", "unknown field: x"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_WORDS)
def test_a_vocabulary_is_refused(name: str) -> None:
    old, new, where, reason = BAD_WORDS[name]
    assert old in WORDS
    with pytest.raises(BadInput) as caught:
        read_vocabulary(WORDS.replace(old, new, 1).encode(), "vocabulary.yaml")
    assert where in caught.value.where and re.search(reason, caught.value.what)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('name: "pap"', 'name: "pup"', "the scheme pap is missing"),
        ('"require_judge",', '"require_judge", "forbid",', "no rule goes with this list: forbid"),
        ('"H3": ', '"H4": ', "H3, H4"),
        ('"political", "military", "religious", "racial"\n    ]\n  - name: "offence_record"',
         '"political", "odd"\n    ]\n  - name: "offence_record"', "no category of offences: odd"),
    ],
)  # fmt: skip
def test_a_vocabulary_without_what_the_rules_hold(old: str, new: str, reason: str) -> None:
    assert old in WORDS
    with pytest.raises(BadInput, match=re.escape(reason)):
        rules.check(read_vocabulary(WORDS.replace(old, new, 1).encode(), "vocabulary.yaml"))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('code: "EAW_FORM"', 'code: "EPOC"', "given twice: EPOC"),
        ('{code: "addressee", text: "addressee"}', '{code: "addressee"}', "text is missing"),
        ('{code: "b", text: "urgency"}', '{code: "a", text: "urgency"}', "'a' is given twice"),
        ('instrument: "EIO"', "instrument: NO", "quoted text"),
        ('    basis: "art 12(2)"\n', "", "basis is missing"),
    ],
)
def test_forms_are_refused(old: str, new: str, reason: str) -> None:
    assert old in FORMS
    with pytest.raises(BadInput, match=reason):
        read_forms(FORMS.replace(old, new, 1).encode(), "forms.yaml")


def test_what_the_package_ships() -> None:
    words = service.vocabulary()
    assert words.codes("handling") == ("H0", "H1", "H2", "H3")
    assert words.codes("tlp") == ("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
    assert len(words.codes("eaw_list")) == 32 and len(words.codes("iccs")) == 11
    assert words.schemes["evaluation_europol_source"].texts["X"] == "cannot be assessed"
    assert {d.kind for d in words.duties} == {"log", "statistics"}
    assert {r.record: r.limit for r in words.retention}["SIS_object_38"] == "10y max"
    assert len(service.forms()) == 13
    (order,) = [form for form in service.forms() if form.code == "EIO_ANNEX_A"]
    assert list(order.blocks) == list("abcdefghijkl") and order.annexes["annex_c"] == "interception notification"
