"""DNA profiles."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from comity.base.model import JsonObject
from comity.client.connection import Connection, Query, Upload


@dataclass(frozen=True)
class Chosen:
    """Which profiles a file is to hold: of these categories and specimens, or everything."""

    categories: Sequence[str] = ()
    specimens: Sequence[str] = ()
    everything: bool = False


@dataclass(frozen=True)
class Kin:
    """What relatives of `profile` are sought with, or, `against` one profile, weighed with; the node's own values for
    what is left out. `more`: theta, least_count, mutation_model, mutation_rate, mutation_rates."""

    profile: str
    relations: Sequence[str] = ("parent-child", "full-siblings", "half-siblings", "grandparent", "avuncular")
    against: str = ""
    population: str = ""
    limit: int = 20
    more: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The search as JSON."""
        return {
            "profile": self.profile, "relations": [*self.relations], "against": self.against,
            "population": self.population, "limit": self.limit, **self.more,
        }  # fmt: skip


@dataclass(frozen=True)
class Own:
    """A profile of the node, or alleles (`loci`: {locus: [allele, ...]}), that its own profiles are searched for; the
    rules' own figures where `least` and `most_mismatches` are left out."""

    profile: str = ""
    loci: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rules: str = "pruem-2008"
    least: int | None = None
    most_mismatches: int | None = None
    limit: int = 20

    def side(self) -> dict[str, Any]:
        """What is searched for, as JSON."""
        return {"profile": self.profile, "loci": {name: [*alleles] for name, alleles in self.loci.items()}}

    def body(self) -> dict[str, Any]:
        """The search as JSON."""
        figures = {"rules": self.rules, "least": self.least, "most_mismatches": self.most_mismatches}
        return self.side() | figures | {"limit": self.limit}


