"""Who may hold which roles, what an act and an assertion consist of, and how wrong passphrases are slowed down.

Pure: times and hashes are passed in.
"""

import re
from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Final

from comity.access.model import Approval, NewPerson, Session
from comity.base.codes import ADMINISTERING, ROLES
from comity.base.errors import BadInput, Conflict
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
LINK: Final = timedelta(hours=24)
MANY: Final = 200
"""Ceremonies of one kind under way at once: more are refused until the oldest are over."""

CONFIRMED: Final = frozenset({
    "case.erase", "evidence.accept", "evidence.offer", "evidence.release", "exchange.thaw", "legal.agreement-receive",
    "legal.import", "legal.quota", "log.export", "log.open", "person.add", "person.deactivate", "person.link",
    "person.qualify", "person.recover", "search.authorise", "search.release", "search.release-alone",
})  # fmt: skip
"""Verbs whose acts a person at a browser confirms with the passkey, each by itself: what leaves the agency, what cannot
be undone, and what gives people or law their power. A threat to life waits for none."""


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
