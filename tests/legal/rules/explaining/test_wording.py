"""Values and cures in words: codes by their lists, what is not a code as it is."""

from dataclasses import replace

import pytest

from comity.base.model import Json
from comity.legal.model import Finding
from comity.legal.rules.explaining.cures import Recogniser
from comity.legal.rules.explaining.wording import Wording, verbatim
from comity.legal.service import words
from tests.legal.law import ask, decide

FRENCH = Wording(words("fr"), Recogniser(words("en")))


def told(finding: Finding) -> list[str]:
    return ["".join(p.text for p in (*name, *value)) for name, value in FRENCH.values(finding)]


@pytest.mark.parametrize(
    ("condition", "key", "value", "text"),
    [
        ("purpose", "allowed", ["prosecution", "detection"],
         "valeurs admisespoursuites pénales, détection des infractions"),
        ("channel", "channel", "paper", "voie de transmissionpapier"),
        ("facts_of_offence", "facts_of_offence", True, "exposé des faits transmisoui"),
        ("authority", "stated", False, "indiquénon"),
        ("match", "match", "near_match", "concordanceconcordance partielle"),
        ("use_limits", "limits", ["speciality (12)", "own words"], "limites d'utilisationspécialité (12), own words"),
        ("offence_scope", "max_penalty_months", 6, "peine maximale en mois6"),
        ("x", "iccs", "01", "classe ICCSactes entraînant la mort"),
        ("x", "unheard_of", {"state": "XA", "value": None}, "unheard_ofÉtat XA, valeur non précisé"),
        ("x", "stated", [True, []], "indiquéoui, aucun"),
    ],
)  # fmt: skip
def test_a_value_in_words(condition: str, key: str, value: Json, text: str) -> None:
    assert told(Finding(condition, "pass", "", {key: value}, "")) == [text]


def test_values_that_say_nothing_are_left_out() -> None:
    assert told(Finding("x", "pass", "", {"a": None, "b": "", "c": [], "d": {}}, "")) == []


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("state the fact `purpose`", "préciser l'élément « finalité »"),
        ("state the fact `match`: have a lawyer judge it",
         "préciser l'élément « concordance » : faire apprécier ce point par un juriste"),
        ("XC becomes party on 2027-01-01; ask again then, or ask another state",
         "XC deviendra partie le 2027-01-01 ; redemander alors, ou s'adresser à un autre État"),
        ("channel must be one of: node, paper; use another basis for email",
         "voie de transmission : valeurs admises ce système, papier ; pour courrier électronique, utiliser une autre"
         " base"),
        ("have a lawyer compare the conduct, and its penalty, with XB-1, XB-2",
         "faire comparer par un juriste les faits, et la peine encourue, avec XB-1, XB-2"),
        ("ring us", "ring us"),
    ],
)  # fmt: skip
def test_a_cure_in_words(english: str, french: str) -> None:
    assert "".join(piece.text for piece in FRENCH.cure(english)) == french


def test_a_basis_without_an_article_and_a_list_in_words() -> None:
    decision = decide(ask("hit_no_hit", "XA-CC-101"))
    assert [p.text for p in FRENCH.basis(replace(decision, article=""))] == ["TRAIN-REG"]
    told = FRENCH.cure("have a lawyer say whether XA-1 is one of: theft, fraud")
    assert told[-1].kind == "free" and told[-1].text == "theft, fraud"


def test_markings_are_the_same_in_every_language() -> None:
    assert verbatim("tlp") and verbatim("evaluation_6x6_source") and not verbatim("purposes")
