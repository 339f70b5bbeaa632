"""The directory as bytes: a member's entry, and the federation's whole TUF repository as one archive, the bundle.

A bundle is a stored ZIP (`kit.codec.zips`) of what a TUF client would fetch: ``metadata/N.root.json`` from the first
root on, ``metadata/timestamp.json``, ``snapshot.json``, ``targets.json``, ``revocations.json`` and one role a member,
``targets/members/CODE.json`` and ``targets/revocations.json``. Unpacked behind any web server it is that repository.
"""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from comity.base.clock import rfc3339
from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.exchange.model import Freshness, Link, Member, Terms, Verified, Versions
from comity.exchange.rules import FIRST_CAPABILITIES, MESSAGE_BYTES, VERSION
from comity.exchange.wire.fields import MOST_WHOLE, bad, binary, digest, listing, moment, node, number, text, thing
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.codec.zips import Limits, read_stored_zip, write_stored_zip

BUNDLE: Final = "FEDERATION.zip"
"""How the file with the whole directory is called."""
DIRECTORY_BYTES: Final = 4 * 1024 * 1024
ENTRY_BYTES: Final = 65_536
MOST_LINKS: Final = 16
MOST_DEPTH: Final = 2
_LIMITS: Final = Limits(entries=4_000, total=DIRECTORY_BYTES, name=128)
_SPANS: Final = ("membership_soft", "membership_hard", "revocations_soft", "revocations_hard")
_CODE: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_W: Final = "directory"


def member_dict(member: Member) -> JsonObject:
    """A member's entry as it stands in the directory and in the file that the member hands in."""
    return {
        "code": member.code, "name": member.name, "endpoint": member.endpoint, "officer": member.officer,
        "tls_certificate": member.tls_certificate, "signing": b64.encode(member.signing),
        "kem": {"kid": member.kem_id, "key": b64.encode(member.kem)}, "log": member.log,
        **({"signing_also": [b64.encode(raw) for raw in member.signing_also]} if member.signing_also else {}),
        **({"kem_next": b64.encode(member.kem_next)} if member.kem_next else {}),
        **({"witness": member.witness} if member.witness else {}),
        **({"relay": member.relay} if member.relay else {}),
        **({"tls_next": member.next_certificate} if member.next_certificate else {}),
        "services": list[Json](member.services), "limits": {"message_bytes": member.message_bytes},
        "versions": list[Json](member.versions), "capabilities": list[Json](member.capabilities),
    }  # fmt: skip


def parse_member(source: JsonObject, fingerprints: Mapping[str, str], *, revoked: bool = False) -> Member:
    """One entry's fields; its keys are not yet checked. `fingerprints` gives a certificate's by its PEM text.

    An entry is read whatever versions its member speaks: one newer member must not cost the others the directory.
    """
    shown = text(source, "tls_certificate", _W, 16_384)
    coming = text(source, "tls_next", _W, 16_384) if "tls_next" in source else ""
    kem = thing(source.get("kem"), _W, "kem")
    limits = thing(source.get("limits"), _W, "limits")
    services = [s for s in listing(source.get("services"), _W, "services") if isinstance(s, str)]
    return Member(
        code=node(source.get("code"), "code", _W), name=text(source, "name", _W), endpoint=_endpoint(source),
        officer=text(source, "officer", _W) if "officer" in source else "",
        tls_certificate=shown, signing=binary(source, "signing", _W, 32),
        kem=binary(kem, "key", _W, 4096), kem_id=text(kem, "kid", _W), log=text(source, "log", _W),
        witness=text(source, "witness", _W) if "witness" in source else "",
        services=tuple(services), message_bytes=min(number(limits, "message_bytes", _W, 1024), MESSAGE_BYTES),
        versions=_versions(source), capabilities=_capabilities(source), revoked=revoked,
        certificate_fingerprint=fingerprints[shown], next_certificate=coming,
        next_fingerprint=fingerprints[coming] if coming else "",
        relay=node(source["relay"], "relay", _W) if "relay" in source else "",
        signing_also=_further(source), kem_next=binary(source, "kem_next", _W, 4096) if "kem_next" in source else b"",
    )  # fmt: skip


def _further(source: JsonObject) -> tuple[bytes, ...]:
    """The next and the past signing key, where they are told."""
    told = listing(source.get("signing_also", []), _W, "signing_also", 2)
    return tuple(binary({"key": one}, "key", _W, 32) for one in told)


def _versions(source: JsonObject) -> Versions:
    given = listing(source.get("versions"), _W, "versions", 2)
    found = [v for v in given if isinstance(v, int) and not isinstance(v, bool)]
    if len(found) != 2 or not 1 <= found[0] <= found[1] <= MOST_WHOLE:
        raise bad(_W, f"the versions of {source.get('code')!r} are no range from 1 on")
    return found[0], found[1]


def _capabilities(source: JsonObject) -> tuple[str, ...]:
    """The codes announced, those that no release knows yet among them; what is no code is not announced."""
    if "capabilities" not in source:
        return FIRST_CAPABILITIES
    given = listing(source["capabilities"], _W, "capabilities")
    return tuple(sorted({code for code in given if isinstance(code, str) and _CODE.fullmatch(code)}))


