"""The bodies of the five messages of a hand-over; packages, sealed, and receipts travel as attachments.

evidence.request        v, request, about, wanted, category, purpose, legal {instrument, article, ..., facts}
evidence.package        v, release, request, use, expires, package {sha256, size}, commit  + package.sealed, see below
evidence.key            v, release, message, key
evidence.acceptance     v, release, outcome                                               + receipt.dsse
evidence.countersigned  v, release, result (accepted, refused or lapsed)                  + receipt.dsse, if signed

A package of more than 1 MiB is no attachment: it follows its message as the file package.zip (CX/1, Files).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from comity.base.model import JsonObject
from comity.evidence.model.package import USES, Digest
from comity.evidence.wire.fields import MAX_TEXT, Fields, digest, refused
from comity.exchange.model import FileManifest
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.symmetric import KEY_BYTES

REQUEST: Final = "evidence.request"
PACKAGE: Final = "evidence.package"
KEY: Final = "evidence.key"
ACCEPTANCE: Final = "evidence.acceptance"
COUNTERSIGNED: Final = "evidence.countersigned"
PACKAGE_FILE: Final = "package.zip"
SEALED_FILE: Final = "package.sealed"
RECEIPT_FILE: Final = "receipt.dsse"
RESULTS: Final = ("accepted", "refused", "lapsed")
ATTACHED_BYTES: Final = 1 << 20
"""The largest package that travels inside its message."""
MAX_WANTED: Final = 2000
MAX_FACTS: Final = 16 * 1024
"""Most bytes of the facts that a partner states: they are codes."""
MAX_REASON: Final = 64 * 1024
"""Most bytes of a refusal that are kept."""

_INSTRUMENT: Final = re.compile("[!-~]{0,64}")
_DECISION: Final = ("outcome", "measure", "instrument", "article", "rules_hash", "on", "findings")


@dataclass(frozen=True)
class RequestBody:
    """What a request says."""

    request: str
    about: str
    wanted: str
    category: str
    purpose: str
    legal: JsonObject

    def as_json(self) -> JsonObject:
        return {
            "v": 1, "request": self.request, "about": self.about, "wanted": self.wanted, "category": self.category,
            "purpose": self.purpose, "legal": self.legal,
        }  # fmt: skip


@dataclass(frozen=True)
class PackageBody:
    """What stands beside a package."""

    release: str
    request: str
    use: str
    expires: str
    package: Digest
    commit: str
    """Commits to the key that follows the receiver's receipt."""

    def as_json(self) -> JsonObject:
        return {
            "v": 1, "release": self.release, "request": self.request, "use": self.use, "expires": self.expires,
            "package": self.package.as_dict(), "commit": self.commit,
        }  # fmt: skip


@dataclass(frozen=True)
class KeyBody:
    """The key of the package that `message` brought."""

    release: str
    message: str
    key: bytes = field(repr=False)

    def as_json(self) -> JsonObject:
        return {"v": 1, "release": self.release, "message": self.message, "key": b64.encode(self.key)}


def parse_request(body: JsonObject) -> RequestBody:
    fields = Fields(body, REQUEST)
    fields.version()
    parsed = RequestBody(
        fields.id("request"), fields.id("about", empty=True), fields.text("wanted", MAX_WANTED),
        fields.code("category"), fields.code("purpose"), _basis(fields.object("legal")),
    )  # fmt: skip
    fields.end()
    return parsed


def _basis(told: JsonObject) -> JsonObject:
    """The partner's basis: the instrument that it names, if any, and the facts; nothing else of it is kept."""
    instrument, facts = told.get("instrument"), told.get("facts")
    if instrument is not None and not (isinstance(instrument, str) and _INSTRUMENT.fullmatch(instrument)):
        raise refused("the instrument is not a code", REQUEST)
    if not isinstance(facts, dict) or len(canonical(facts)) > MAX_FACTS:
        raise refused(f"the facts are not an object of at most {MAX_FACTS} bytes", REQUEST)
    return {"instrument": instrument, "facts": facts}


def parse_refusal(body: JsonObject) -> JsonObject:
    """Why our request is refused: the decision with its findings and, from a person, ground and reason.

    Only the fields that a refusal has are kept; BadInput when they are not as they should be, or too long.
    """
    told = body.get("decision")
    if not isinstance(told, dict) or not isinstance(told.get("findings"), list):
        raise refused("the refusal holds no decision with findings", "refusal")
    decision: JsonObject = {name: told[name] for name in _DECISION if name in told}
    stated: JsonObject = {name: body[name] for name in ("ground", "reason") if name in body}
    said = [value for name, value in (decision | stated).items() if name != "findings"]
    if not all(isinstance(value, str) and len(value) <= MAX_TEXT for value in said):
        raise refused("a field of the refusal is not a text", "refusal")
    if len(canonical(decision | stated)) > MAX_REASON:
        raise refused(f"the refusal is longer than {MAX_REASON} bytes", "refusal")
    return {"decision": decision} | stated


def parse_package(body: JsonObject) -> PackageBody:
    fields = Fields(body, PACKAGE)
    fields.version()
    parsed = PackageBody(
        fields.id("release"), fields.id("request"), fields.one_of("use", USES), fields.text("expires"),
        digest(fields.take("package"), PACKAGE), fields.text("commit", 64),
    )  # fmt: skip
    fields.end()
    return parsed


def parse_key(body: JsonObject) -> KeyBody:
    """The key of a package; BadInput unless it is one."""
    fields = Fields(body, KEY)
    fields.version()
    release, message, key = fields.id("release"), fields.id("message"), b64.decode(fields.text("key", 64))
    fields.end()
    if len(key) != KEY_BYTES:
        raise refused("the key has another length", KEY)
    return KeyBody(release, message, key)


def parse_acceptance(body: JsonObject) -> str:
    """The release that an acceptance speaks of; its receipt says the rest."""
    fields = Fields(body, ACCEPTANCE)
    fields.version()
    release = fields.id("release")
    fields.one_of("outcome", RESULTS[:2])
    fields.end()
    return release


def parse_countersigned(body: JsonObject) -> tuple[str, str]:
    """Release and result of a countersignature."""
    fields = Fields(body, COUNTERSIGNED)
    fields.version()
    parsed = fields.id("release"), fields.one_of("result", RESULTS)
    fields.end()
    return parsed


def package_file(attachments: Mapping[str, bytes], files: Sequence[FileManifest]) -> FileManifest | None:
    """The one file that brings the package; None where it is attached. BadInput for anything beside it."""
    if not files:
        return None
    if attachments or [file.name for file in files] != [PACKAGE_FILE]:
        raise refused(f"its file is not exactly {PACKAGE_FILE}, and alone", PACKAGE)
    return files[0]


def attached(attachments: Mapping[str, bytes], name: str, where: str) -> bytes:
    """The one attachment that the message type has; BadInput when it is missing or not alone."""
    if set(attachments) != {name}:
        raise refused(f"its attachment is not exactly {name}", where)
    return attachments[name]
