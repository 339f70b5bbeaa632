"""Access tokens: by which a program acts for a person, or for a system of the agency, within scopes and until a day.

A token is 32 random bytes, shown once. Its Ed25519 key follows from them, so whoever has the database alone can sign
nothing. The act ``token.issue`` names that key, the scopes and the last moment, and is signed by the issuer's own key
or confirmed by a passkey; so what a program signs rests on a person's act, and the chain is kept.
"""

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from comity.access import rules, store
from comity.access.model import AccessToken, Acted, Person, TokenToIssue
from comity.access.service.acting import act, actor_of, signed
from comity.access.service.entering import note_stranger
from comity.access.service.people import SECURITY_ADMINS, find_person, log_change
from comity.base.codes import ROLES
from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.base.ids import uuid7
from comity.base.model import Actor, Assertion, Issuer, JsonObject
from comity.kit.crypto.signing import SigningKey
from comity.kit.crypto.symmetric import derive, random_bytes, sha256
from comity.kit.database.unit import Database, Unit

PREFIX: Final = "comity_"
"""Of every token, so that it is found where it should not lie."""
OFFERED: Final = rules.OFFERED
SCOPES: Final = tuple(sorted(rules.SCOPES))
MOST_DAYS: Final = rules.TOKEN_DAYS
_LABEL: Final = "comity-access-token"
_SEEN_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class TokenIssuer:
    """Makes assertions for a program, within the scopes of its access token."""

    actor: Actor
    scopes: tuple[str, ...]
    _key: SigningKey = field(repr=False)

    def moment(self, now: datetime) -> datetime:
        """Now: a program acts at once."""
        return now

    def require(self, verb: str) -> None:
        """NotAllowed where no scope has that verb."""
        rules.require_scope(self.scopes, verb)

    def assertion(self, act: JsonObject, act_hash: str) -> Assertion:
        """The signature by the token's key over one act's hash; NotAllowed where no scope has its verb."""
        self.require(str(act["verb"]))
        return signed(Assertion("token", self.actor.person, "", act_hash, str(act["at"]), ""), self._key)


def new_secret() -> str:
    """The text of a token that is yet to be issued: `PREFIX` and 32 random bytes in base64url."""
    return PREFIX + base64.urlsafe_b64encode(random_bytes(32)).decode().rstrip("=")


def issue_token(unit: Unit, issuer: Issuer, asked: TokenToIssue, secret: str) -> AccessToken:
    """Issue the token whose text is `secret` (from `new_secret`, and shown to nobody but whoever asked).

    Everybody issues their own; a system's are issued by a security administrator. BadInput for unfit names, scopes or
    days, NotAllowed for another person's, Conflict for a text that is a token already.
    """
    rules.check_asked(asked)
    key = _key_of(secret)
    holder = asked.holder or issuer.actor.person
    moment = issuer.moment(unit.now)
    made = AccessToken(
        uuid7(moment), key.public.fingerprint, _hashed(secret), holder, asked.name.strip(), key.public.raw,
        tuple(sorted(asked.scopes)), {}, moment, moment + timedelta(days=asked.days), None, None,
    )  # fmt: skip
    needed = ROLES if holder == issuer.actor.person else SECURITY_ADMINS
    acted = act(unit, issuer, rules.ISSUE, rules.told_token(made), needed)
    _check_holder(find_person(unit, holder), acted)
    if store.tokens.token(unit, key_id=made.key_id) is not None:
        raise Conflict("access.token-known", "This token was issued already", todo="Issue another one; this one works.")
    kept = replace(made, issued_by={"act": acted.act, "auth_hash": acted.auth_hash})
    store.tokens.insert_token(unit, kept)
    log_change(unit, "token.issued", acted, kept.as_dict())
    return kept


def _check_holder(holder: Person, acted: Acted) -> None:
    if holder.id != acted.actor.person and not holder.system:
        raise NotAllowed("access.token-own", f"{holder.id} is a person, who issues tokens of their own",
                         todo="Ask them, or add a system: comity person add --system.")  # fmt: skip
    if not holder.active:
        raise NotAllowed("access.inactive", f"{holder.id} cannot act here", todo="Add the system anew.")