def _endpoint(source: JsonObject) -> str:
    endpoint = text(source, "endpoint", _W)
    try:
        parts = urlsplit(endpoint)
        usable = parts.scheme == "https" and bool(parts.hostname) and parts.port is not None and not parts.path
    except ValueError:
        usable = False
    if not usable:
        raise bad(_W, f"the endpoint {endpoint!r} is not of the form https://host:port")
    return endpoint


def parse_entry(data: bytes) -> JsonObject:
    """A member's entry file as JSON; BadInput when it is none."""
    return parse_object(data, limit=ENTRY_BYTES, where="member entry")


def pack(files: Mapping[str, bytes]) -> bytes:
    """The bundle of a repository's files, by name."""
    return write_stored_zip(files)


def unpack(data: bytes) -> dict[str, bytes]:
    """The files of a bundle; BadInput (``exchange.directory``) when it is none, or larger than a node takes."""
    try:
        if len(data) > 2 * DIRECTORY_BYTES:
            raise bad(_W, f"{len(data)} bytes")
        return read_stored_zip(data, limits=_LIMITS)
    except BadInput as error:
        raise BadInput("exchange.directory", f"The file is no directory of a federation: {error.what}",
                       todo="Ask the federation's office for FEDERATION.zip anew.") from error  # fmt: skip


def revocations_file(codes: Collection[str]) -> bytes:
    """``targets/revocations.json``: the codes that nobody exchanges with any more."""
    return canonical({"v": VERSION, "revoked": list[Json](sorted(codes))})


def parse_revocations(data: bytes) -> frozenset[str]:
    """The codes in a list of revocations."""
    source = parse_object(data, limit=ENTRY_BYTES, where="revocations")
    if source.get("v") != VERSION:
        raise bad(_W, f"the list of revocations is of version {source.get('v')!r}")
    return frozenset(node(code, "revoked", _W) for code in listing(source.get("revoked"), _W, "revoked", 4_000))


def terms_dict(terms: Terms) -> JsonObject:
    """What the office decides for all, as it stands in the signed targets metadata under ``comity``."""
    spans = {name: int(getattr(terms.freshness, name).total_seconds()) for name in _SPANS}
    links: list[Json] = [
        {"federation": one.federation, "root": one.root, "depth": one.depth, "codes": [*one.codes]}
        for one in terms.links
    ]
    return {"federation": terms.federation, "freshness": {**spans}, **({"links": links} if links else {})}


def parse_terms(source: Json) -> Terms:
    """The federation's name, its freshness (spans in seconds), its links; BadInput for terms that no office writes."""
    told = thing(source, _W, "comity")
    spans = thing(told.get("freshness"), _W, "freshness")
    name = text(told, "federation", _W, 128)
    if not name.strip():
        raise bad(_W, "the federation has no name")
    fresh = Freshness(*(timedelta(seconds=number(spans, span, _W, 60)) for span in _SPANS))
    return Terms(name, fresh, tuple(_link(one) for one in listing(told.get("links", []), _W, "links", MOST_LINKS)))


def _link(source: Json) -> Link:
    told = thing(source, _W, "links")
    codes = tuple(node(code, "codes", _W) for code in listing(told.get("codes"), _W, "codes", 1000))
    depth = number(told, "depth", _W)
    if depth > MOST_DEPTH:
        raise bad(_W, f"a link of depth {depth}, where {MOST_DEPTH} is the most")
    return Link(text(told, "federation", _W, 128), digest(told, "root", _W), depth, codes)


def reading_file(found: Verified) -> bytes:
    """What a node has read in an edition and keeps for itself: entries as they came, the rest as JSON says it."""
    terms = terms_dict(Terms(found.federation, found.freshness))
    entries: JsonObject = {code: entry.decode() for code, entry in found.entries.items()}
    return canonical({
        "v": VERSION, "terms": terms, "version": found.version, "issued": rfc3339(found.issued),
        "expires": rfc3339(found.expires), "root": found.root, "entries": entries,
        "revoked": list[Json](sorted(found.revoked)), "of": {**found.of},
    })  # fmt: skip


def parse_reading(data: bytes) -> Verified:
    """What `reading_file` wrote; BadInput for the form of another release."""
    told = parse_object(data, limit=4 * DIRECTORY_BYTES, where="reading")
    if told.get("v") != VERSION:
        raise bad(_W, f"the reading is of version {told.get('v')!r}")
    terms = parse_terms(told.get("terms"))
    entries = thing(told.get("entries"), _W, "entries")
    return Verified(
        terms.federation, terms.freshness, number(told, "version", _W), moment(told, "issued", _W),
        moment(told, "expires", _W), digest(told, "root", _W),
        {code: text(entries, code, _W, ENTRY_BYTES).encode() for code in entries},
        frozenset(node(code, "revoked", _W) for code in listing(told.get("revoked"), _W, "revoked", 4_000)),
        {code: str(name) for code, name in thing(told.get("of"), _W, "of").items()},
    )  # fmt: skip


def link_file(root: str) -> str:
    """Where a linked federation's bundle lies among the repository's files. It is verified by its own root."""
    return f"federations/{root}.zip"
