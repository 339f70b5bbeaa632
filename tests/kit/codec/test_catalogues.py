"""Catalogues that do not say the same in every language are refused, with language, section and code."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from comity.base.errors import BadInput
from comity.base.languages import LANGUAGES
from comity.kit.codec import catalogues


def reader(**changes: Callable[[dict[str, Any]], object]) -> Callable[[str], bytes]:
    """The same small catalogue in every language; `changes` spoil single ones by language."""

    def read(language: str) -> bytes:
        found = {
            "language": language, "name": language.upper(), "direction": "rtl" if language == "ar" else "ltr",
            "page": {"law": "rules {hash}", "no": "no"},
        }  # fmt: skip
        if language in changes:
            changes[language](found)
        return json.dumps(found).encode()

    return read


def test_all_languages_are_loaded() -> None:
    found = catalogues.load(reader())
    assert tuple(found) == LANGUAGES
    assert found["ar"].direction == "rtl" and found["fr"].direction == "ltr"
    assert found["es"].say("page", "law", hash="ab") == "rules ab"


@pytest.mark.parametrize(
    ("spoil", "where"),
    [
        (lambda c: c["page"].pop("no"), "fr page"),
        (lambda c: c["page"].update(more="more"), "fr page"),
        (lambda c: c["page"].update(no="  "), "fr page no"),
        (lambda c: c["page"].update(no=7), "fr page no"),
        (lambda c: c["page"].update(law="règles"), "fr page law"),
        (lambda c: c["page"].update(law="règles {hash} {state}"), "fr page law"),
        (lambda c: c.update(other={}), "fr"),
        (lambda c: c.update(page=[]), "fr page"),
        (lambda c: c.update(language="es"), "fr"),
        (lambda c: c.update(direction="rtl"), "fr"),
        (lambda c: c.pop("name"), "fr"),
    ],
)
def test_a_catalogue_that_says_something_else_is_refused(spoil: Callable[[dict[str, Any]], object], where: str) -> None:
    with pytest.raises(BadInput) as caught:
        catalogues.load(reader(fr=spoil))
    assert (caught.value.code, caught.value.where) == ("codec.words", where)


def test_broken_json_is_refused() -> None:
    with pytest.raises(BadInput):
        catalogues.load(lambda _: b'{"language": "en", "language": "fr"}')
