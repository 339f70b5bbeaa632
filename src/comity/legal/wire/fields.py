"""Strict reading of the law's YAML (`kit.codec.fields`), with the one error of all legal tables."""

from datetime import date
from typing import Final

from comity.base.errors import BadInput
from comity.kit.codec import fields
from comity.kit.codec.fields import MAX_BYTES as MAX_BYTES
from comity.kit.codec.fields import Fields as Fields

ADVICE: Final = "Correct the row in the table and load it again; nothing was taken over."


def bad(reason: str, where: str) -> BadInput:
    """The one error of all legal tables: what is wrong, in which file and row."""
    return BadInput("legal.table", reason, where=where, todo=ADVICE)


def load_yaml(data: bytes, name: str) -> Fields:
    """One YAML document whose top is a mapping."""
    return fields.load_yaml(data, name, bad)


def day(text: str, key: str, where: str) -> date:
    """The date of an ISO 8601 text such as ``2026-09-01``."""
    return fields.day(text, key, where, bad)
