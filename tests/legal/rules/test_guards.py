"""Guards: a stated fact, reasons, another person, a basis that allows; what nobody has stated lets no step pass."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from comity.base.errors import Conflict
from comity.base.model import JsonObject
from comity.legal.model import Finding, Lifecycle, Move, Step, Taker, Transition
from comity.legal.rules import guards, steps

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MACHINE = Lifecycle("m", "a", frozenset({"z"}), {})
EARLIER = Step("p", 0, "a", "go", "b", "officer-2", "", "", "", (), "", NOW, 1)


def situation(*codes: str, facts: JsonObject | None = None, move: Move | None = None) -> guards.Situation:
    step = Transition("b", "end", "z", True, frozenset({"officer"}), article="9", guards=codes)
    taker = Taker("person", "officer-3", "u", frozenset({"officer"}))
    return guards.Situation(step, taker, move or Move("end"), facts or {}, "officer-1", (EARLIER,))


@pytest.mark.parametrize("code", sorted(guards.STATED))
def test_a_fact_passes_by_its_values_only(code: str) -> None:
    guard = guards.STATED[code]
    (unknown,) = guards.findings(situation(code))
    (wrong,) = guards.findings(situation(code, facts={guard.fact: "something else"}))
    assert (unknown.result, wrong.result) == ("unknown", "fail")
    assert guard.cure in unknown.cure and wrong.cure == guard.cure and unknown.article == "9"
    for value in guard.values:
        (held,) = guards.findings(situation(code, facts={guard.fact: value}))
        assert (held.result, held.cure) == ("pass", "")


def test_reasons() -> None:
    for reason, result in (("", "fail"), ("  ", "fail"), ("ne bis in idem", "pass")):
        (found,) = guards.findings(situation("reasons_given", move=Move("end", reason)))
        assert found.result == result


@pytest.mark.parametrize("person", ["officer-1", "officer-2", "officer-3", ""])
def test_another_person_than_any_before(person: str) -> None:
    at = situation("another_person")
    (found,) = guards.findings(replace(at, taker=replace(at.taker, person=person)))
    assert found.result == ("pass" if person == "officer-3" else "fail")


@pytest.mark.parametrize("results", ["", "pass", "pass unknown", "fail"])
def test_a_basis_that_allows(results: str) -> None:
    given = tuple(Finding.from_dict({"condition": "c", "result": r, "article": "1", "values": {}, "cure": ""})
                  for r in results.split())  # fmt: skip
    (found,) = guards.findings(situation("basis_allows", move=Move("end", findings=given)))
    assert found.result == ("pass" if results == "pass" else "fail")


def test_every_cure_is_named_at_once() -> None:
    at = situation("reasons_given", "asylum_checked", "no_bar", facts={"bars": "none"})
    with pytest.raises(Conflict) as caught:
        steps.check_guards(MACHINE, at)
    assert caught.value.code == "legal.guard" and "no_bar" not in caught.value.what
    assert "say why" in caught.value.todo and "asylum authority" in caught.value.todo
    settled = replace(at, facts={"bars": "none", "asylum": "none"}, move=Move("end", "because"))
    assert {f.result for f in steps.check_guards(MACHINE, settled)} == {"pass"}
