"""Languages: which one a tag asks for, and phrases with values in them."""

import pytest

from comity.base.languages import LANGUAGES, Catalogue, places, split, spoken

FRENCH = Catalogue("fr", "français", "ltr", {"page": {"law": "règles {hash} de {state}", "no": "non"}})


@pytest.mark.parametrize(
    ("tag", "language"),
    [("fr", "fr"), ("fr-CH", "fr"), ("fr_FR.UTF-8", "fr"), ("AR", "ar"), ("es@euro", "es"), ("C.UTF-8", None),
     ("", None), ("frr", None), ("de_DE", None)],
)  # fmt: skip
def test_a_tag_asks_for_a_language_that_is_spoken_here_or_for_none(tag: str, language: str | None) -> None:
    assert spoken(tag) == language
    assert language is None or language in LANGUAGES


def test_values_stand_in_their_places_and_are_not_read_as_phrases() -> None:
    assert FRENCH.say("page", "law", hash="{state}", state="XA") == "règles {state} de XA"
    assert FRENCH.say("page", "no") == "non"
    assert split("a {b} c") == ["a ", "b", " c"] and places("{b}{c}{b}") == {"b", "c"}


def test_what_is_missing_is_not_made_up() -> None:
    assert FRENCH.find("page", "yes") is None and FRENCH.find("chapter", "yes") is None
    for wrong in (("page", "yes"), ("chapter", "no"), ("page", "law")):
        with pytest.raises(KeyError):
            FRENCH.say(*wrong)
