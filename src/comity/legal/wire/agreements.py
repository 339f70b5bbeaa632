"""Agreements between nodes: a version (``comity-agreement/1``) and the letter that brings it, as JSON.

Described in docs/protocol/agreements.md. Read strictly: every field is known, typed and used; a version's digest is the
SHA-256 over its JCS form (RFC 8785), so that both parties sign the same bytes.
"""

from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Final, cast

from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical, parse_object
from comity.legal.model import AgreementKind, Letter, Signature, Version
from comity.legal.rules.agreements import MOST_VERSIONS, SIGNATORIES
from comity.legal.wire.fields import day

SCHEMA: Final = "comity-agreement/1"
PAYLOAD_TYPE: Final = "application/vnd.comity.agreement+json"
MOST_TEXT: Final = 128 * 1024
"""Characters of a table or a full text."""
MOST_BYTES: Final = 16 * 1024 * 1024
"""Of a letter."""
PROPOSE: Final = "legal.agreement-propose"
SIGN: Final = "legal.agreement-sign"

_KINDS: Final = ("terms", "extension", "ending")
_VERSION: Final = frozenset({
    "schema", "agreement", "version", "previous", "kind", "proposer", "title", "parties", "from", "until", "reason",
    "table", "text",
})  # fmt: skip
_LETTER: Final = frozenset({"v", "from", "to", "versions", "proposed", "signatures"})
_SIGNATURE: Final = frozenset({"node", "person", "roles", "key", "act", "assertion"})
_ACT: Final = frozenset({"v", "verb", "node", "person", "at", "subject"})


# --- versions -------------------------------------------------------------------------------------------------------


def document(version: Version) -> JsonObject:
    """The version as JSON, without its digest."""
    until = version.valid_until.isoformat() if version.valid_until else None
    return {
        "schema": SCHEMA, "agreement": version.agreement, "version": version.number, "previous": version.previous,
        "kind": version.kind, "proposer": version.proposer, "title": version.title, "parties": [*version.parties],
        "from": version.valid_from.isoformat(), "until": until, "reason": version.reason, "table": version.table,
        "text": version.text,
    }  # fmt: skip


def sealed(version: Version) -> Version:
    """The version with its digest."""
    return replace(version, digest=sha256(canonical(document(version))).hexdigest())


def read_version(value: Json, where: str) -> Version:
    """The version in a document, with its digest; BadInput names what is wrong."""
    found = _object(value, _VERSION, where)
    if found["schema"] != SCHEMA or found["kind"] not in _KINDS:
        raise bad(f"not a version in the schema {SCHEMA}", where)
    parties = found["parties"]
    if not isinstance(parties, list) or len(parties) != 2 or sorted(map(str, parties)) != parties:
        raise bad("parties are two codes, sorted", where)
    until = None if found["until"] is None else day(_text(found, "until", where), "until", where)
    version = Version(
        agreement=_text(found, "agreement", where, 36), number=_number(found, where),
        previous=_text(found, "previous", where, 64, empty=True), kind=cast(AgreementKind, found["kind"]),
        proposer=_text(found, "proposer", where, 16), title=_text(found, "title", where, 200),
        parties=(str(parties[0]), str(parties[1])), valid_from=_from(found, where), valid_until=until,
        reason=_text(found, "reason", where, 2_000, empty=True), table=_text(found, "table", where, MOST_TEXT),
        text=_text(found, "text", where, MOST_TEXT),
    )  # fmt: skip
    if version.proposer not in version.parties or version.parties[0] == version.parties[1]:
        raise bad("the proposer is one of two parties", where)
    return sealed(version)


def _from(found: JsonObject, where: str) -> date:
    return day(_text(found, "from", where), "from", where)


def _number(found: JsonObject, where: str) -> int:
    number = found["version"]
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number <= MOST_VERSIONS:
        raise bad(f"version is a number from 1 to {MOST_VERSIONS}", where)
    return number


# --- signatures -----------------------------------------------------------------------------------------------------


def signed_subject(version: Version) -> JsonObject:
    """What the acts of handing over and of signing a version are about."""
    return {"agreement": version.agreement, "version": version.number, "digest": version.digest}


def signature_document(signature: Signature) -> JsonObject:
    """The signature as JSON."""
    return {
        "node": signature.node, "person": signature.person, "roles": [*signature.roles],
        "key": b64.encode(signature.key), "act": signature.act, "assertion": signature.assertion,
    }  # fmt: skip


