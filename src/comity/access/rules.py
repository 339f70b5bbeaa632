"""Who may hold which roles, what an act and an assertion consist of, what access tokens are for, and how wrong
passphrases are slowed down.

Pure: times and hashes are passed in.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Final

from comity.access.model import AccessToken, Approval, NewPerson, NewShift, Session, Shift, TokenToIssue
from comity.base.clock import rfc3339
from comity.base.codes import ADMINISTERING, ROLES
from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.base.model import Assertion, JsonObject

DOMAIN: Final = b"comity-assertion-v1\n"
"""Stands before the JCS bytes that a person's key signs, so that they can be taken for no other signature."""

MIN_PASSPHRASE: Final = 12
FREE_TRIES: Final = 3
FIRST_WAIT: Final = timedelta(seconds=5)
LONGEST_WAIT: Final = timedelta(hours=1)
STRANGERS_EVERY: Final = timedelta(minutes=1)
"""Tries under unknown names are logged at most this often."""

_CHOOSE: Final = f"Choose among {', '.join(sorted(ROLES))}."
_SLUG: Final = re.compile("[a-z0-9][a-z0-9-]{0,62}")


def check_person(new: NewPerson) -> None:
    """BadInput unless the names are slugs, the roles exist and go together, and the passphrase is long enough."""
    for what, name in (("person", new.id), ("unit", new.unit)):
        if not _SLUG.fullmatch(name):
            raise BadInput(
                "access.name", f"`{name}` cannot name a {what}",
                todo="Use lower-case letters, digits and hyphens, such as officer-1 or homicide.",
            )  # fmt: skip
    check_roles(new.roles)
    if new.system and (more := sorted(new.roles - SYSTEM_ROLES)):
        raise BadInput("access.system-role", f"A system cannot be {' and '.join(more)}",
                       todo=f"Choose among {', '.join(sorted(SYSTEM_ROLES))}; people decide and approve.")  # fmt: skip
    check_passphrase(new.passphrase)


def is_name(text: str) -> bool:
    """Whether a person can have this name at all."""
    return _SLUG.fullmatch(text) is not None


def check_passphrase(passphrase: str) -> None:
    """BadInput for one that is too short."""
    if len(passphrase) < MIN_PASSPHRASE:
        raise BadInput(
            "access.passphrase-short", f"The new passphrase has {len(passphrase)} characters",
            todo=f"Choose at least {MIN_PASSPHRASE}; several words are easy to keep in mind.",
        )  # fmt: skip


def check_roles(roles: Collection[str]) -> None:
    """BadInput unless there are roles, all of them known, and administering is kept apart from handling data."""
    if unknown := sorted(set(roles) - ROLES):
        raise BadInput("access.role-unknown", f"There is no role {', '.join(unknown)}", todo=_CHOOSE)
    if not roles:
        raise BadInput("access.role-missing", "A person needs a role", todo=_CHOOSE)
    if set(roles) & ADMINISTERING and set(roles) - ADMINISTERING:
        raise BadInput(
            "access.role-mixed", f"{' and '.join(sorted(ADMINISTERING))} see no case data, so they take no other role",
            todo="Add two persons with a key each.",
        )  # fmt: skip


IDLE: Final = timedelta(minutes=10)
LONGEST: Final = timedelta(hours=8)
CEREMONY: Final = timedelta(minutes=2)
FEDERATED: Final = timedelta(minutes=10)
"""For a sign-in at an identity provider, which may ask for more than one thing."""
LINK: Final = timedelta(hours=24)
MANY: Final = 200
"""Ceremonies of one kind under way at once: more are refused until the oldest are over."""

CONFIRMED: Final = frozenset({
    "case.erase", "evidence.accept", "evidence.offer", "evidence.release", "exchange.thaw", "legal.agreement-receive",
    "legal.import", "legal.quota", "log.export", "log.open", "person.add", "person.deactivate", "person.link",
    "person.qualify", "person.recover", "search.authorise", "search.release", "search.release-alone", "token.issue",
})  # fmt: skip
"""Verbs whose acts a person at a browser confirms with the passkey, each by itself: what leaves the agency, what cannot
be undone, and what gives people or law their power. A threat to life waits for none."""


ISSUE: Final = "token.issue"
TOKEN_DAYS: Final = 90
"""The longest life of an access token."""
STRANGERS_MOST: Final = 60
"""Unknown access tokens counted in one of `STRANGERS_EVERY`; beyond that they are turned away without a look."""
SYSTEM_ROLES: Final = frozenset({"officer", "examiner", "custodian", "auditor"})
"""What a system may be: deciding and approving is for people."""

