"""A decision in words: outcome, articles, values and cures, and nothing that is not in the decision."""

from comity.legal.rules.explaining import explain
from tests.legal.law import CORVIA, ask, decide, law


def test_a_denial_says_why_and_what_would_cure_it() -> None:
    text = explain(decide(ask("hit_no_hit", "XA-CC-214")))
    assert text.startswith("DENIED")
    assert "article 5(2)" in text and "max penalty months 6" in text and "cure: ask on an offence" in text


def test_a_refusal_by_declaration_gives_its_date() -> None:
    text = explain(decide(ask("hit_no_hit", "XA-TC-12", "XC"), law(CORVIA), "asked"))
    assert "XC, the asked side" in text and "declared 2026-09-01" in text and "Corvia excludes fiscal" in text


def test_an_allow_names_what_must_still_be_done() -> None:
    text = explain(decide(ask("core_data", "XA-CC-101")))
    assert text.startswith("ALLOWED") and "before anything leaves XB: judicial authorisation" in text


def test_a_referral_without_any_basis() -> None:
    text = explain(decide(ask("telepathy", "XA-CC-101")))
    assert text.startswith("REFERRED") and "no basis" in text
