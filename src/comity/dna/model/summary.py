"""The nouns of a database's figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from comity.base.clock import rfc3339
from comity.base.model import JsonObject


@dataclass(frozen=True)
class Summary:
    """What the database of profiles held at a moment: active profiles, in all and by category, by the number of their
    autosomal loci with both values known, and at each locus. It names nobody and no specimen."""

    at: datetime
    changes: int
    """How often the database had been changed by then."""
    profiles: int
    retired: int
    """Earlier versions of corrected profiles, ever."""
    categories: Mapping[str, int]
    loci: Mapping[str, int]
    typed: Mapping[str, int]

    def as_dict(self) -> JsonObject:
        """The figures as JSON."""
        return {
            "at": rfc3339(self.at), "profiles": self.profiles, "retired": self.retired,
            "categories": dict(self.categories), "by_loci": dict(self.loci), "by_locus": dict(self.typed),
        }  # fmt: skip