def read_signature(value: Json, where: str) -> Signature:
    """The signature in a document; whether it holds is the service's to check."""
    found = _object(value, _SIGNATURE, where)
    roles, act, assertion = found["roles"], found["act"], found["assertion"]
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        raise bad("roles are a list of codes", where)
    if not isinstance(act, dict) or set(act) != _ACT or not isinstance(assertion, dict):
        raise bad("a signature holds an act and its assertion", where)
    node, person = _text(found, "node", where, 16), _text(found, "person", where, 63)
    key = b64.decode(_text(found, "key", where, 64))
    signature = Signature(node, person, tuple(map(str, roles)), key, act, assertion)
    try:
        signature.day  # noqa: B018  # a time that cannot be read is refused here, not when the day is asked for
    except ValueError as error:
        raise bad("the act has no time that can be read", where) from error
    return signature


def check_about(signature: Signature, verb: str, version: Version) -> None:
    """BadInput unless the signature is the act `verb` of its own node and person, in a role for it, on this version."""
    where = f"signature of {signature.person} of {signature.node}"
    if not SIGNATORIES & set(signature.roles):
        roles = " and ".join(sorted(SIGNATORIES))
        raise BadInput(
            "legal.agreement-signer", f"{signature.person} signs without a role for it", where=where,
            todo=f"Nothing was kept. Ask the partner to have a {roles} sign.",
        )  # fmt: skip
    about: JsonObject = {"v": 1, "verb": verb, "node": signature.node, "person": signature.person,
                         "at": signature.act.get("at"), "subject": signed_subject(version)}  # fmt: skip
    if signature.act != about:
        raise bad("the signature is about another act or another digest", where)


# --- letters --------------------------------------------------------------------------------------------------------


def letter_payload(letter: Letter) -> bytes:
    """The payload that the sender's node signs."""
    signatures: list[Json] = [{"digest": digest, **signature_document(one)} for digest, one in letter.signatures]
    return canonical({
        "v": 1, "from": letter.sender, "to": letter.recipient, "versions": [document(v) for v in letter.versions],
        "proposed": signature_document(letter.proposed), "signatures": signatures,
    })  # fmt: skip


def claimed_sender(data: bytes) -> str:
    """Who says to have sent the letter, not verified: only to learn whose key to look up."""
    try:
        payload = b64.decode(_text(parse_object(data, limit=MOST_BYTES), "payload", "letter", MOST_BYTES))
        return _text(parse_object(payload, limit=MOST_BYTES), "from", "letter", 16)
    except BadInput as error:
        raise bad("the file is no letter about an agreement", "letter") from error


def read_letter(payload: bytes) -> Letter:
    """The letter in a verified payload; BadInput names what is wrong."""
    found = _object(parse_object(payload, limit=MOST_BYTES, where="letter"), _LETTER, "letter")
    versions, signatures = found["versions"], found["signatures"]
    if found["v"] != 1 or not isinstance(versions, list) or not 0 < len(versions) <= MOST_VERSIONS:
        raise bad(f"a letter brings 1 to {MOST_VERSIONS} versions", "letter")
    if not isinstance(signatures, list):
        raise bad("signatures are a list", "letter")
    return Letter(
        sender=_text(found, "from", "letter", 16), recipient=_text(found, "to", "letter", 16),
        versions=tuple(read_version(value, f"letter version {n}") for n, value in enumerate(versions, start=1)),
        proposed=read_signature(found["proposed"], "letter proposed"),
        signatures=tuple(_signature(value, f"letter signature {n}") for n, value in enumerate(signatures, start=1)),
    )  # fmt: skip


def _signature(value: Json, where: str) -> tuple[str, Signature]:
    found = _object(value, _SIGNATURE | {"digest"}, where)
    rest: JsonObject = {key: inner for key, inner in found.items() if key != "digest"}
    return _text(found, "digest", where, 64), read_signature(rest, where)


# --- fields ---------------------------------------------------------------------------------------------------------


def _object(value: Json, keys: frozenset[str], where: str) -> JsonObject:
    if not isinstance(value, dict) or set(value) != keys:
        given = set(value) if isinstance(value, dict) else set()
        raise bad(f"missing or unknown: {', '.join(sorted(given ^ keys))}", where)
    return value


def _text(found: JsonObject, key: str, where: str, most: int = 64, *, empty: bool = False) -> str:
    value = found.get(key)
    if not isinstance(value, str) or len(value) > most or not (value or empty):
        raise bad(f"{key} is text of at most {most} characters", where)
    return value


def bad(reason: str, where: str) -> BadInput:
    """The one error of a letter that cannot be read."""
    return BadInput(
        "legal.agreement-letter", reason, where=where, todo="Nothing was kept. Ask the partner for a new letter."
    )
