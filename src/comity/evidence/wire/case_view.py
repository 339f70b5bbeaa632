"""``meta/case.jsonld``: the package as CASE 1.4 / UCO 1.4 JSON-LD, an export view for other tools, never the authority.

CASE validation accepts a transfer without a performer and a hash one byte short, so nothing here is read back: the
verifier only checks that the file is the one that the signed manifest lists.
"""

from comity.base.model import Json, JsonObject
from comity.evidence.model.package import CustodyEvent, EvidenceItem, Link, Manifest
from comity.kit.codec import jcs

_CONTEXT: JsonObject = {
    "kb": "urn:comity:",
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "uco-vocabulary": "https://ontology.unifiedcyberontology.org/uco/vocabulary/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def case_view(manifest: Manifest, chains: dict[str, tuple[Link, ...]]) -> bytes:
    """The JSON-LD graph of a package: agencies, items with their hashes, provenance, one action per custody event."""
    agencies = {manifest.releasing, manifest.recipient}
    agencies |= {link.event.agency for chain in chains.values() for link in chain}
    graph: list[Json] = [_agency(code) for code in sorted(agencies)]
    for item in manifest.items:
        graph += [_observable(item), _provenance(item)]
        graph += [_action(link.event) for link in chains[item.id]]
    return jcs.canonical({"@context": _CONTEXT, "@graph": graph})


def _agency(code: str) -> Json:
    return {"@id": f"kb:agency-{code}", "@type": "uco-identity:Organization", "uco-core:name": code}


def _observable(item: EvidenceItem) -> Json:
    return {
        "@id": f"kb:item-{item.id}",
        "@type": "uco-observable:ObservableObject",
        "uco-core:name": item.exhibit,
        "uco-core:description": item.source,
        "uco-core:hasFacet": [{
            "@id": f"kb:content-{item.id}",
            "@type": "uco-observable:ContentDataFacet",
            "uco-observable:sizeInBytes": {"@type": "xsd:integer", "@value": str(item.container.size)},
            "uco-observable:hash": [{
                "@id": f"kb:hash-{item.id}",
                "@type": "uco-types:Hash",
                "uco-types:hashMethod": {"@type": "uco-vocabulary:HashNameVocab", "@value": "SHA256"},
                "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": item.container.sha256},
            }],
        }],
    }  # fmt: skip


def _provenance(item: EvidenceItem) -> Json:
    return {
        "@id": f"kb:provenance-{item.id}",
        "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": item.exhibit,
        "case-investigation:rootExhibitNumber": [item.root_exhibit or item.exhibit],
        "uco-core:object": [{"@id": f"kb:item-{item.id}"}],
    }


def _action(event: CustodyEvent) -> Json:
    action: JsonObject = {
        "@id": f"kb:event-{event.item}-{event.seq}",
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": event.type,
        "uco-core:description": event.purpose,
        "uco-action:startTime": {"@type": "xsd:dateTime", "@value": event.claimed},
        "uco-action:endTime": {"@type": "xsd:dateTime", "@value": event.recorded},
        "uco-action:performer": {"@id": f"kb:agency-{event.agency}"},
        "uco-action:object": [{"@id": f"kb:item-{event.item}"}],
    }
    if event.to:
        action["uco-action:participant"] = [{"@id": f"kb:agency-{event.to}"}]
    return action
