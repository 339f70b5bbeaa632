"""Packages that come: sealed until their key is here, then opened, verified, kept in the vault, left to a person."""

from comity.base.errors import Conflict
from comity.base.model import DataKey, JsonObject
from comity.evidence import rules, store
from comity.evidence.model.flow import EvidenceRequest, Parcel
from comity.evidence.model.package import Digest
from comity.evidence.service import common, sealing
from comity.evidence.wire import messages
from comity.evidence.wire import package as packages
from comity.evidence.wire.verify import open_package, verify_package
from comity.exchange.model import Received
from comity.exchange.service.handling import defer
from comity.kit.codec.parts import Part, part_of
from comity.kit.database.unit import Unit
from comity.kit.vault.blobs import Vault

MAX_PROBLEM = 2000


def on_package(unit: Unit, received: Received, vault: Vault) -> None:
    """A package answers our open request. One in the message cannot be read before its key comes, for our receipt.

    One that followed as a file is in the vault: it is verified and left to a person.
    """
    body = messages.parse_package(received.body)
    asked = _asked(unit, body, received)
    file = messages.package_file(received.attachments, received.files)
    if store.parcel_exists(unit, body.release):
        raise Conflict("evidence.package-known", "A package of this release was received before", where=body.release,
                       todo="Release it anew under a new id.")  # fmt: skip
    if file is not None:
        data = common.stored(unit, vault, Digest(file.sha256, file.size), common.key_of(unit, asked.case))
        _keep(unit, (asked, body, received), data)
    else:
        messages.attached(received.attachments, messages.SEALED_FILE, messages.PACKAGE)
    defer(unit, received)


def on_key(unit: Unit, told: Received, vault: Vault) -> None:
    """The key of a package: the package is opened, verified, sealed into the vault and left to a person.

    The same key again changes nothing. Tampered when it is not the key that the package's message committed to.
    """
    key = messages.parse_key(told.body)
    received = sealing.sealed_package(unit, told, key)
    body = messages.parse_package(received.body)
    if store.parcel_exists(unit, body.release):
        return
    asked = _asked(unit, body, received)
    sealed = messages.attached(received.attachments, messages.SEALED_FILE, messages.PACKAGE)
    data = sealing.unseal(body, sealed, key.key)
    vault.put(unit, data, common.key_of(unit, asked.case))
    _keep(unit, (asked, body, received), part_of(data))


def _keep(unit: Unit, what: tuple[EvidenceRequest, messages.PackageBody, Received], data: Part) -> None:
    """The parcel of a package that is in the vault, with what our verification has against it."""
    asked, body, received = what
    parcel = Parcel(
        id=body.release, request=asked.id, sender=received.sender, case=asked.case, state="received",
        package=packages.digest_of(data), use=body.use, problem=_problem(unit, data, body, received.sender),
        message=received.id, conversation=received.conversation, receipt=b"", at=unit.now,
    )  # fmt: skip
    store.insert_parcel(unit, parcel)
    store.update_request(unit, asked.id, state="answered", reason={})
    subject: JsonObject = {"release": parcel.id, "request": asked.id, "message": received.id}
    payload: JsonObject = {"package": parcel.package.as_dict(), "problem": parcel.problem, "use": parcel.use}
    common.record(unit, None, common.Note("package-received", subject, payload, asked.case, asked.partner, asked.basis))


def keep_package(unit: Unit, received: Received) -> DataKey:
    """Under which key a package that follows as a file is kept: refused, before it is sent, where nobody asked."""
    messages.package_file(received.attachments, received.files)
    return common.key_of(unit, _asked(unit, messages.parse_package(received.body), received).case)


def _asked(unit: Unit, body: messages.PackageBody, received: Received) -> EvidenceRequest:
    """Our request that the package answers; Conflict for a package that nobody here asked this partner for."""
    known = common.find_request(unit, body.request) if store.request_exists(unit, body.request) else None
    if (
        known is None
        or (known.side, known.partner, known.conversation) != ("asking", received.sender, received.conversation)
        or known.state != "open"
    ):
        raise Conflict("evidence.unasked", "The package answers no open request of ours", where=body.request,
                       todo="Send it in answer to a request, in its conversation.")  # fmt: skip
    return known


def _problem(unit: Unit, data: Part, body: messages.PackageBody, sender: str) -> str:
    """What our own verification has against the package; empty when it holds."""
    found = verify_package(data, common.own_trust(unit))
    failure = rules.first_failure(found.checks)
    if failure is not None:
        told = f"{failure.file}: {failure.detail}"[:MAX_PROBLEM]
        return "".join(c if c.isprintable() else "?" for c in told)  # names out of the package are in it
    opened = open_package(data)
    manifest, granted = opened.manifest, opened.authorisation
    if (manifest.releasing, manifest.recipient) != (sender, unit.node):
        return f"it is made by {manifest.releasing} for {manifest.recipient}"
    said = (opened.digest, manifest.release, granted.request, manifest.use, granted.expires)
    if said != (body.package.sha256, body.release, body.request, body.use, body.expires):
        return "the message beside it says something else than the package"
    return ""
