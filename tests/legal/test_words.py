"""The law's catalogues can say everything that the law's tables and rules can say, in every language."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final

import pytest

from comity.base.errors import BadInput
from comity.base.languages import LANGUAGES
from comity.base.model import Json, JsonObject
from comity.kit.codec.jcs import canonical
from comity.legal import rules, service
from comity.legal.model import Decision, Finding, Quota, Side, Tripped
from comity.legal.rules import engine
from comity.legal.rules.explaining.cures import Recogniser
from comity.legal.rules.explaining.wording import SCHEMES, Wording, verbatim
from comity.legal.rules.quotas import exceeded
from comity.legal.service.shipped import shipped_instruments
from comity.legal.wire.instruments import PARAMETERS
from tests.legal.law import CORVIA, DAY, ask, decide, instruments, law
from tests.legal.rules.test_instruments import ROWS, question, satisfying, world

ENGLISH = service.words("en")
RECOGNISER = Recogniser(ENGLISH)
SOURCES = tuple(
    file for file in Path(rules.__path__[0]).glob("*.py") if file.name not in ("calendars.py", "steps.py", "tables.py")
)
CODE: Final = re.compile(r"[a-z]{3,}(?:_[a-z0-9]+)*|[a-z]+(?:_[a-z0-9]+)+")
ENDS: Final[tuple[Tripped, ...]] = ("queue", "refuse")
SAID: Final[JsonObject] = {
    "emergency": "threat_to_life", "data_subject": "informant", "age": 15, "protections": ["informant"],
    "handling": {"code": "H3", "tlp": "RED", "pap": "RED", "classification": "RESTRICTED"}, "mixture": "suspected",
    "statement_kind": "personal_assessment", "evaluation": {"scheme": "europol", "source": "A", "information": "1"},
    "use_for": "prosecution", "onward_to": ["XC"], "retention_months": 99, "familial": True, "live": True,
    "profiling_only": True, "custody": {"seal": "S-12"}, "use_as": "evidence", "characters": ["political"],
    "refusal_grounds": ["political_offence"], "act_on": "2001-01-01", "retention_record": "SIS_object_38",
}  # fmt: skip
"""Everything that may be said beside what a row wants; the number of a seal is nobody's code."""
MAKERS: Final = {"failed": 3, "unsure": 3, "Stated": 2, "_finding": 4}
"""Calls that take a cure, and at which place."""


def test_every_language_has_a_catalogue() -> None:
    assert {service.words(language).language for language in LANGUAGES} == set(LANGUAGES)
    assert len({service.words(language).name for language in LANGUAGES}) == len(LANGUAGES)
    with pytest.raises(BadInput) as caught:
        service.words("tlh")
    assert caught.value.code == "legal.language"


def test_every_code_of_the_vocabulary_has_a_label() -> None:
    schemes = service.vocabulary().schemes
    missing = [
        (name, code) for name, scheme in schemes.items() if not verbatim(name) for code in scheme.codes
        if ENGLISH.find(name, code) is None
    ]  # fmt: skip
    assert missing == []
    assert {scheme for found in SCHEMES.values() for scheme in found} <= set(schemes)


def test_every_result_outcome_and_side_has_a_label() -> None:
    assert set(ENGLISH.texts["result"]) == {"pass", "fail", "unknown"}
    assert set(ENGLISH.texts["outcome"]) == {"allow", "deny", "refer"}
    assert set(ENGLISH.texts["side"]) == {"asking", "asked"}


def test_every_condition_has_a_label() -> None:
    facts = {str(c.values["fact"]) for i in instruments() for r in i.rows for c in r.conditions if c.kind == "stated"}
    kinds = set(PARAMETERS) - {"stated", "text"}
    made = {f.condition for decision in decisions() for f in decision.findings}
    assert sorted(name for name in facts | kinds | made if ENGLISH.find("term", name) is None) == []


def test_every_name_of_a_value_has_a_label() -> None:
    made = {key for decision in decisions() for f in decision.findings for key in f.values}
    assert sorted(name for name in made if ENGLISH.find("term", name) is None) == []


