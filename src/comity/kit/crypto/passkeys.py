"""Passkeys (W3C Web Authentication, level 3): what a browser is asked for, and whether its answer holds.

The user is always verified by the authenticator (a PIN, a finger), and the answer is bound to one site: its relying
party id and, live, its exact origin. Bytes travel as base64url without padding.
"""

import base64
import json
from binascii import Error
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from comity.base.errors import NotAllowed
from comity.base.model import Json, JsonObject

_TIMEOUT_MS: Final = 120_000
_ALGORITHMS: Final = (-8, -7, -257)
"""COSE algorithms (RFC 9053): EdDSA, ES256, RS256."""


@dataclass(frozen=True)
class Site:
    """Where officers sign in: the relying party id (a host name) and the origin, such as http://xa.localhost:8440."""

    rp_id: str
    origin: str

    @classmethod
    def at(cls, origin: str) -> "Site":
        """The site of that origin; its host is the relying party."""
        return cls(urlsplit(origin).hostname or "", origin)


@dataclass(frozen=True)
class Enrolled:
    """A new passkey: its credential id (base64url), its public key (COSE, RFC 9052) and its count of signatures."""

    credential: str
    public_key: bytes = field(repr=False)
    count: int


@dataclass(frozen=True)
class Holder:
    """For whom a passkey is made: the name that the authenticator shows, and a random handle that says nothing."""

    name: str
    handle: bytes


def creation(site: Site, holder: Holder, challenge: bytes, known: tuple[str, ...]) -> JsonObject:
    """What `navigator.credentials.create` is given (its JSON form); no authenticator that holds one of `known`."""
    return {
        "rp": {"id": site.rp_id, "name": "Comity"},
        "user": {"id": _text(holder.handle), "name": holder.name, "displayName": holder.name},
        "challenge": _text(challenge), "timeout": _TIMEOUT_MS, "attestation": "none",
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in _ALGORITHMS],
        "excludeCredentials": _credentials(known),
        "authenticatorSelection": {"residentKey": "required", "requireResidentKey": True,
                                   "userVerification": "required"},
    }  # fmt: skip


def request(site: Site, challenge: bytes, allowed: tuple[str, ...] = ()) -> JsonObject:
    """What `navigator.credentials.get` is given (its JSON form); any passkey of the site where none is `allowed`."""
    return {
        "rpId": site.rp_id, "challenge": _text(challenge), "timeout": _TIMEOUT_MS, "userVerification": "required",
        "allowCredentials": _credentials(allowed),
    }  # fmt: skip


def enrol(response: JsonObject, challenge: bytes, site: Site) -> Enrolled:
    """The new passkey in a browser's answer to `creation`; NotAllowed when the answer does not hold."""
    from webauthn import verify_registration_response  # noqa: PLC0415  # half a second that only a sign-in pays
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        made = verify_registration_response(
            credential=dict(response), expected_challenge=challenge, expected_rp_id=site.rp_id,
            expected_origin=site.origin, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise refused() from error
    return Enrolled(_text(made.credential_id), made.credential_public_key, made.sign_count)


def verify(response: JsonObject, challenge: bytes, site: Site, passkey: Enrolled) -> int:
    """The authenticator's new count, when the answer to `request` holds; NotAllowed when it does not."""
    from webauthn import verify_authentication_response  # noqa: PLC0415  # as above
    from webauthn.helpers.exceptions import WebAuthnException  # noqa: PLC0415

    try:
        found = verify_authentication_response(
            credential=dict(response), expected_challenge=challenge, expected_rp_id=site.rp_id,
            expected_origin=site.origin, credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.count, require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise refused() from error
    if _text(found.credential_id) != passkey.credential:
        raise refused()
    return found.new_sign_count


def credential_of(response: JsonObject) -> str:
    """The credential id that an answer names, whether true or not."""
    return str(response.get("id", ""))


def origin_of(response: JsonObject) -> str:
    """The origin that the browser wrote into an answer; NotAllowed where none can be read."""
    try:
        inner = response["response"]
        told = json.loads(_bytes(str(inner["clientDataJSON"]))) if isinstance(inner, dict) else {}
        return str(told["origin"])
    except (KeyError, TypeError, ValueError, Error) as error:
        raise refused() from error


def _credentials(ids: tuple[str, ...]) -> Json:
    return [{"type": "public-key", "id": one} for one in ids]


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def refused() -> NotAllowed:
    """An answer that does not hold, without saying why."""
    return NotAllowed("access.passkey", "The passkey's answer does not hold",
                      todo="Start again from the sign-in page, with the passkey of this node.")  # fmt: skip
