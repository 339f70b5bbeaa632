"""Values in words: what a person reads where a program reads JSON; and words as they are looked for."""

import unicodedata
from typing import Final

from comity.base.model import Json, JsonObject

NOT_STATED: Final = "not stated"


def in_words(value: Json) -> str:
    """`value` for a reader: yes and no, lists with commas, objects as names with their values."""
    if value is None or value == "":
        return NOT_STATED
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(in_words(item) for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name(key)} {in_words(inner)}" for key, inner in value.items()) or "none"
    return str(value)


def said(values: JsonObject) -> str:
    """Every field that says something, as ``name value; name value``; empty where none does."""
    told = [f"{name(key)} {in_words(value)}" for key, value in values.items() if value not in (None, "", [], {})]
    return "; ".join(told)


def name(key: str) -> str:
    """A field's or code's name as words: ``offence_scope`` is read as ``offence scope``."""
    return key.replace("_", " ")


def plain(text: str) -> str:
    """`text` as it is looked for: without case, accents and repeated blanks, so that ``muller`` finds ``Müller``."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join(kept.split())
