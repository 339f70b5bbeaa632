"""How two agencies come to an agreement: whose turn it is, which versions follow which, when it binds and when it ends.

A version binds once both parties have signed the same digest; an ending also by one signature alone, where the table
states a notice period (a deadline whose clock is `notice`) and the last day leaves that much time. What binds is law
from the day agreed, never for a day before the second signature.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from comity.base.errors import BadInput, Conflict
from comity.legal.model import Agreed, Agreement, Instrument, KeptVersion, Participation, Term, Version
from comity.legal.rules.calendars import last_day

NOTICE: Final = "notice"
"""The clock of a table's deadline that says how long before its end a party must have given notice."""
SIGNATORIES: Final = frozenset({"lawyer"})
"""Roles of which one is needed to draft, send, take in and sign: signing an agreement is reviewing its rows."""
MOST_VERSIONS: Final = 20


def check_terms(version: Version, instrument: Instrument) -> None:
    """BadInput unless days and table go together: one bilateral table for exactly the days that the version states."""
    where = f"version {version.number}"
    if version.valid_until is not None and version.valid_until < version.valid_from:
        raise _unfit("the end lies before the start", where, "Give an --until that is not before --from.")
    if instrument.kind != "bilateral":
        raise _unfit("the table is not of kind bilateral", where, "Give the table the kind bilateral.")
    if not instrument.in_force:
        raise _unfit("the table says that it is not in force", where, "Leave in_force out of the table.")
    until = instrument.valid_until if version.kind == "terms" else version.valid_until
    if (instrument.valid_from, until) != (version.valid_from, version.valid_until):
        raise _unfit("the table has other days than the agreement", where, "Give both the same from and until.")
    for term in notices(instrument):
        if term.unit == "hours":
            raise _unfit("a notice period is counted in days or months", where, "Correct the deadline of clock notice.")


def check_sequence(before: KeptVersion | None, version: Version) -> None:
    """Conflict unless `version` follows `before` (None: it is the first) as the next of the same chain."""
    if before is None:
        if (version.number, version.previous, version.kind) != (1, "", "terms"):
            raise chain(f"version {version.number} stands without the ones before it")
        return
    last = before.version
    if (version.agreement, version.parties) != (last.agreement, last.parties):
        raise chain("a version of another agreement, or between other parties")
    if version.number != last.number + 1 or version.previous != last.digest:
        raise chain(f"version {version.number} does not follow version {last.number} {last.digest[:16]}")
    if version.kind != "terms" and (version.table, version.text, version.title) != (last.table, last.text, last.title):
        raise chain(f"an {version.kind} that changes the text, the table or the title")


def check_effect(agreement: Agreement, version: Version) -> None:
    """Conflict unless the version can do what it is for, on top of what binds already."""
    standing = binding(agreement)
    if version.kind == "terms":
        if standing is not None:
            raise _pointless("the terms are concluded", "Conclude a new agreement for new terms, and end this one.")
        return
    if standing is None:
        raise _pointless("there is nothing to extend or to end: it is not concluded", "Revise or sign it first.")
    if standing.version.kind == "ending" and version.kind != "ending":
        raise _pointless("it was ended", "Conclude a new agreement.")
    until = standing.version.valid_until
    if version.valid_from != standing.version.valid_from:
        raise _pointless("its first day cannot change any more", "Leave the first day as it is.")
    if version.kind == "extension" and (until is None or (version.valid_until or date.max) <= until):
        raise _pointless(f"it holds until {until or 'it is ended'} already", "Name a later day.")
    if version.kind == "ending" and (version.valid_until is None or version.valid_until >= (until or date.max)):
        raise _pointless(f"it ends on {until or 'no day'} anyway", "Name an earlier day.")


def check_turn(agreement: Agreement, node: str) -> None:
    """Conflict while the other party has a version of ours before it that nobody has answered."""
    head = agreement.head
    if head.sent and head.version.proposer == node and not binds(head):
        raise Conflict(
            "legal.agreement-turn", f"version {head.version.number} waits for {head.version.partner(node)}",
            where=agreement.id, todo="Wait for their letter, or send yours again: `comity legal agreement propose`.",
        )  # fmt: skip


def check_signing(agreement: Agreement, node: str, today: date) -> None:
    """Conflict unless the newest version can be signed by this party today."""
    head = agreement.head
    if head.signed_by(node) is not None:
        raise Conflict(
            "legal.agreement-signed", f"version {head.version.number} is signed here", where=agreement.id,
            todo="Hand it over with `comity legal agreement propose`, or take their letter in.",
        )  # fmt: skip
    check_effect(replace(agreement, versions=agreement.versions[:-1]), head.version)
    check_day(agreement, head, today)


