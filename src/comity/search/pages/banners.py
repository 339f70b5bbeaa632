"""What stands at the head of a page about one query: how it must be handled, and why it is looked at."""

from typing import Any

from comity.exchange.model import Handling
from comity.legal import service as legal
from comity.search import service
from comity.search.model import Query


def banner(query: Query, language: str, reference: str = "") -> dict[str, Any]:
    """The `handling` and the `purpose` of a page about `query`; with the `reference` of its case, if it is ours."""
    facts = service.facts_of(query)
    why = legal.label("purposes", str(facts.get("purpose") or ""), language)
    return {
        "handling": Handling.of(facts).line,
        "purpose": " · ".join(word for word in (why, reference or query.partner) if word),
    }