_READING: Final[Mapping[str, frozenset[str]]] = {
    "case.read": frozenset({"case.list", "case.show"}),
    "dna.read": frozenset({"dna.list", "dna.view"}),
    "duty.read": frozenset({"duty.list", "duty.alarms"}),
    "evidence.read": frozenset({"evidence.list", "evidence.show", "evidence.export", "evidence.view-requests"}),
    "legal.read": frozenset({
        "legal.show", "legal.decide", "legal.bases", "legal.deadlines", "legal.matter",
    }),
    "log.read": frozenset({"log.show", "log.verify"}),
    "person.read": frozenset({"person.list"}),
    "search.read": frozenset({
        "search.list", "search.show", "search.explain", "search.outcomes", "search.statistics",
    }),
}  # fmt: skip
_ALONE: Final = frozenset({
    "case.admit", "case.open", "dna.compare", "dna.export", "dna.import", "dna.import-population", "dna.import-rules",
    "dna.kinship", "dna.mixture", "dna.search", "dna.weigh", "evidence.preview", "evidence.request", "evidence.take-in",
    "evidence.withdraw", "legal.agreement-end", "legal.agreement-extend", "legal.agreement-new",
    "legal.agreement-revise", "search.ask", "search.correct", "search.preview", "search.preview-request",
    "search.request", "search.withdraw",
})  # fmt: skip
OFFERED: Final = (*sorted(_READING), *sorted(_ALONE))
"""The scopes that a form offers: verbs that only read in groups, the others one by one."""
SCOPES: Final[Mapping[str, frozenset[str]]] = {
    **_READING, **{verb: frozenset({verb}) for verb in _ALONE.union(*_READING.values())}
}  # fmt: skip
"""The scopes of access tokens, each with the verbs that it lets a program do. What must be confirmed, and what a person
judges (a verdict, a refusal, a review, a signature), is in none: no token does it."""


def check_asked(asked: TokenToIssue) -> None:
    """BadInput unless the token has a fit name, scopes that there are, and a life of 1 to 90 days."""
    if not (asked.name.strip() and asked.name.isprintable() and len(asked.name) <= 100):
        raise BadInput("access.token-name", "A token needs a name of one line, at most 100 characters",
                       todo="Say in a word or two what it is for.")  # fmt: skip
    if unknown := sorted(asked.scopes - SCOPES.keys()):
        by_hand = set(unknown) & CONFIRMED
        why = "is confirmed by a person, never by a program" if by_hand else "is no scope"
        raise BadInput("access.scope-unknown", f"{(sorted(by_hand) or unknown)[0][:60]} {why}",
                       todo=f"Choose among {', '.join(sorted(SCOPES))}.")  # fmt: skip
    if not asked.scopes:
        raise BadInput("access.scope-missing", "A token needs a scope", todo="Say what its program is to do.")
    if not 1 <= asked.days <= TOKEN_DAYS:
        raise BadInput("access.token-days", f"A token lives 1 to {TOKEN_DAYS} days", todo="Choose a day within these.")


def covers(scopes: Iterable[str], verb: str) -> bool:
    """Whether one of the scopes lets a program do that verb."""
    return verb not in CONFIRMED and any(verb in SCOPES.get(scope, ()) for scope in scopes)


def require_scope(scopes: Iterable[str], verb: str) -> None:
    """NotAllowed unless `covers`."""
    if verb in CONFIRMED:
        raise NotAllowed("access.by-hand", f"{verb} is confirmed by a person, never by a program alone",
                         todo="Sign in at a browser or with a passphrase and do it there.")  # fmt: skip
    if not covers(scopes, verb):
        raise NotAllowed(
            "access.scope", f"This access token is not for {verb}", where=f"for {', '.join(sorted(scopes))}",
            todo="Issue one whose scopes have it, where a token can: comity token issue --help.",
        )  # fmt: skip


def check_token(token: AccessToken, now: datetime, verb: str) -> None:
    """NotAllowed for a token that is over (`token_over`), or is not for that verb."""
    if over := token_over(token, now):
        raise NotAllowed(
            "access.token-over", f"This access token {over}", todo="Issue another one: comity token issue."
        )
    require_scope(token.scopes, verb)


def token_over(token: AccessToken, now: datetime) -> str:
    """Why a token opens nothing any more; empty while it does."""
    if token.ended_at is not None:
        return "was revoked"
    return "has expired" if token.expires <= now else ""


