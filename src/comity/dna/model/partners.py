"""What this agency asks of DNA searches with one partner, and what that partner says of its database."""

from dataclasses import dataclass

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