@dataclass(frozen=True)
class Mixture:
    """A trace, as the text of its table, and what contributors are sought with. `more`: name, samples, drop_out,
    drop_in, theta, least_count."""

    trace: str
    contributors: int
    known: Sequence[str] = ()
    population: str = ""
    limit: int = 20
    more: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The search as JSON."""
        return {
            "trace": self.trace, "contributors": self.contributors, "known": [*self.known],
            "population": self.population, "limit": self.limit, **self.more,
        }  # fmt: skip


@dataclass(frozen=True)
class Dna:
    """DNA profiles of the node."""

    _at: Connection

    def list(self, after: str = "", limit: int = 50) -> JsonObject:
        """Profiles behind the id `after`, in the order in which they came: ``{count, profiles: [...]}``."""
        return self._at.ask("GET", "/dna/profiles", query={"after": after, "limit": limit})

    def show(self, ref: str) -> JsonObject:
        """One profile with its alleles; the look is logged."""
        return self._at.ask("GET", "/dna/profiles/{ref}", {"ref": ref})

    def chance(self, ref: str) -> JsonObject:
        """The hits that a search with a profile is expected to find by chance; all None where nobody can tell."""
        return self._at.ask("GET", "/dna/profiles/{ref}/chance", {"ref": ref})

    def take_in(
        self, file: Upload, name: str, format: str = "auto", corrected: bool = False, category: str = ""
    ) -> JsonObject:
        """Take in a laboratory's file (`format`: auto, cmf, csv, genemapper, json); the report, also where all was
        refused. `category`: what the specimens are, where the file does not say."""
        query: Query = {"name": name, "format": format, "corrected": corrected, "category": category}
        return self._at.upload("POST", "/dna/imports", file, query)

    def rule_out(self, file: Upload, name: str, format: str = "auto") -> JsonObject:
        """Take a file of staff profiles into the elimination database; the report."""
        return self._at.upload("POST", "/dna/imports", file, {"name": name, "format": format, "elimination": True})

    def give_out(self, format: str, chosen: Chosen, destination: str = "") -> AbstractContextManager[Iterator[bytes]]:
        """A file of profiles (`format`: cmf-3.2, cmf-3.3, cmf-rapid, csv-wide, csv-long, json), without the persons."""
        body = {
            "format": format, "categories": [*chosen.categories], "specimens": [*chosen.specimens],
            "everything": chosen.everything, "destination": destination,
        }  # fmt: skip
        return self._at.download("POST", "/dna/exports", {}, body=body)

    def flags(self, decided: bool = False) -> JsonObject:
        """What waits for an examiner, or all that ever did: ``{flags: [...]}``."""
        return self._at.ask("GET", "/dna/flags", query={"decided": decided})

    def decide_flag(self, flag: str, finding: str, reason: str) -> JsonObject:
        """What an examiner found: contamination or cleared; of a double same_person, twins or error."""
        body = {"finding": finding, "reason": reason}
        return self._at.ask("POST", "/dna/flags/{flag}/finding", {"flag": flag}, body=body)

    def recheck(self, specimens: Sequence[str], ask_again: bool = False) -> JsonObject:
        """After a correction: the partners told of changed answers, and our own questions: ``{told, own}``."""
        return self._at.ask("POST", "/dna/rechecks", body={"specimens": [*specimens], "ask_again": ask_again})

    def elimination(self) -> JsonObject:
        """The elimination database by number: ``{profiles: [...]}``; the look is logged."""
        return self._at.ask("GET", "/dna/elimination")

    def open_elimination(self, number: str, reason: str) -> JsonObject:
        """Whose a profile of the elimination database is."""
        return self._at.ask("POST", "/dna/elimination/{number}/identity", {"number": number}, body={"reason": reason})

    def remove_elimination(self, number: str, reason: str) -> JsonObject:
        """Take a profile out of the elimination database for good."""
        return self._at.ask("POST", "/dna/elimination/{number}/removal", {"number": number}, body={"reason": reason})

    def partners(self) -> JsonObject:
        """What searches with each partner need, and what is told either way: ``{partners: [...], told: [...]}``."""
        return self._at.ask("GET", "/dna/partners")

    def tell_partner(self, partner: str, tell: bool = True) -> JsonObject:
        """Tell a partner how much is held here, from now on; or withdraw what it was told."""
        return self._at.ask("PUT", "/dna/partners/{partner}/told", {"partner": partner}, body={"tell": tell})

    def set_partner(
        self, partner: str, source: str, least_loci: int = 0, profiles: int | None = None, bound: float = 0.1
    ) -> JsonObject:
        """Set the terms of searches with a partner, in the place of those before."""
        body = {"source": source, "least_loci": least_loci, "profiles": profiles, "bound": bound}
        return self._at.ask("PUT", "/dna/partners/{partner}", {"partner": partner}, body=body)

    def summary(self) -> JsonObject:
        """What the database held when it was last counted: ``{summary, current}``."""
        return self._at.ask("GET", "/dna/summary")

    def summarise(self) -> JsonObject:
        """Count the database's profiles anew."""
        return self._at.ask("POST", "/dna/summary")

    def populations(self) -> JsonObject:
        """The populations whose allele frequencies are held: ``{populations: [...]}``."""
        return self._at.ask("GET", "/dna/populations")

    def population(self, name: str) -> JsonObject:
        """One population's frequencies as they were published."""
        return self._at.ask("GET", "/dna/populations/{name}", {"name": name})

    def take_in_population(self, file: Upload, name: str, source: str) -> JsonObject:
        """Take in a published table of allele frequencies."""
        query: Query = {"name": name, "source": source}
        return self._at.upload("POST", "/dna/populations", file, query)

    def rule_sets(self) -> JsonObject:
        """The rules by which profiles are compared, with sources and doubts: ``{rule_sets: [...]}``."""
        return self._at.ask("GET", "/dna/rule-sets")

    def rule_set(self, id: str) -> JsonObject:
        """One rule set."""
        return self._at.ask("GET", "/dna/rule-sets/{id}", {"id": id})

    def take_in_rule_set(self, file: Upload, name: str) -> JsonObject:
        """Take in a rule set of the agency's own, a YAML file."""
        return self._at.upload("POST", "/dna/rule-sets", file, {"name": name})

    def weigh(
        self, profile: str, populations: Sequence[str] = (), theta: float = 0.01, least_count: int = 5,
        formula: str = "nrc-4.10",
    ) -> JsonObject:  # fmt: skip
        """What a profile found twice weighs in each population (all, where none is named); logged."""
        body = {
            "profile": profile, "populations": [*populations], "theta": theta, "least_count": least_count,
            "formula": formula,
        }  # fmt: skip
        return self._at.ask("POST", "/dna/weights", body=body)

    def relatives(self, kin: Kin) -> JsonObject:
        """The node's profiles as relatives of one, the best first; or two profiles locus by locus; logged."""
        return self._at.ask("POST", "/dna/relatives", body=kin.body())

    def search(self, own: Own) -> JsonObject:
        """The node's own profiles that fit one, the best first, with every difference; logged."""
        return self._at.ask("POST", "/dna/searches", body=own.body())

    def compare(self, one: Own, two: Own, rules: Sequence[str] = ("pruem-2008",), **more: Any) -> JsonObject:
        """Two profiles side by side under one or several rules; logged. `more`: weigh, populations, theta,
        least_count."""
        body = {"one": one.side(), "two": two.side(), "rules": [*rules], **more}
        return self._at.ask("POST", "/dna/comparisons", body=body)

    def contributors(self, mixture: Mixture) -> JsonObject:
        """The node's profiles as contributors to a mixed trace, the best first; logged."""
        return self._at.ask("POST", "/dna/contributors", body=mixture.body())
