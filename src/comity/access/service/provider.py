"""An identity provider over HTTP: what it says of itself, its keys, and the exchange of a code for an ID token.

1. Only over TLS, or to this machine; no redirect is followed and no proxy of the environment asked. 2. Every answer has
a largest size, every step a longest time. 3. What it says of itself and its keys are kept for an hour; for a key that
is not among them it is asked again, once a minute at most.
"""

import base64
import http.client
import json
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

from comity.access.model import Federated
from comity.base.clock import monotonic
from comity.base.errors import Misconfigured, NotAllowed, Unavailable
from comity.base.model import JsonObject
from comity.kit.codec import idtokens

DISCOVERY: Final = "/.well-known/openid-configuration"
MOST: Final = 256 * 1024
SECONDS: Final = 10.0
KEPT: Final = 3600.0
AGAIN: Final = 60.0
_MEMBERS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Redirect:
    """With what a code was asked for, and is exchanged."""

    uri: str
    verifier: str
    """PKCE (RFC 7636), the S256 method."""


class Provider:
    """The identity provider of the settings; safe for several threads."""

    def __init__(self, settings: Federated) -> None:
        self.settings = settings
        self._lock = threading.Lock()
        self._about: tuple[float, JsonObject] | None = None
        self._keys: tuple[float, list[JsonObject]] | None = None

    def endpoint(self, name: str) -> str:
        """One of the addresses that the provider tells of itself; Unavailable or Misconfigured where it tells none."""
        return str(self._described()[name])

    def keys(self, token: str) -> list[JsonObject]:
        """The provider's keys (JWK), among them the one that `token` names, where it has such a key at all."""
        with self._lock:
            kept = self._keys
        age = monotonic() - kept[0] if kept else KEPT
        if kept is None or age >= KEPT or (age >= AGAIN and not idtokens.is_known(token, kept[1])):
            found = _json("GET", self.endpoint("jwks_uri"))
            listed = found.get("keys")
            kept = (monotonic(), [key for key in listed if isinstance(key, dict)] if isinstance(listed, list) else [])
            with self._lock:
                self._keys = kept
        return kept[1]

    def exchange(self, code: str, redirect: Redirect) -> str:
        """The ID token for a code; NotAllowed (``access.federated``) where the provider gives none."""
        asked = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": redirect.uri,
            "client_id": self.settings.client, "code_verifier": redirect.verifier,
        }  # fmt: skip
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        secret = self._secret()
        methods = self._described().get("token_endpoint_auth_methods_supported")
        if secret and methods == ["client_secret_post"]:
            asked["client_secret"] = secret
        elif secret:
            pair = f"{quote(self.settings.client, safe='')}:{quote(secret, safe='')}"  # RFC 6749, 2.3.1
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        found = _json("POST", self.endpoint("token_endpoint"), urlencode(asked).encode(), headers)
        token = found.get("id_token")
        if not isinstance(token, str):
            raise refused("it gave no ID token for the code")
        return token

    def _secret(self) -> str:
        """The client's secret, from the first line of its file; empty for a client without one."""
        if not self.settings.secret_file:
            return ""
        path = Path(self.settings.secret_file)
        try:
            if path.stat().st_mode & 0o077:
                raise _unfit("others of this machine may read the client's secret", str(path))
            return path.read_text(encoding="utf-8").partition("\n")[0].strip()
        except (OSError, UnicodeDecodeError) as error:
            raise _unfit("the client's secret cannot be read", str(path)) from error

    def _described(self) -> JsonObject:
        """What the provider says of itself (OpenID Connect Discovery 1.0), checked."""
        with self._lock:
            kept = self._about
        if kept is not None and monotonic() - kept[0] < KEPT:
            return kept[1]
        found = _json("GET", self.settings.issuer.rstrip("/") + DISCOVERY)
        if found.get("issuer") != self.settings.issuer:
            raise _unfit("it calls itself by another name", str(found.get("issuer"))[:200])
        for name in _MEMBERS:
            if not is_safe(str(found.get(name))):
                raise _unfit(f"its {name} is no address over TLS", str(found.get(name))[:200])
        with self._lock:
            self._about = (monotonic(), found)
        return found


def is_safe(address: str) -> bool:
    """Whether an address is https, or http to this machine."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    here = host in ("127.0.0.1", "::1", "localhost")
    plain = address.isascii() and address.isprintable() and " " not in address and "@" not in parts.netloc
    return plain and bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and here))


def _json(method: str, address: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> JsonObject:
    """The JSON object at an address; NotAllowed for an answer of 4xx, Unavailable for none that can be read."""
    status, data = _asked(method, address, body, headers or {})
    if 400 <= status < 500:
        raise refused(f"it answered with status {status}")
    try:
        found: Any = json.loads(data) if status == 200 else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _away(f"it answered with status {status} and nothing to read")
    return found


def _asked(method: str, address: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    parts = urlsplit(address)
    host = parts.hostname or ""
    line: http.client.HTTPConnection
    if parts.scheme == "https":
        line = http.client.HTTPSConnection(
            host, parts.port or 443, timeout=SECONDS, context=ssl.create_default_context()
        )
    else:
        line = http.client.HTTPConnection(host, parts.port or 80, timeout=SECONDS)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        line.request(method, target, body or None, {"Accept": "application/json", **headers})
        answer = line.getresponse()
        data = answer.read(MOST + 1)
    except (OSError, http.client.HTTPException) as error:
        raise _away("it does not answer") from error
    finally:
        line.close()
    if len(data) > MOST:
        raise _away("its answer is too long")
    return answer.status, data


def refused(why: str) -> NotAllowed:
    """What somebody is told whom the identity provider does not vouch for."""
    return NotAllowed("access.federated", f"The identity provider did not sign you in: {why}",
                      todo="Try again, or sign in with your passkey.")  # fmt: skip


def _away(why: str) -> Unavailable:
    return Unavailable("access.federated-away", f"The identity provider cannot be asked: {why}",
                       todo="Sign in with your passkey, or try again later.")  # fmt: skip


def _unfit(why: str, where: str) -> Misconfigured:
    return Misconfigured("access.federated-settings", f"The identity provider cannot be used: {why}", where=where,
                         todo="Compare the oidc settings of comity.toml with what the provider tells.")  # fmt: skip
