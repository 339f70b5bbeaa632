"""Catalogues of fixed phrases: one JSON file a language, ``{language, name, direction, <section>: {code: phrase}}``.

Promise: all languages of a set have the same sections and codes, no phrase is empty, and a phrase has the same places
(``{name}``) in every language; so whatever can be said in one can be said in all.
"""

from collections.abc import Callable, Mapping
from typing import Final

from comity.base.errors import BadInput
from comity.base.languages import LANGUAGES, RIGHT_TO_LEFT, Catalogue, places
from comity.base.model import JsonObject
from comity.kit.codec import jcs

_LIMIT: Final = 1024 * 1024
_HEAD: Final = ("language", "name", "direction")


def load(read: Callable[[str], bytes]) -> dict[str, Catalogue]:
    """The catalogue of every language, from the bytes that `read` gives for its code.

    BadInput ``codec.words`` names the language, section and code in which a catalogue differs from the English one.
    """
    loaded = {language: _catalogue(language, read(language)) for language in LANGUAGES}
    model = loaded[LANGUAGES[0]]
    for catalogue in loaded.values():
        _same(catalogue.language, "its sections", set(model.texts), set(catalogue.texts))
        for section, phrases in model.texts.items():
            _compare(f"{catalogue.language} {section}", phrases, catalogue.texts[section])
    return loaded


def _catalogue(language: str, data: bytes) -> Catalogue:
    found = jcs.parse_object(data, limit=_LIMIT, where=f"words {language}")
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    name = found.get("name")
    if found.get("language") != language or found.get("direction") != direction or not isinstance(name, str):
        raise _bad(language, f"the head must give language {language}, its name and direction {direction}")
    texts = {key: _section(f"{language} {key}", value) for key, value in _sections(found).items()}
    return Catalogue(language, name, "rtl" if language in RIGHT_TO_LEFT else "ltr", texts)


def _sections(found: JsonObject) -> JsonObject:
    return {key: value for key, value in found.items() if key not in _HEAD}


def _section(where: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict):
        raise _bad(where, "a section is an object of phrases")
    for code, phrase in value.items():
        if not isinstance(phrase, str) or not phrase.strip():
            raise _bad(f"{where} {code}", "a phrase is text, and not empty")
    return dict(value)


def _compare(where: str, model: Mapping[str, str], phrases: Mapping[str, str]) -> None:
    _same(where, "its codes", set(model), set(phrases))
    for code, phrase in model.items():
        _same(f"{where} {code}", "its places", set(places(phrase)), set(places(phrases[code])))


def _same(where: str, what: str, wanted: set[str], found: set[str]) -> None:
    differing = sorted(wanted ^ found)
    if differing:
        raise _bad(where, f"{what} are not those of {LANGUAGES[0]}: {', '.join(differing)}")


def _bad(where: str, reason: str) -> BadInput:
    return BadInput("codec.words", reason, where=where, todo="Correct the catalogue; every language says the same.")
