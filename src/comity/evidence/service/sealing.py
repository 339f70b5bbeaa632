"""No receipt, no key: a package travels sealed a second time, and its key follows the receiver's signed receipt.

Who has read a package cannot deny having received it: the key is sent in the unit that keeps the receipt, whose proof
shows the message in the receiver's own log. The key is derived from the case's data key and the release, so that it is
kept nowhere, and is gone with that key.
"""

from functools import partial
from typing import Final

from comity.base.errors import Conflict, Tampered
from comity.base.model import JsonObject
from comity.evidence import store
from comity.evidence.model.flow import Release
from comity.evidence.service import common
from comity.evidence.wire import messages
from comity.exchange.model import Delivery, Received
from comity.exchange.service.handling import received as received_message
from comity.exchange.service.sending import follow_up, sent, types_sent
from comity.kit.crypto.symmetric import commit, constant_equal, decrypt, encrypt
from comity.kit.database.unit import Unit

_KEY: Final = b"comity-evidence-key-v1\0"
_COMMIT: Final = b"comity-evidence-commit-v1\0"
_REACHED: Final = frozenset({"accepted", "delivered", "handled"})


def seal(unit: Unit, release: Release, data: bytes) -> tuple[bytes, str]:
    """The package as it travels, and the commitment to its key that stands beside it (AES-GCM commits to none)."""
    key = _key(unit, release)
    return encrypt(key, data, release.id.encode()), commit(key, _COMMIT).hex()


def unseal(body: messages.PackageBody, sealed: bytes, key: bytes) -> bytes:
    """The package under `key`; Tampered where it is not the key that the package's message committed to."""
    if not constant_equal(commit(key, _COMMIT).hex().encode(), body.commit.encode()):
        raise Tampered("evidence.key", "The key is not the one that the package was sealed with", where=body.release,
                       todo="Send the key of this release.")  # fmt: skip
    return decrypt(key, sealed, body.release.encode())


def on_delivery(unit: Unit, delivery: Delivery) -> None:
    """The receiver has signed for a package: its key follows."""
    if delivery.state != "accepted":
        return
    for release in store.releases(unit, message=delivery.message):
        if _is_sealed(release):
            hand_over(unit, release)


def hand_over(unit: Unit, release: Release) -> None:
    """Send the key of an offered release in its conversation."""
    asked = common.find_request(unit, release.request)
    body = messages.KeyBody(release.id, release.message, _key(unit, release))
    follow_up(unit, common.message(asked, messages.KEY, body.as_json(), ""))
    subject: JsonObject = {"release": release.id, "recipient": release.recipient}
    common.record(unit, None, common.Note("key-released", subject, {}, release.case, release.recipient))


def owed(unit: Unit) -> list[Release]:
    """Offered releases for which the receiver has signed and which wait for their key all the same."""
    return [one for one in store.releases(unit, state="offered") if _is_owed(unit, one)]


def hand_out(unit: Unit) -> int:
    """Send every key that is `owed`, and say how many; what failed once, as while a partner was unlisted, is mended."""
    found = owed(unit)
    for one in found:
        unit.attempt(f"the key of {one.id} cannot be sent", partial(hand_over, unit, one))
    return len(found)


def _is_owed(unit: Unit, one: Release) -> bool:
    reached = [r for r in store.releases(unit, request=one.request) if r.message and _has_reached(unit, r)]
    return one in reached and types_sent(unit, one.conversation).count(messages.KEY) < len(reached)


def _is_sealed(one: Release) -> bool:
    """Whether the package travelled in its message; one that followed as a file has no key of its own."""
    return one.package is not None and one.package.size <= messages.ATTACHED_BYTES


def _has_reached(unit: Unit, one: Release) -> bool:
    return _is_sealed(one) and any(delivery.state in _REACHED for delivery in sent(unit, one.message).deliveries)


def _key(unit: Unit, release: Release) -> bytes:
    return commit(common.key_of(unit, release.case).secret, _KEY + release.id.encode())


def sealed_package(unit: Unit, received: Received, body: messages.KeyBody) -> Received:
    """The message with the package whose key has come; Conflict for another sender, conversation or kind."""
    package = received_message(unit, received.sender, body.message)
    if package.type != messages.PACKAGE or package.conversation != received.conversation:
        raise Conflict("evidence.key-unknown", "The key belongs to no package of this conversation", where=body.release,
                       todo="Send it in the conversation of its package.")  # fmt: skip
    return package
