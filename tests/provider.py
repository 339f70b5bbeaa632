"""An identity provider for tests: OpenID Connect over HTTP on loopback, with whatever faults a test gives it."""

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from comity.base.clock import Clock, system_clock

SECRET = "the client's & secret"


@cache
def rsa_key(name: str = "k1", bits: int = 2048) -> RSAKey:
    return RSAKey.generate_key(bits, {"kid": name, "use": "sig"})


def signed(claims: Any, key: Any, alg: str = "RS256", **header: Any) -> str:
    """A token; `key` signs whatever the header says, also what no provider should."""
    told = {"alg": alg, "kid": key.kid, **header}
    told = {name: value for name, value in told.items() if value is not None}
    data = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jws.serialize_compact(told, data, key, [alg], registry)


@dataclass
class Provider:
    """What the provider is and does; tests change it while it runs."""

    issuer: str = ""
    clock: Clock = system_clock
    client: str = "comity-xa"
    person: str = "officer-1"
    key: Any = field(default_factory=rsa_key)
    alg: str = "RS256"
    keys: list[Any] = field(default_factory=lambda: [rsa_key()])
    claims: dict[str, Any] = field(default_factory=dict)
    """Set over what the token would say; None takes a claim away."""
    header: dict[str, Any] = field(default_factory=dict)
    token: Callable[[dict[str, Any]], str] | None = None
    about: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def description(self) -> dict[str, Any]:
        own = {name: f"{self.issuer}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        return {"issuer": self.issuer, **own, **self.about}

    def authorise(self, address: str) -> dict[str, str]:
        """What a browser that follows `address` comes back with, once its person has signed in here."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert asked["client_id"] == self.client
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(self.clock().timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer, "aud": self.client, "sub": "subject-1", "iat": now, "exp": now + 300,
            "nonce": asked["nonce"], "comity": self.person, "acr": "high", "amr": ["hwk", "user"],
        }  # fmt: skip
        claims = {name: value for name, value in {**claims, **self.claims}.items() if value is not None}
        return self.token(claims) if self.token else signed(claims, self.key, self.alg, **self.header)

    def exchange(self, form: dict[str, list[str]], authorization: str) -> tuple[int, dict[str, Any]]:
        """One code for one token, for whoever knows the secret and the verifier."""
        asked = self.codes.pop(form["code"][0], None)
        given = base64.b64decode(authorization.removeprefix("Basic ")).decode() if authorization else ""
        known = given == "comity-xa:the%20client%27s%20%26%20secret" or form.get("client_secret") == [SECRET]
        if asked is None or not known or form["redirect_uri"][0] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form["code_verifier"][0].encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return self.status, {"access_token": "unused", "token_type": "Bearer", "id_token": self.id_token(asked)}


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    """The provider, up on loopback; its issuer is set."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            if self.path.endswith("/openid-configuration"):
                self._tell(200, provider.description())
            elif self.path.startswith("/authorization_endpoint?"):  # its person is signed in there already
                asked = dict(parse_qsl(urlsplit(self.path).query))
                self.send_response(302)
                self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(provider.authorise(self.path))}")
                self.send_header("Content-Length", "0")
                self.end_headers()
            elif self.path == "/jwks_uri":
                self._tell(provider.status, {"keys": [_public(key) for key in provider.keys]})
            else:
                self._tell(404, {})

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._tell(*provider.exchange(parse_qs(body), self.headers.get("Authorization", "")))

        def _tell(self, status: int, told: Any) -> None:
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()


def _public(key: Any) -> Any:
    return key if isinstance(key, dict) else key.as_dict(private=False)


__all__ = ["ECKey", "OKPKey", "OctKey", "Provider", "RSAKey", "rsa_key", "running", "signed"]
