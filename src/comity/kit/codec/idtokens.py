"""ID tokens of OpenID Connect: what an identity provider says of somebody, verified (OpenID Connect Core 1.0, 3.1.3.7).

Signatures are joserfc's. Only asymmetric algorithms are taken, and a key only for its own kind of them: neither
``none``, nor a public key in the place of a secret one. Keys that a token itself brings or points to are not looked at.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from comity.base.errors import BadInput, Tampered
from comity.base.model import JsonObject
from comity.kit.codec import b64

MOST: Final = 16 * 1024
SKEW: Final = timedelta(seconds=60)
"""How far the provider's clock may be from ours."""
FRESH: Final = timedelta(minutes=10)
"""How old a token may be when it arrives."""
KINDS: Final[Mapping[str, str]] = {"RS256": "RSA", "PS256": "RSA", "ES256": "EC", "Ed25519": "OKP"}
"""The algorithms that are taken, each with the only kind of key that it is taken with."""
_LEAST_MODULUS: Final = 256


@dataclass(frozen=True)
class Expected:
    """What a token must say: who issued it, for whom, in answer to what, and how the person was identified."""

    issuer: str
    client: str
    nonce: str
    acr: Sequence[str] = ()
    """One of these classes, where there are any."""
    amr: Sequence[str] = ()
    """All of these methods."""


@dataclass(frozen=True)
class Told:
    """A verified token: its claims, and the key (JWK) that has signed it."""

    claims: Mapping[str, Any]
    key: JsonObject


def verify(token: str, keys: Sequence[JsonObject], expected: Expected, now: datetime) -> Told:
    """The claims of `token`; Tampered (``codec.id-token``) with the first of these that does not hold.

    1. Its form, and an algorithm of `KINDS`. 2. Exactly one of the provider's `keys` (JWK) is meant, of that kind.
    3. The signature. 4. Issuer, audience and authorised party. 5. Not expired, not from the future, issued just now.
    6. The nonce. 7. How the person was identified.
    """
    key = chosen_key(token, keys)
    claims = signed_claims(token, key)
    _check_parties(claims, expected)
    _check_times(claims, now)
    _require(claims.get("nonce") == expected.nonce, "it answers another sign-in")
    acr, amr = claims.get("acr"), claims.get("amr")
    _require(not expected.acr or acr in expected.acr, f"the person was identified as {str(acr)[:60]!r}")
    methods = amr if isinstance(amr, list) else []
    _require(
        all(method in methods for method in expected.amr), "the person was not identified by the methods asked for"
    )
    return Told(claims, key)


def is_known(token: str, keys: Sequence[JsonObject]) -> bool:
    """Whether a key that the token names is among `keys`; Tampered for what is no token."""
    return bool(_candidates(_header(token), keys))


def chosen_key(token: str, keys: Sequence[JsonObject]) -> JsonObject:
    """The one key (JWK) by which the token says it was signed; Tampered where there is none, or more than one."""
    found = _candidates(_header(token), keys)
    _require(len(found) == 1, f"{len(found)} of the provider's keys could have signed it")
    return found[0]


def signed_claims(token: str, key: JsonObject) -> Mapping[str, Any]:
    """The claims that this key has signed; Tampered where it has not."""
    from joserfc import errors, jwk, jws  # noqa: PLC0415  # a tenth of a second, which only who signs in so pays

    alg = str(_header(token)["alg"])
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    try:
        signer = jwk.import_key(cast(Any, dict(key)), cast(Any, KINDS[alg]))
        data = jws.deserialize_compact(token, signer, [alg], registry).payload
    except (errors.JoseError, ValueError, TypeError) as error:
        raise _refused("its signature does not hold") from error
    return _object(data, "its claims are no JSON object")


def _header(token: str) -> Mapping[str, Any]:
    parts = token.split(".") if token.isascii() and len(token) <= MOST else []
    _require(len(parts) == 3, "it is no signed token")
    try:
        data = b64.decode_url(parts[0])
    except BadInput as error:
        raise _refused("it is no signed token") from error
    header = _object(data, "it is no signed token")
    _require(header.get("alg") in KINDS, "its algorithm is not taken")
    _require("crit" not in header, "it demands what nobody here knows")
    return header


def _candidates(header: Mapping[str, Any], keys: Sequence[JsonObject]) -> list[JsonObject]:
    kid, alg = header.get("kid"), str(header["alg"])
    return [
        key for key in keys
        if key.get("kty") == KINDS[alg] and key.get("use") in (None, "sig") and key.get("alg") in (None, alg)
        and (kid is None or key.get("kid") == kid) and _is_strong(key)
    ]  # fmt: skip


def _is_strong(key: JsonObject) -> bool:
    return key.get("kty") != "RSA" or len(str(key.get("n"))) * 3 // 4 >= _LEAST_MODULUS


def _check_parties(claims: Mapping[str, Any], expected: Expected) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    named = audience if isinstance(audience, list) else [audience]
    _require(claims.get("iss") == expected.issuer, "it is another provider's")
    _require(expected.client in named, "it is for another client")
    _require(
        party == expected.client if len(named) > 1 or party is not None else True, "it was given to another client"
    )


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    seconds = now.timestamp()
    issued, expires, begins = (claims.get(name) for name in ("iat", "exp", "nbf"))
    _require(_is_number(issued) and _is_number(expires) and (begins is None or _is_number(begins)), "it has no times")
    _require(seconds < cast(float, expires) + SKEW.total_seconds(), "it has expired")
    _require(max(cast(float, issued), begins or 0) <= seconds + SKEW.total_seconds(), "it is from the future")
    _require(seconds <= cast(float, issued) + (FRESH + SKEW).total_seconds(), "it was issued long ago")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _object(data: bytes, why: str) -> Mapping[str, Any]:
    try:
        found = json.loads(data, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _refused(why) from error
    _require(isinstance(found, dict), why)
    return cast(Mapping[str, Any], found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member stands twice")
    return found


def _require(holds: bool, why: str) -> None:
    if not holds:
        raise _refused(why)


def _refused(why: str) -> Tampered:
    return Tampered("codec.id-token", f"The identity provider's word does not hold: {why}",
                    todo="Sign in again; if it stays, show this to a security administrator.")  # fmt: skip
