"""What this agency asks of DNA searches with one partner, and what that partner says of its database."""

from dataclasses import dataclass
from datetime import datetime

from comity.base.clock import rfc3339
from comity.base.model import JsonObject


@dataclass(frozen=True)
class PartnerTerms:
    """The terms with one partner, either way round.

    `least_loci` are the fully designated loci that a search needs, where the rule set asks for fewer; `profiles` how
    many the partner says that it holds, None where it has not; `bound` the hits by chance from which on they are
    accepted by name; `source` where partner or agency said so.
    """

    partner: str
    least_loci: int
    profiles: int | None
    bound: float
    source: str

    def as_dict(self) -> JsonObject:
        """The terms as JSON; the bound as decimal text."""
        return {
            "partner": self.partner, "least_loci": self.least_loci, "profiles": self.profiles,
            "bound": f"{self.bound:g}", "source": self.source,
        }  # fmt: skip


@dataclass(frozen=True)
class ToldTerms:
    """What one node tells a partner of its database, and keeps current until it withdraws it: how many profiles it
    holds, as of when, and the fully designated loci that searches between both need (0: what the rule set asks for).

    `ours`: this node told the partner; else the partner told this node.
    """

    partner: str
    ours: bool
    least_loci: int
    profiles: int
    at: datetime

    def as_dict(self) -> JsonObject:
        """The same as JSON."""
        return {
            "partner": self.partner, "ours": self.ours, "least_loci": self.least_loci, "profiles": self.profiles,
            "at": rfc3339(self.at),
        }  # fmt: skip


@dataclass(frozen=True)
class PartnerView:
    """One partner as people see it: the terms set here, what it tells (`tells`) and what it is told (`told`)."""

    partner: str
    terms: PartnerTerms | None
    tells: ToldTerms | None
    told: ToldTerms | None
    takes: bool
    """Whether its node announces that it takes such word."""
