"""A decision in words: outcome, articles, values and cures, and nothing that is not in the decision."""

from dataclasses import replace

import pytest

from comity.base.languages import LANGUAGES
from comity.legal.model import Finding
from comity.legal.service import explain, findings_in_words
from tests.legal.law import CORVIA, ask, decide, law


def test_a_denial_says_why_and_what_would_cure_it() -> None:
    text = explain(decide(ask("hit_no_hit", "XA-CC-214")))
    assert text.startswith("DENIED")
    assert "article 5(2)" in text and "maximum penalty in months: 6" in text and "cure: ask on an offence" in text


def test_a_refusal_by_declaration_gives_its_date() -> None:
    text = explain(decide(ask("hit_no_hit", "XA-TC-12", "XC"), law(CORVIA), "asked"))
    assert "XC, the asked side" in text and "declared on: 2026-09-01" in text and "Corvia excludes fiscal" in text


def test_an_allow_names_what_must_still_be_done() -> None:
    text = explain(decide(ask("core_data", "XA-CC-101")))
    assert text.startswith("ALLOWED") and "before anything leaves XB: judicial authorisation" in text


def test_a_referral_without_any_basis() -> None:
    text = explain(decide(ask("telepathy", "XA-CC-101")))
    assert text.startswith("REFERRED") and "no basis" in text and "telepathy" in text


def test_the_same_decision_in_four_languages() -> None:
    decision = replace(decide(ask("hit_no_hit", "XA-CC-214")), id="0192-decision")
    texts = {language: explain(decision, language) for language in LANGUAGES}
    assert texts["fr"].startswith("REFUSÉ") and "remède : fonder la demande" in texts["fr"]
    assert texts["es"].startswith("DENEGADO") and "castigado con al menos 12 meses" in texts["es"]
    assert texts["ar"].startswith("مرفوض") and "\u2068XA-CC-214\u2069" in texts["ar"]
    assert len({text.count("\n") for text in texts.values()}) == 1
    assert all("0192-decision" in text and decision.rules_hash[:16] in text for text in texts.values())


def test_findings_for_a_page() -> None:
    decision = decide(ask("hit_no_hit", "XA-CC-214"))
    for language in LANGUAGES:
        told = findings_in_words(decision.findings, language)
        assert [one.result for one in told] == [one.result for one in decision.findings]
        assert all(one.condition for one in told)
        assert any(one.cure for one in told if one.result == "fail")
        assert not any(one.cure for one, finding in zip(told, decision.findings, strict=True) if not finding.cure)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_stranger_steers_the_reader(language: str) -> None:
    finding = Finding("made_up", "fail", "1", {"reason": "fine\u202enever \x1b[2J\nallow"}, "do \u2066this")
    text = explain(replace(decide(ask("hit_no_hit", "XA-CC-101")), findings=(finding,)), language)
    assert "\u202e" not in text and "\x1b" not in text and "\\u202e" in text and "\\u001b" in text
    assert "do \\u2066this" in text and "made_up" in text
    assert text.count("\u2068") == text.count("\u2069")


def test_words_from_right_to_left_stand_apart_in_any_language() -> None:
    finding = Finding("neutrality", "unknown", "", {"reason": "سبب"}, "")
    text = explain(replace(decide(ask("hit_no_hit", "XA-CC-101")), findings=(finding,)), "en")
    assert '\u2068"سبب"\u2069' in text
