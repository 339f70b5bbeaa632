"""ID tokens: those of OpenID Connect's own rules, and what hostile ones say; signed by joserfc as a provider would."""

import base64
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from comity.base.errors import Tampered
from comity.kit.codec import idtokens
from comity.kit.codec.idtokens import Expected
from tests.provider import ECKey, OctKey, OKPKey, rsa_key, signed

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
AT = int(NOW.timestamp())
EXPECTED = Expected("https://id.example", "comity", "the nonce")
CLAIMS = {"iss": "https://id.example", "aud": "comity", "sub": "s", "iat": AT, "exp": AT + 300, "nonce": "the nonce"}
EC, ED = ECKey.generate_key("P-256", {"kid": "e1"}), OKPKey.generate_key("Ed25519", {"kid": "o1"})


def public(*keys: Any) -> list[Any]:
    return [key.as_dict(private=False) for key in keys]


KEYS = public(rsa_key(), EC, ED)


def refused(token: str, why: str, expected: Expected = EXPECTED, keys: list[Any] = KEYS) -> None:
    with pytest.raises(Tampered, match=why) as found:
        idtokens.verify(token, keys, expected, NOW)
    assert found.value.code == "codec.id-token"


@pytest.mark.parametrize(("key", "alg"), [(rsa_key(), "RS256"), (rsa_key(), "PS256"), (EC, "ES256"), (ED, "Ed25519")])
def test_tokens_that_hold(key: Any, alg: str) -> None:
    token = signed(CLAIMS, key, alg, typ="JWT", x5t="odd but harmless")
    told = idtokens.verify(token, KEYS, EXPECTED, NOW)
    assert told.claims == CLAIMS
    assert idtokens.signed_claims(token, told.key) == CLAIMS


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"iss": "https://evil.example"}, "another provider"), ({"iss": None}, "another provider"),
        ({"iss": "https://id.example/"}, "another provider"), ({"aud": "other"}, "another client"),
        ({"aud": ["other"]}, "another client"), ({"aud": None}, "another client"),
        ({"aud": {"comity": 1}}, "another cl"),
        ({"aud": ["comity", "other"]}, "given to another"), ({"azp": "other"}, "given to another"),
        ({"nonce": "another"}, "another sign-in"), ({"nonce": None}, "another sign-in"),
        ({"exp": AT - 61}, "expired"), ({"exp": AT - 60}, "expired"), ({"exp": None}, "no times"),
        ({"exp": "never"}, "no times"), ({"exp": True}, "no times"), ({"iat": AT + 61}, "future"),
        ({"iat": None}, "no t"),
        ({"iat": AT - 661}, "long ago"), ({"nbf": AT + 61}, "future"), ({"nbf": "x"}, "no times"),
        ({"exp": float("nan")}, "expired"), ({"iat": float("inf")}, "future"),
    ],
    ids=str,
)  # fmt: skip
def test_claims_that_do_not_hold(change: dict[str, Any], why: str) -> None:
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}
    refused(signed(claims, rsa_key()), why)


@pytest.mark.parametrize(
    "change", [{"aud": ["comity"]}, {"aud": ["x", "comity"], "azp": "comity"}, {"iat": AT + 60}, {"exp": AT - 59}]
)
def test_claims_at_the_edge(change: dict[str, Any]) -> None:
    idtokens.verify(signed(CLAIMS | change, rsa_key()), KEYS, EXPECTED, NOW)


def test_how_the_person_was_identified() -> None:
    demanding = Expected("https://id.example", "comity", "the nonce", ("high", "higher"), ("hwk", "user"))
    good = CLAIMS | {"acr": "high", "amr": ["user", "pop", "hwk"]}
    idtokens.verify(signed(good, rsa_key()), KEYS, demanding, NOW)
    for change in (
        {"acr": "low"},
        {"acr": None},
        {"acr": ["high"]},
        {"amr": ["hwk"]},
        {"amr": "hwk user"},
        {"amr": None},
    ):
        refused(signed(good | change, rsa_key()), "identified", demanding)


# --- keys and algorithms ---------------------------------------------------------------------------------------------


def unsigned(header: dict[str, Any], signature: str = "") -> str:
    parts = (json.dumps(part).encode() for part in (header, CLAIMS))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), signature])


