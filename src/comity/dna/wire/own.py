"""This node's own JSON: profile files, the query that a partner receives, and the stored form of alleles.

File:  {"format": "comity-dna-1", "profiles": [{"specimen", "category", "kit"?, "core"?, "loci": {locus: [allele, …]}}]}
Query: {"format": "comity-dna-query-1", "rule_set", "kind": "stain" | "reference", "loci": {locus: [allele, ...]}}
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.dna.model import Alleles, Kind, Loci, Refusal, Specimen
from comity.dna.wire.genotypes import add, label, refusal
from comity.kit.codec import jcs

FILE: Final = "comity-dna-1"
QUERY: Final = "comity-dna-query-1"
MAX_LOCI: Final = 128


@dataclass(frozen=True)
class Question:
    """A partner's question, checked: which loci, of what kind of profile, under which rule set."""

    rule_set: str
    kind: Kind
    loci: Loci

    def as_json(self) -> JsonObject:
        """The question as it is sent."""
        return {"format": QUERY, "rule_set": self.rule_set, "kind": self.kind, "loci": loci_json(self.loci)}


def loci_json(loci: Loci) -> JsonObject:
    """Loci and alleles as JSON."""
    return {name: list(alleles) for name, alleles in loci.items()}


def read_loci(value: Json) -> dict[str, Alleles]:
    """Checked loci of a JSON object {locus: [allele, ...]}; BadInput naming what is wrong."""
    if not isinstance(value, dict) or not 0 < len(value) <= MAX_LOCI:
        raise _bad("`loci` is no object of loci")
    loci: dict[str, Alleles] = {}
    for name, alleles in value.items():
        if not isinstance(alleles, list) or not alleles or len(alleles) > 8:
            raise _bad(f"the alleles of {name[:40]!r} are no list of values")
        texts = [text for text in alleles if isinstance(text, str)]
        if len(texts) != len(alleles):
            raise _bad(f"an allele of {name[:40]!r} is no text; designations are exact strings")
        add(loci, name, tuple(texts))
    return loci


def read_question(body: JsonObject) -> Question:
    """A partner's question; BadInput where it is malformed or a locus shows more than two values."""
    rule_set, kind = body.get("rule_set"), body.get("kind")
    if body.get("format") != QUERY or not isinstance(rule_set, str) or kind not in ("stain", "reference"):
        raise _bad("`format`, `rule_set` or `kind` is not of this version")
    loci = read_loci(body.get("loci"))
    for name, alleles in loci.items():
        if len(alleles) > 2:
            raise _bad(f"{name} shows {len(alleles)} values, and a search takes two at most")
    return Question(rule_set, "stain" if kind == "stain" else "reference", loci)


def read_own(data: bytes, limit: int) -> Iterator[Specimen | Refusal]:
    """Every specimen of an own JSON file in its order, or why it was refused; BadInput for the file as a whole.

    A specimen that stands in the file more than once comes more than once.
    """
    body = jcs.parse_object(data, limit=limit, where="profile file")
    listed = body.get("profiles")
    if body.get("format") != FILE or not isinstance(listed, list):
        raise _bad(f'the file needs "format": "{FILE}" and a list of "profiles"')
    for place, value in enumerate(listed, start=1):
        thing: JsonObject = value if isinstance(value, dict) else {}
        try:
            yield _specimen(thing)
        except BadInput as error:
            yield refusal(0, str(thing.get("specimen") or f"profile {place}"), error)


def _specimen(thing: JsonObject) -> Specimen:
    core = thing.get("core", {})
    if not isinstance(core, dict) or not all(isinstance(text, str) for text in core.values()):
        raise _bad("`core` is no object of texts")
    kit = label(str(thing["kit"]), "kit") if thing.get("kit") else None
    fields = {name: label(str(text), f"core field {name}") for name, text in core.items()}
    specimen = label(str(thing.get("specimen") or ""), "specimen id")
    return Specimen(0, specimen, label(str(thing.get("category") or ""), "category"), kit,
                    read_loci(thing.get("loci")), fields)  # fmt: skip


def _bad(what: str) -> BadInput:
    return BadInput("dna.json", f"The profile data cannot be used: {what}", todo="Correct it where it was written.")
