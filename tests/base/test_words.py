"""Values as people read them."""

import pytest

from comity.base.model import Json
from comity.base.words import in_words, said


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "not stated"),
        ("", "not stated"),
        (True, "yes"),
        (False, "no"),
        (12, "12"),
        ([], "none"),
        (["a", True], "a, yes"),
        ({"state": "XA", "max_penalty_months": 36}, "state XA, max penalty months 36"),
    ],
)
def test_no_value_is_shown_as_a_program_writes_it(value: Json, words: str) -> None:
    assert in_words(value) == words


def test_only_what_says_something_is_said() -> None:
    assert said({"a_b": None, "c": [], "d": False, "e_f": ["x"], "g": ""}) == "d no; e f x"
    assert said({}) == ""
