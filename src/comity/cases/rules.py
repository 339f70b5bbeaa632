"""What a new case must have, and who may read one."""

import re
from typing import Final

from comity.access.model import Person
from comity.base.codes import ADMINISTERING
from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.cases.model import ERASED, ERASURE_REQUESTED, Case, NewCase

HANDLERS: Final = frozenset({"officer", "examiner", "lawyer", "custodian"})
"""Roles that open cases and may let others into their own."""

ERASERS: Final = frozenset({"approver"})
"""Roles of which one is needed to carry out an erasure that a member asked for."""

_OFFENCE: Final = re.compile("[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}")
_MAX_REFERENCE: Final = 64
_MAX_TITLE: Final = 200


def check_new(new: NewCase) -> None:
    """BadInput unless reference and title are one line each and the offence is a code."""
    for what, text, most in (("reference", new.reference, _MAX_REFERENCE), ("title", new.title, _MAX_TITLE)):
        if not text.strip() or len(text) > most or not text.isprintable() or text != text.strip():
            raise BadInput(
                "cases.text", f"A case's {what} is one line of 1 to {most} characters", where=what,
                todo="Shorten it, and leave out line breaks and blanks at either end.",
            )  # fmt: skip
    if not _OFFENCE.fullmatch(new.offence):
        raise BadInput(
            "cases.offence", "The offence is a code, not a description", where=new.offence[:80],
            todo="Take the code from your state's offence list (`comity legal offences`).",
        )  # fmt: skip


def readable(case: Case, person: str) -> bool:
    """Need to know: members only."""
    return person in case.members


def check_readable(case: Case, person: str) -> None:
    """NotAllowed unless `person` is a member; the error names nothing of the case but its id."""
    if not readable(case, person):
        raise NotAllowed(
            "cases.need-to-know", f"{person or 'The node itself'} is not a member of this case", where=case.id,
            todo="Ask a member to let you in: `comity case admit`.",
        )  # fmt: skip


def check_reason(reason: str) -> None:
    """BadInput for an erasure without a reason: the record of it must say why."""
    if not reason.strip() or len(reason) > _MAX_TITLE:
        raise BadInput(
            "cases.reason", f"The reason of an erasure is a text of 1 to {_MAX_TITLE} characters", where="reason",
            todo="Say why, such as the rule on retention or the order that demands it.",
        )  # fmt: skip


def check_requested(state: str, case: str) -> None:
    """Conflict unless a member has asked for the erasure, and it is still to be done."""
    if state == ERASED:
        raise Conflict("cases.erased", "The case was erased already", where=case, todo="Nothing needs to be done.")
    if state != ERASURE_REQUESTED:
        raise Conflict(
            "cases.erasure-not-requested", "No member has asked that this case be erased", where=case,
            todo="A member asks first: comity case erase CASE --reason ... --as MEMBER",
        )  # fmt: skip


def check_admissible(person: Person) -> None:
    """BadInput for those who run the node and so see no case data, and for those who have left."""
    if person.roles & ADMINISTERING or not person.active:
        why = "runs the node and sees no case data" if person.active else "can no longer act here"
        raise BadInput("cases.not-admissible", f"{person.id} {why}", todo="Admit somebody else.")
