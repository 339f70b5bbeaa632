"""The bodies of the four messages of a hand-over; packages and receipts travel as attachments, byte for byte.

evidence.request        v, request, about, wanted, category, purpose, legal {instrument, article, ..., facts}
evidence.package        v, release, request, use, expires, package {sha256, size}        + package.zip
evidence.acceptance     v, release, outcome                                               + receipt.dsse
evidence.countersigned  v, release, result (accepted, refused or lapsed)                  + receipt.dsse, if signed
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.model import JsonObject
from comity.evidence.model.package import USES, Digest
from comity.evidence.wire.fields import Fields, digest, refused

REQUEST: Final = "evidence.request"
PACKAGE: Final = "evidence.package"
ACCEPTANCE: Final = "evidence.acceptance"
COUNTERSIGNED: Final = "evidence.countersigned"
PACKAGE_FILE: Final = "package.zip"
RECEIPT_FILE: Final = "receipt.dsse"
RESULTS: Final = ("accepted", "refused", "lapsed")


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

    def as_json(self) -> JsonObject:
        return {
            "v": 1, "release": self.release, "request": self.request, "use": self.use, "expires": self.expires,
            "package": self.package.as_dict(),
        }  # fmt: skip


def parse_request(body: JsonObject) -> RequestBody:
    fields = Fields(body, REQUEST)
    fields.version()
    parsed = RequestBody(
        fields.code("request"), fields.text("about"), fields.text("wanted"), fields.code("category"),
        fields.code("purpose"), fields.object("legal"),
    )  # fmt: skip
    fields.end()
    return parsed


def parse_package(body: JsonObject) -> PackageBody:
    fields = Fields(body, PACKAGE)
    fields.version()
    parsed = PackageBody(
        fields.code("release"), fields.code("request"), fields.one_of("use", USES), fields.text("expires"),
        digest(fields.take("package"), PACKAGE),
    )  # fmt: skip
    fields.end()
    return parsed


def parse_acceptance(body: JsonObject) -> str:
    """The release that an acceptance speaks of; its receipt says the rest."""
    fields = Fields(body, ACCEPTANCE)
    fields.version()
    release = fields.code("release")
    fields.one_of("outcome", RESULTS[:2])
    fields.end()
    return release


def parse_countersigned(body: JsonObject) -> tuple[str, str]:
    """Release and result of a countersignature."""
    fields = Fields(body, COUNTERSIGNED)
    fields.version()
    parsed = fields.code("release"), fields.one_of("result", RESULTS)
    fields.end()
    return parsed


def attached(attachments: Mapping[str, bytes], name: str, where: str) -> bytes:
    """The one attachment that the message type has; BadInput when it is missing or not alone."""
    if set(attachments) != {name}:
        raise refused(f"its attachment is not exactly {name}", where)
    return attachments[name]
