"""What the laboratory's own searches and comparisons are made with: a profile of the node, or a specimen of a file."""

from dataclasses import dataclass, field

from comity.base.model import JsonObject
from comity.dna.model import Loci, Specimen
from comity.dna.service.looking import find
from comity.dna.wire import own
from comity.kit.codec import jcs
from comity.kit.crypto import symmetric
from comity.kit.database.unit import Unit


@dataclass(frozen=True)
class Sample:
    """One side of a search or comparison. `id` is empty where the node does not hold it."""

    specimen: str
    category: str
    loci: Loci = field(repr=False)
    id: str = ""

    def subject(self) -> JsonObject:
        """What the log says of it: the profile, or the hash of the alleles that a file gave."""
        if self.id:
            return {"profile": self.id}
        return {
            "specimen": self.specimen,
            "loci_sha256": symmetric.sha256(jcs.canonical(own.loci_json(self.loci))).hex(),
        }

    def as_dict(self) -> JsonObject:
        """The side as JSON, without alleles."""
        return {"profile": self.id or None, "specimen": self.specimen, "category": self.category}


def sampled(unit: Unit, given: str | Sample) -> Sample:
    """A sample as it is; or the profile of the node that a text names (NotFound where there is none)."""
    if isinstance(given, Sample):
        return given
    found = find(unit, given)
    return Sample(found.specimen, found.category, found.loci, found.id)


def sample_of(specimen: Specimen) -> Sample:
    """A specimen of a file, which the node need not hold."""
    return Sample(specimen.specimen, specimen.category, specimen.loci)


def sample_from(name: str, category: str, loci: JsonObject) -> Sample:
    """Alleles as JSON, {locus: [allele, ...]}; BadInput naming what is wrong."""
    return Sample(name, category, own.read_loci(loci))
