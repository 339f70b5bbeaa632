"""Answer searches over DNA profiles: what `search` knows of this room.

The packed profiles of the last committed state lie in memory (`held`); `rules` has the last word on every profile that
is found there.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from comity.base.errors import NotAllowed, NotFound
from comity.base.model import Issuer, JsonObject
from comity.dna import kernel, rules, store
from comity.dna.model import Alleles, Profile, RuleSet
from comity.dna.service.chance import chance
from comity.dna.service.held import Held
from comity.dna.service.looking import VIEWERS, find
from comity.dna.service.screening import guard
from comity.dna.service.shipped import DEFAULT_RULE_SET, known_rule_sets, rule_set, rule_set_for_partners
from comity.dna.service.statistics import weighed
from comity.dna.service.storing import IDENTITY, bound_to
from comity.dna.wire import own
from comity.kit.codec import jcs
from comity.kit.crypto import symmetric
from comity.kit.database.unit import Unit
from comity.legal import service as legal
from comity.legal.model import Use
from comity.search.model import Candidate, Chance, Difference, Fitness, Mandate, Place, SideBySide

MAX_CANDIDATES: Final = 201
"""Most candidates of one answer, the best first: one more than an answer shows, so that `search` can tell a full list
from one that was cut (a partial answer)."""


class DnaMatcher:
    """Answers searches over DNA profiles (`search.model.Matcher`); one for each node, safe for several threads.

    It keeps the packed profiles of the last committed state in memory (`held`) and adds what came since.
    """

    def __init__(self, folder: Path | None = None) -> None:
        """`folder` keeps the index of a large node between starts (`service.INDEX` under the node's home)."""
        self.held = Held(folder)
        self._last: tuple[JsonObject, own.Question] | None = None

    def prepare(self, unit: Unit, ref: str) -> JsonObject:
        """What a partner would see of the profile `ref`: loci, kind, rule set. BadInput with the count if too few;
        Conflict where it looks like contamination."""
        profile, under = find(unit, ref), rule_set(DEFAULT_RULE_SET)
        rules.check_searchable(profile.loci, profile.kind, under)
        guard(unit, profile)
        loci = {name: rules.values(name, profile.loci) for name in under.loci}
        question = own.Question(under.id, profile.kind, {name: pair for name, pair in loci.items() if pair})
        return question.as_json()

    def facts(self, unit: Unit, ref: str) -> JsonObject:
        """What the law asks of the profile `ref` and the profile itself answers: `mixture`, perhaps `data_subject`."""
        return rules.settled_facts(find(unit, ref))

    def chance(self, unit: Unit, ref: str) -> Chance | None:
        """What a search with the profile `ref` is expected to find by chance, in the least favourable population."""
        return chance(unit, find(unit, ref))

    def lacking(self, unit: Unit, query: JsonObject, partner: str) -> str | None:
        """That a question has fewer fully designated loci than the terms with the partner ask for, if it has: those set
        here, or told by it, whichever ask for more."""
        least = store.partners.least_loci(unit, partner)
        if not least:
            return None
        question = self._question(query)
        full = len(rules.fully_designated(question.loci, rule_set(question.rule_set)))
        return f"{full} fully designated loci, where searches with {partner} need {least}" if full < least else None

    def check(self, query: JsonObject) -> None:
        """Refuse (BadInput) a partner's question that is malformed or that its rule set would not have searched."""
        question = self._question(query)
        rules.check_searchable(question.loci, question.kind, rule_set_for_partners(question.rule_set))

    def match(self, unit: Unit, query: JsonObject, mandate: Mandate) -> list[Candidate]:
        """The candidates of a partner's question, best first, without names.

        1. The act is about this very question, and the permit is this node's, unexpired, for that act, for its
        recipient, for a hit / no-hit search, and unused. 2. The question is well-formed and meets its rule set.
        3. Look them up. 4. Each found profile is compared again by the plain rules and must meet them itself.
        """
        _check(unit, mandate, ("match", "hit_no_hit"), {"record_sha256": record_hash(query)})
        question = self._question(query)
        under = rule_set_for_partners(question.rule_set)
        rules.check_searchable(question.loci, question.kind, under)
        found = self.held.search(unit, kernel.pack(question.loci, under.loci), under.minimum_full)
        profiles = store.by_seq(unit, found)
        graded = [_candidate(question, profile, under) for _, profile in sorted(profiles.items())]
        best = sorted((c for c in graded if c), key=lambda c: (c.quality, -_count(c.comparison)))
        return best[:MAX_CANDIDATES]

    def _question(self, query: JsonObject) -> own.Question:
        """A question, read once where the same is asked about in a row; nothing alters what was read."""
        last = self._last
        if last is None or last[0] is not query:
            last = self._last = (query, own.read_question(query))
        return last[1]

    def explain(self, query: JsonObject, candidate: Candidate) -> str:
        """The comparison of a question with a candidate in words and figures."""
        question = own.read_question(query)
        under = rule_set(question.rule_set)
        return rules.in_words(rules.compare(question.loci, own.read_loci(candidate.record.get("loci")), under), under)

    def describe(self, query: JsonObject) -> str:
        """What a question's profile is: its kind, its loci by number and name, the rules it asks for."""
        question = own.read_question(query)
        loci = ", ".join(question.loci)
        return (
            f"a {question.kind}'s DNA profile with the alleles of {len(question.loci)} loci ({loci}), to be compared by"
            f" {rule_set(question.rule_set).title}"
        )

    def grade(self, candidate: JsonObject) -> str:
        """What a candidate's quality means, with the source of the rule set; plain where the rule set is unknown."""
        comparison, quality = candidate["comparison"], candidate["quality"]
        named = comparison.get("rule_set") if isinstance(comparison, dict) else None
        if not isinstance(named, str) or named not in known_rule_sets():
            return f"quality {quality} by a rule set that this node does not know"
        return rules.grade_in_words(quality if isinstance(quality, int) else 0, rule_set(named))

    def fitness(self, unit: Unit, ref: str) -> Fitness:
        """Which loci of the profile `ref` partners compare, which not, and which the rule set knows beside them."""
        profile, under = find(unit, ref), rule_set(DEFAULT_RULE_SET)
        held = {name for name in profile.loci if profile.loci[name]}
        compared = tuple(name for name in under.loci if rules.values(name, profile.loci))
        return Fitness(
            profile.kind, under.title, under.source, compared, tuple(sorted(held - set(compared))),
            tuple(name for name in under.loci if name not in compared),
            len(rules.fully_designated(profile.loci, under)), under.minimum_full,
        )  # fmt: skip

    def side_by_side(self, unit: Unit, query: JsonObject, record: JsonObject) -> SideBySide:
        """Every locus of the rule set that either profile holds, in its order, the marker of sex beside them, and what
        the equal ones weigh in the populations held here."""
        question, theirs = own.read_question(query), own.read_loci(record.get("loci"))
        under = rule_set(question.rule_set)
        found = rules.compare(question.loci, theirs, under)
        differences = {finding.locus: _SIDE[finding.difference] for finding in found.findings}
        places = tuple(
            _place(name, question.loci.get(name, ()), theirs.get(name, ()), differences)
            for name in under.loci if question.loci.get(name) or theirs.get(name)
        )  # fmt: skip
        counts = {"compared": len(found.findings), "equal": found.full, "least": under.minimum_full}
        weights = weighed(unit, found, question.loci)
        return SideBySide(under.title, under.source, places, counts, {"sex": found.sex}, weights)

    def latest(self, unit: Unit, issuer: Issuer, most: int) -> list[str]:
        """The specimens that came last, the newest first, to whoever may look at profiles."""
        return store.latest(unit, most) if issuer.actor.roles & VIEWERS else []

    def core_data(self, unit: Unit, number: str, mandate: Mandate) -> JsonObject:
        """The person behind a number that `match` gave, under a permit for core data of that very number; NotFound
        where none is held."""
        _check(unit, mandate, ("core_data", "core_data"), {"number": number})
        row = store.identity(unit, number)
        if row is None or row[1] is None:
            what = "No profile" if row is None else "No person"
            raise NotFound("dna.identity", f"{what} is held here under {number[:40]}", todo="Tell the asking side so.")
        opened = symmetric.decrypt(unit.keys.data_key(IDENTITY).secret, row[1], bound_to(row[0]))
        return jcs.parse_object(opened)


def held_by(matchers: Mapping[str, object]) -> Held:
    """The profiles as this node's matcher holds them in memory; held anew where it has none."""
    found = matchers.get("dna")
    return found.held if isinstance(found, DnaMatcher) else Held()


def record_hash(record: JsonObject) -> str:
    """The SHA-256 (hex) of a question's JCS form, by which an act names the record that it searches."""
    return symmetric.sha256(jcs.canonical(record)).hex()


def _check(unit: Unit, mandate: Mandate, use: tuple[str, str], about: JsonObject) -> None:
    """Verify that the act at hand is about exactly this, and use up the permit for it; `use` is (kind, measure).

    Nothing is believed that the permit says of itself: the hash is that of the act, which was made from the query.
    """
    subject = mandate.act.get("subject")
    if not isinstance(subject, dict) or any(subject.get(name) != value for name, value in about.items()):
        raise NotAllowed(
            "dna.mandate", "The act at hand is about another record", where=mandate.permit.id,
            todo="Decide on this record and ask for a permit of its own.",
        )  # fmt: skip
    act_hash = symmetric.sha256(jcs.canonical(mandate.act)).hex()
    legal.check(unit, mandate.permit, Use(*use, act_hash, (mandate.recipient,)))


_SIDE: Final[dict[str, Difference]] = {
    "equal": "same", "wildcard": "unknown", "contained": "one", "microvariant": "close", "mismatch": "one",
    "different": "all",
}  # fmt: skip


def _place(name: str, asked: Alleles, held: Alleles, differences: dict[str, Difference]) -> Place:
    alone: Difference = "question" if asked else "candidate"
    return Place(name, " / ".join(asked), " / ".join(held), differences.get(name, alone))


def _count(comparison: JsonObject) -> int:
    full = comparison["full"]
    return full if isinstance(full, int) else 0


def _candidate(question: own.Question, profile: Profile, under: RuleSet) -> Candidate | None:
    comparison = rules.compare(question.loci, profile.loci, under)
    if comparison.quality is None or rules.shortfall(profile.loci, profile.kind, under):
        return None
    shown: JsonObject = {
        "rule_set": under.id, "compared": len(comparison.findings), "full": comparison.full, "sex": comparison.sex,
        "loci": {finding.locus: finding.difference for finding in comparison.findings},
    }  # fmt: skip
    seen = {name: alleles for name, alleles in profile.loci.items() if name in under.loci}
    record: JsonObject = {"kind": profile.kind, "loci": own.loci_json(seen)}
    return Candidate(profile.number, comparison.quality.grade, comparison.quality.near, shown, record)