def check_day(agreement: Agreement, kept: KeptVersion, day: date) -> None:
    """Conflict when a signature on that day comes after the end of what it would conclude or change."""
    before = replace(agreement, versions=agreement.versions[: kept.version.number - 1])
    ends = [one.version.valid_until for one in (binding(before), kept) if one is not None]
    last = min((end for end in ends if end is not None), default=day)
    if last < day:
        raise _pointless(f"its last day, {last}, is past", "Write a version with a later last day, or a new agreement.")


def open_to_signature(agreement: Agreement, kept: KeptVersion) -> bool:
    """Whether a version can still be signed by the other party: a proposal of other terms replaces it."""
    return not any(later.version.kind == "terms" for later in agreement.versions[kept.version.number :])


def notices(instrument: Instrument) -> list[Term]:
    """The notice periods that the table states."""
    return [deadline.term for row in instrument.rows for deadline in row.deadlines if deadline.clock == NOTICE]


def binds(kept: KeptVersion) -> bool:
    """Whether the version binds: signed by both, or an ending in good time by one."""
    if all(kept.signed_by(party) for party in kept.version.parties):
        return True
    return kept.version.kind == "ending" and any(_in_time(kept, signature.day) for signature in kept.signatures)


def _in_time(kept: KeptVersion, signed: date) -> bool:
    terms = notices(kept.instrument)
    ends = [last_day(term, signed, (), working=False) for term in terms]
    return bool(ends) and kept.version.valid_until is not None and kept.version.valid_until >= max(ends)


def binding(agreement: Agreement) -> KeptVersion | None:
    """The newest version that binds; its last day is the agreement's."""
    return next((kept for kept in reversed(agreement.versions) if binds(kept)), None)


def agreed(agreement: Agreement) -> Agreed | None:
    """The agreement as law; None while nothing binds."""
    last = binding(agreement)
    terms = next((kept for kept in reversed(agreement.versions) if kept.version.kind == "terms" and binds(kept)), None)
    if last is None or terms is None:
        return None
    since = max(terms.version.valid_from, *(signature.day for signature in terms.signatures))
    until = last.version.valid_until
    if until is not None and until < since:
        return None
    source = f"agreement {agreement.id}, version {terms.version.number} {terms.version.digest[:16]}"
    signed = " and ".join(f"{s.person} of {s.node} on {s.day}" for s in terms.signatures)
    rows = tuple(replace(row, status="reviewed", review=f"signed by {signed}") for row in terms.instrument.rows)
    instrument = replace(terms.instrument, valid_from=since, valid_until=until, text="", rows=rows)
    return Agreed(
        instrument,
        tuple(
            Participation(instrument.code, party, since, until, (), source, source) for party in terms.version.parties
        ),
    )


def state(agreement: Agreement, node: str, today: date) -> str:
    """Where the agreement stands, in one word: draft, proposed, signed here, signed there, concluded, in_force, ended.

    With a further version under way it is still the state of what binds.
    """
    law = agreed(agreement)
    if law is not None and binding(agreement) is not None:
        instrument = law.instrument
        if instrument.valid_until is not None and instrument.valid_until < today:
            return "ended"
        return "in_force" if instrument.valid_from is not None and instrument.valid_from <= today else "concluded"
    if binding(agreement) is not None:
        return "ended"
    head = agreement.head
    if head.signed_by(node):
        return "signed_here"
    if head.signatures:
        return "signed_there"
    return "proposed" if head.sent else "draft"


def common(ours: Iterable[KeptVersion], theirs: Iterable[Version]) -> int:
    """How many versions two chains have in common, from the first on."""
    count = 0
    for kept, version in zip(ours, theirs, strict=False):
        if kept.version.digest != version.digest:
            break
        count += 1
    return count


def gives_way(ours: Collection[KeptVersion], node: str, sender: str, ended: bool) -> bool:
    """Whether our versions after the common ones give way to theirs, where both sides wrote the same number.

    What both have signed never gives way; what nobody has seen always does; an ending in good time goes before a
    proposal; else the state whose code sorts first goes first, so that both sides come to the same chain.
    """
    bound = [kept for kept in ours if binds(kept)]
    if bound:
        alone = all(len(kept.signatures) == 1 for kept in bound)
        return ended and alone and sender < node
    return ended or not any(kept.sent for kept in ours) or sender < node


def chain(reason: str) -> Conflict:
    """The error of a version that does not fit the chain held here."""
    return Conflict(
        "legal.agreement-chain", reason,
        todo="Nothing was kept. Send the partner your newest letter, and ask for one that follows it.",
    )  # fmt: skip


def _unfit(reason: str, where: str, todo: str) -> BadInput:
    return BadInput("legal.agreement-terms", reason, where=where, todo=todo)


def _pointless(reason: str, todo: str) -> Conflict:
    return Conflict("legal.agreement-effect", reason, todo=todo)