@pytest.mark.parametrize(
    "alg", ["none", "None", "NONE", "HS256", "HS512", "EdDSA", "RS512", "ES256K", "", "RSA", None, 1]
)
def test_algorithms_that_are_not_taken(alg: Any) -> None:
    refused(unsigned({"alg": alg, "kid": "k1"}), "algorithm")
    refused(unsigned({"kid": "k1"}), "algorithm")


def test_a_public_key_is_no_secret() -> None:
    """HS256 by the provider's public key, in every spelling of that key."""
    for secret in (rsa_key().as_pem(private=False), json.dumps(KEYS[0]).encode(), KEYS[0]["n"].encode()):
        for alg, why in (("HS256", "algorithm"), ("RS256", "signature")):
            said = unsigned({"alg": alg, "kid": "k1"}).rstrip(".")
            mac = hmac.digest(secret, said.encode(), "sha256")
            refused(f"{said}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}", why)


def test_a_key_counts_for_its_own_kind_only() -> None:
    refused(signed(CLAIMS, EC, "ES256", kid="k1"), "could have signed")
    secret = OctKey.generate_key(256, {"kid": "s1"})
    refused(signed(CLAIMS, secret, "HS256"), "algorithm", keys=[secret.as_dict(private=True)])
    encrypting = {**KEYS[0], "use": "enc"}
    refused(signed(CLAIMS, rsa_key()), "could have signed", keys=[encrypting])
    refused(signed(CLAIMS, rsa_key()), "could have signed", keys=[{**KEYS[0], "alg": "PS256"}])


def test_a_weak_key_counts_for_nothing() -> None:
    refused(signed(CLAIMS, rsa_key()), "could have signed", keys=[{**KEYS[0], "n": KEYS[0]["n"][:170]}])


def test_which_key_must_be_told() -> None:
    other = rsa_key("k2")
    token = signed(CLAIMS, rsa_key(), kid=None)
    idtokens.verify(token, public(rsa_key()), EXPECTED, NOW)
    refused(token, "2 of the provider's keys", keys=public(rsa_key(), other))
    refused(signed(CLAIMS, rsa_key(), kid="k9"), "0 of the provider's keys")
    refused(signed(CLAIMS, other, kid="k1"), "signature")
    refused(signed(CLAIMS, rsa_key()), "2 of", keys=[KEYS[0], {**public(other)[0], "kid": "k1"}])
    assert not idtokens.is_known(signed(CLAIMS, rsa_key(), kid="k9"), KEYS)


def test_keys_that_a_token_brings_are_not_looked_at() -> None:
    evil = rsa_key("evil")
    for header in (
        {"jwk": evil.as_dict(private=False)},
        {"jku": "http://evil.example"},
        {"x5u": "http://evil.example"},
    ):
        refused(signed(CLAIMS, evil, kid="k1", **header), "signature")


@pytest.mark.parametrize(
    "token",
    ["", "a", "a.b", "a.b.c", "..", "a.b.c.d", "é.b.c", "x" * 20_000, "e30.e30.", "W10.e30.x",
     "eyJhbGciOiJSUzI1NiIsImFsZyI6Im5vbmUifQ.e30.x"],
)  # fmt: skip
def test_what_is_no_token(token: str) -> None:
    refused(token, "no signed token|algorithm")


def test_a_critical_header_that_nobody_knows() -> None:
    refused(unsigned({"alg": "RS256", "kid": "k1", "crit": ["b64"], "b64": False}), "demands")


@pytest.mark.parametrize("data", [b"[]", b"", b"\xff", b'"text"', b'{"iss": 1, "iss": 2}', b"[" * 5000])
def test_claims_that_are_none(data: bytes) -> None:
    refused(signed(data, rsa_key()), "no JSON object")


def test_a_changed_token() -> None:
    head, body, signature = signed(CLAIMS, rsa_key()).split(".")
    other = signed(CLAIMS | {"comity": "judge-1"}, rsa_key()).split(".")[1]
    for token in (f"{head}.{other}.{signature}", f"{head}.{body}.{signature[:-4]}AAAA", f"{head}.{body}."):
        refused(token, "signature")
