"""The options that several commands of `comity search` share, and the facts that one of them takes."""

from typing import Annotated

import typer

from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject

Fact = Annotated[
    list[str],
    typer.Option("--fact", metavar="NAME=VALUE", help="A further fact for the legal engine; may be repeated."),
]
QueryId = Annotated[str, typer.Argument(metavar="QUERY", help="The query's id, from `comity search list`.")]
Yes = Annotated[bool, typer.Option("--yes", help="Send without asking once more.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it goes into the log.")]
Number = Annotated[
    str, typer.Option("--candidate", metavar="NUMBER", help="The candidate's number; default: the first.")
]


def read_facts(pairs: list[str]) -> JsonObject:
    """`name=value` pairs; `true` and `false` are Booleans, `a.b=x` sets a field of an object, `a,b` is a text."""
    facts: JsonObject = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput("search.fact", f"`{pair}` is no NAME=VALUE", todo="Write it like neutrality_review=cleared.")
        known: Json = {"true": True, "false": False}.get(value, value)
        outer, dot, inner = name.partition(".")
        held = facts.setdefault(outer, {}) if dot else None
        if isinstance(held, dict):
            held[inner] = known
        else:
            facts[name] = known
    return facts