def revoke_token(unit: Unit, issuer: Issuer, id: str) -> AccessToken:
    """End a token at once: one's own, or as a security administrator anybody's. Conflict for one that is over."""
    found = store.tokens.token(unit, id=id)
    admin = bool(issuer.actor.roles & SECURITY_ADMINS)
    if found is None or (found.person != issuer.actor.person and not admin):
        raise NotFound("access.token-none", "No token of yours has this id", todo="See `comity token list`.")
    acted = act(unit, issuer, "token.revoke", {"token": id}, ROLES)
    if over := rules.token_over(found, unit.now):
        raise Conflict("access.token-ended", f"The token {over} before", todo="Nothing is left to do.")
    store.tokens.change_token(unit, id, ended_at=unit.now)
    log_change(unit, "token.revoked", acted, {"person": found.person, "token": id})
    return replace(found, ended_at=unit.now)


def tokens(unit: Unit, actor: Actor | None) -> list[AccessToken]:
    """The tokens of `actor`, or everybody's for a security administrator and for whoever has the node's machine (None),
    oldest first; those that are over too, for as long as a token can live. Of earlier ones the log tells."""
    everybody = actor is None or actor.roles & SECURITY_ADMINS
    since = unit.now - timedelta(days=rules.TOKEN_DAYS)
    return store.tokens.tokens(unit, since, "" if everybody or actor is None else actor.person)


def is_over(token: AccessToken, now: datetime) -> bool:
    """Whether a token has expired or was revoked."""
    return bool(rules.token_over(token, now))


def by_token(database: Database, secret: str) -> TokenIssuer:
    """For whom the program with this token acts.

    NotAllowed where it is unknown (``access.token``: counted and logged as any failed sign-in, and put off when too
    many come), or over (``access.token-over``). That it was used is noted once a minute.
    """
    with database.read("access.token") as unit:
        found = store.tokens.token(unit, token_hash=_hashed(secret))
        person = store.find_person(unit, found.person) if found is not None else None
        now = unit.now
        if found is not None and person is not None:
            _check_live(found, person, now)
            issuer = TokenIssuer(actor_of(unit, person), found.scopes, _key_of(secret))
    if found is None or person is None:
        raise _stranger(database)
    if (found.used_at is None or now - found.used_at >= _SEEN_EVERY) and not database.sealed:
        with database.unit("access.token-used") as unit:
            store.tokens.change_token(unit, found.id, used_at=unit.now)
    return issuer


def _check_live(found: AccessToken, person: Person, now: datetime) -> None:
    over = rules.token_over(found, now) or ("" if person.active else "was revoked")
    if over:
        raise NotAllowed(
            "access.token-over", f"This access token {over}", todo="Issue another one: comity token issue."
        )


def _stranger(database: Database) -> NotAllowed:
    """What an unknown token is told; what is counted of it is bounded, however many come."""
    with database.read("access.token") as unit:
        last, silent = store.strangers(unit)
        many = last is not None and unit.now < last + rules.STRANGERS_EVERY and silent >= rules.STRANGERS_MOST
    if many:
        return NotAllowed("access.token-wait", "Too many unknown access tokens came",
                          todo="Wait a minute; then check the token, and who else tries.")  # fmt: skip
    if not database.sealed:
        with database.unit("access.token-refused") as unit:
            note_stranger(unit)
    return NotAllowed("access.token", "This access token is not known here",
                      todo="Check it, or issue another one: comity token issue.")  # fmt: skip


def _key_of(secret: str) -> SigningKey:
    """The key that follows from a token; BadInput for a text that is none."""
    try:
        raw = base64.b64decode(secret.removeprefix(PREFIX) + "=", altchars=b"-_", validate=True)
    except ValueError:
        raw = b""
    if len(raw) != 32 or not secret.startswith(PREFIX):
        raise BadInput("access.token-text", "This is the text of no access token", todo="Issue a new one.")
    return SigningKey.from_seed(derive(raw, _LABEL))


def _hashed(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hex()