def told_token(token: AccessToken) -> JsonObject:
    """What whoever issues a token signs as the subject of ``token.issue``."""
    return {
        "for": token.person, "name": token.name, "scopes": [*token.scopes], "expires": rfc3339(token.expires),
        "key": token.public_key.hex(),
    }  # fmt: skip


def is_live(session: Session, now: datetime) -> bool:
    """Whether a session is open: not ended, not idle too long, not too old."""
    return session.ended_at is None and now < session.seen_at + IDLE and now < session.opened_at + LONGEST


def is_visit(session: Session) -> bool:
    """Whether a session was opened by a link for visitors, on a training node: there is no passkey to confirm with."""
    return "link" in session.opened_by


def act(verb: str, node: str, person: str, at: str, subject: JsonObject) -> JsonObject:
    """What was done, as it is hashed; `at` is RFC 3339."""
    return {"v": 1, "verb": verb, "node": node, "person": person, "at": at, "subject": subject}


def statement(assertion: Assertion) -> JsonObject:
    """What a person's key signs (after `DOMAIN`, as JCS): everything of the assertion but the signature."""
    return {
        "v": 1, "kind": assertion.kind, "person": assertion.person, "key_id": assertion.key_id,
        "act_hash": assertion.act_hash, "at": assertion.at,
    }  # fmt: skip


def qualified(until: date | None, today: date) -> bool:
    """Whether an examiner may confirm hits today."""
    return until is not None and today <= until


def wait_after(failures: int) -> timedelta:
    """How long a key stays shut after so many wrong passphrases in a row: 5 s after the third, then doubled."""
    if failures < FREE_TRIES:
        return timedelta()
    doublings: int = 2 ** min(failures - FREE_TRIES, 16)
    return min(FIRST_WAIT * doublings, LONGEST_WAIT)


def check_four_eyes(given: Iterable[Approval], new: Approval) -> None:
    """Conflict when `new` repeats a slot, person, key or unit among those `given` for the same target."""
    for earlier in given:
        same = [name for name in ("slot", "person", "key_id", "unit") if getattr(earlier, name) == getattr(new, name)]
        if same:
            raise Conflict(
                "access.four-eyes", f"{earlier.person} of {earlier.unit} has already acted on this",
                where=f"same {' and '.join(name.replace('key_id', 'key') for name in same)}",
                todo="Ask another person of another unit, with a key of their own.",
            )  # fmt: skip


# --- the duty desk -------------------------------------------------------------------------------------------------

LONGEST_SHIFT: Final = timedelta(hours=24)
FURTHEST_SHIFT: Final = timedelta(days=366)
LATE: Final = timedelta(hours=1)
"""A shift may be planned so long after it began: whoever steps in first helps, then writes."""
AFTER_SHIFT: Final = timedelta(hours=12)
"""So long after a shift its hand-over may still be written."""
MOST_NOTE: Final = 4000


def check_shift(new: NewShift, now: datetime) -> None:
    """BadInput unless the shift ends after it begins, within a day, and is not of the past or far away."""
    wrong = (
        "it ends before it begins" if new.ends <= new.begins
        else "it is longer than 24 hours" if new.ends - new.begins > LONGEST_SHIFT
        else "it began more than an hour ago" if new.begins < now - LATE
        else "it begins in more than a year" if new.begins > now + FURTHEST_SHIFT
        else ""
    )  # fmt: skip
    if wrong:
        raise BadInput("access.shift", f"The shift cannot be planned: {wrong}", where="begins",
                       todo="Give times like 2026-11-22T20:00:00Z, from when until when.")  # fmt: skip


def check_free(others: Iterable[Shift], new: NewShift) -> None:
    """Conflict when the person has another shift at that time."""
    for one in others:
        if not one.cancelled_by and one.begins < new.ends and new.begins < one.ends:
            raise Conflict("access.shift-overlaps", f"{new.person} is on duty already at that time", where=one.id,
                           todo="Call that shift off first, or choose another time.")  # fmt: skip


def check_note(text: str) -> None:
    """BadInput for a hand-over that says nothing, or too much."""
    if not text.strip() or len(text) > MOST_NOTE:
        raise BadInput("access.note", f"A hand-over is a text of 1 to {MOST_NOTE} characters", where="text",
                       todo="Say what is open and what to watch; name cases by their reference.")  # fmt: skip


def may_hand_over(shifts: Iterable[Shift], now: datetime) -> bool:
    """Whether somebody with these shifts is on duty, or was a while ago."""
    return any(not one.cancelled_by and one.begins <= now < one.ends + AFTER_SHIFT for one in shifts)
