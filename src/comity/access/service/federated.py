"""Signing in through the agency's identity provider: authorization code with PKCE, state and nonce (OpenID Connect Core
1.0, 3.1; RFC 7636; RFC 9700).

The nonce is the hash of the act ``session.open``, which names the session's key, and 32 random bytes; so the ID token,
which the provider has signed, names that key, and is kept with the provider's key as the node fetched it. It opens a
session and nothing else: what must be confirmed, the person's passkey confirms.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from comity.access import rules, store
from comity.access.model import Ceremony, Federated, Person, Session
from comity.access.service import confirming
from comity.access.service.entering import note_stranger
from comity.access.service.provider import Provider, Redirect, refused
from comity.access.service.sessions import keep, prepared, raw_token, unsealed
from comity.base.errors import NotAllowed, Tampered
from comity.base.model import JsonObject
from comity.kit.codec import b64, idtokens
from comity.kit.codec.idtokens import Expected
from comity.kit.crypto.symmetric import derive, sha256
from comity.kit.database.unit import Database, Unit

BACK: Final = "/enter/federated"
"""Where the provider sends people back to, under the officers' origin."""
_MOST: Final = 4096
_PKCE: Final = "comity-pkce"


def begin_federated(database: Database, provider: Provider, origin: str) -> tuple[str, str]:
    """The token for the browser's cookie, and the address at the provider to which the browser goes."""
    endpoint = provider.endpoint("authorization_endpoint")  # asked in no unit
    with database.unit("access.begin") as unit:
        deed, sealed, token = prepared(unit)
        deed["provider"] = provider.settings.issuer
        made = confirming.begin(unit, "federated", "", deed, sealed)
    asked = {
        "response_type": "code", "client_id": provider.settings.client, "redirect_uri": origin + BACK,
        "scope": "openid profile", "state": made.id, "nonce": _nonce(made),
        "code_challenge": b64.encode_url(sha256(_verifier(token).encode())), "code_challenge_method": "S256",
    }  # fmt: skip
    if provider.settings.acr:
        asked["acr_values"] = " ".join(provider.settings.acr)
    return token, f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def enter_federated(
    database: Database, provider: Provider, origin: str, answer: tuple[str, Mapping[str, str]]
) -> tuple[Session, str]:
    """Open the session that `begin_federated` prepared: the session, and the token for the browser's cookie, a new one.

    `answer` is the browser's token and the query with which the provider sent it back. 1. The state is one that is
    under way, begun by this browser, and is used up. 2. The code gives an ID token, 3. which verifies
    (`idtokens.verify`). 4. Its claim names a person who is active here. NotAllowed, Tampered or Conflict otherwise:
    counted as any failed sign-in.
    """
    token, said = answer
    try:
        made = _taken(database, token, said)
        if said.get("iss", provider.settings.issuer) != provider.settings.issuer:  # RFC 9207
            raise refused("another provider answered")
        code = said.get("code", "")
        if not code or len(code) > _MOST:
            raise refused(f"it said {said.get('error', 'nothing')[:60]!r}")
        word = provider.exchange(code, Redirect(origin + BACK, _verifier(token)))
        keys = provider.keys(word)  # asked in no unit
        with database.unit("access.enter") as unit:
            return _opened(unit, provider.settings, made, (word, keys), token)
    except (NotAllowed, Tampered):
        if not database.sealed:
            with database.unit("access.enter-refused") as unit:
                note_stranger(unit)
        raise


def _taken(database: Database, token: str, said: Mapping[str, str]) -> Ceremony:
    """The ceremony of that state, which is thereby over, if this browser began it."""
    with database.unit("access.federated") as unit:
        made = confirming.finish(unit, said.get("state", ""), "federated")
    unsealed(made.sealed or b"", token)
    return made


def _opened(
    unit: Unit, about: Federated, made: Ceremony, told: tuple[str, Sequence[JsonObject]], token: str
) -> tuple[Session, str]:
    """The session of whom the ID token names; `told` is that token and the provider's keys."""
    word, keys = told
    expected = Expected(about.issuer, about.client, _nonce(made), about.acr, about.amr)
    found = idtokens.verify(word, keys, expected, unit.now)
    person = _person(unit, found.claims.get(about.claim))
    by: JsonObject = {
        "act": made.act, "nonce": made.nonce.hex(), "claim": about.claim,
        "oidc": {"issuer": about.issuer, "id_token": word, "key": found.key},
    }  # fmt: skip
    return keep(unit, person, unsealed(made.sealed or b"", token), by)


def _person(unit: Unit, name: object) -> Person:
    """The person of this node whom a claim names."""
    person = store.find_person(unit, name) if isinstance(name, str) and rules.is_name(name) else None
    if person is None or not person.active or person.system:
        raise NotAllowed(
            "access.federated-unknown", "The identity provider vouches for somebody who cannot act here",
            todo="Ask a security administrator to add you, or sign in as somebody else there.",
        )  # fmt: skip
    return person


def _nonce(made: Ceremony) -> str:
    return confirming.nonce_of(made.act, made.nonce)


def _verifier(token: str) -> str:
    """The PKCE verifier, which follows from the browser's token and is kept nowhere."""
    return b64.encode_url(derive(raw_token(token), _PKCE))