def test_every_cure_that_the_rules_write_is_a_phrase() -> None:
    cures = [(file.name, text) for file in SOURCES for text in written(ast.parse(file.read_text(encoding="utf-8")))]
    assert len(cures) > 50
    assert [found for found in cures if not any(map(RECOGNISER.recognise, (found[1], f"{found[1]}; value")))] == []


def test_every_cure_of_a_decision_is_a_phrase_or_a_tables_own_text() -> None:
    own = {str(c.values.get("cure")) for i in instruments() for r in i.rows for c in r.conditions}
    for cure in {f.cure for decision in decisions() for f in decision.findings if f.cure}:
        found = RECOGNISER.recognise(cure)
        while found is not None and "more" in found.values and found.values["more"] not in own:
            found = RECOGNISER.recognise(found.values["more"])
        assert found is not None or cure in own, cure


def test_every_cure_of_a_shipped_table_is_a_phrase() -> None:
    cures = {
        (i.code, str(c.values["cure"]))
        for i in shipped_instruments() for row in i.rows for c in row.conditions if c.kind == "stated"
    }  # fmt: skip
    assert len(cures) >= 40
    assert sorted(cure for cure in cures if RECOGNISER.recognise(cure[1]) is None) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_explanation_shows_a_code(language: str) -> None:
    """Of any row of any instrument, with facts as it wants them and without them, with everything that may be said."""
    wording = Wording(service.words(language), RECOGNISER)
    for finding in findings():
        pairs = [wording.term(finding.condition), *(p for pair in wording.values(finding) for p in pair)]
        told = [*pairs, wording.cure(finding.cure)] if finding.cure else pairs
        assert [p.text for part in told for p in part if p.kind == "mark" and CODE.fullmatch(p.text)] == []


@cache
def findings() -> tuple[Finding, ...]:
    """Every finding once, by its JSON; also those of a quota and of a person's refusal."""
    spent = [exceeded([(Quota("incoming", "partner", "XB", "hit_no_hit", 5, end), "XB")], DAY).finding for end in ENDS]
    refused = Finding("human_decision", "fail", "5", {"ground": "prejudice_ongoing_case", "reason": "words"}, "")
    found = [refused, *spent]
    for i, row in ROWS:
        wanted = satisfying(row)
        asked = [wanted, wanted | SAID, *({k: v for k, v in wanted.items() if k != name} for name in wanted)]
        found += [f for facts in asked for f in engine.decide(world(), question(i, row, **facts), "asking").findings]
    return tuple({canonical(f.as_dict()): f for f in found}.values())


def decisions() -> Iterator[Decision]:
    """Decisions on many questions, sound and unsound, from both sides."""
    bad: tuple[Json, ...] = (None, "", "made_up", 7, True, ["made_up"])
    facts = (
        "purpose",
        "data_category",
        "modality",
        "handling",
        "channel",
        "characters",
        "refusal_grounds",
        "authority",
    )
    yield from ()
    for fact, value in product((*facts, "refusal_grounds"), bad):
        changed: dict[str, Any] = {fact: value}
        yield decide(ask("hit_no_hit", "XA-CC-101", **changed))
    sides: tuple[Side, ...] = ("asking", "asked")
    for measure, offence, side in product(sorted(law().rows), ("XA-CC-101", "XA-CC-214", "XA-TC-12", "none"), sides):
        for asked in ("XB", "XC", "QQ"):
            yield decide(ask(measure, offence, asked), law(CORVIA), side)


def written(tree: ast.AST) -> Iterator[str]:
    """The cures in a module's text: what makers are given and what is called `cure`, values replaced by a word."""
    for node in ast.walk(tree):
        found: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
            place = MAKERS[node.func.id]
            found = [*node.args[place : place + 1], *(k.value for k in node.keywords if k.arg == "cure")]
        elif isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "cure" for t in node.targets):
            found = [node.value]
        for expression in found:
            yield from texts(expression)


def texts(expression: ast.expr) -> Iterator[str]:
    """The text of an expression; a value is ``value``, another cure within is a phrase of its own."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str) and expression.value:
        yield expression.value
    if isinstance(expression, ast.JoinedStr):
        parts = (p.value if isinstance(p, ast.Constant) else "value" for p in expression.values)
        yield "".join(map(str, parts))
    if isinstance(expression, ast.IfExp):
        yield from texts(expression.body)
        yield from texts(expression.orelse)
