"""Closed lists of codes shared by several rooms. Codes keep their scheme and are never converted silently."""

from typing import Final

ROLES: Final = frozenset({
    "officer", "examiner", "approver", "judge", "lawyer", "custodian", "auditor", "security_admin", "operator",
})  # fmt: skip

ADMINISTERING: Final = frozenset({"operator", "security_admin"})
"""Roles that run a node; whoever holds one sees no case data, so holds no other kind of role."""

TRAINING_STATES: Final = {"XA": "Arvenia", "XB": "Brevania", "XC": "Corvia"}
"""Synthetic states on ISO 3166-1 user-assigned codes; their data carries a training banner everywhere."""

ANSWER_STATUSES: Final = ("hit", "near_match", "no_hit", "refused", "unavailable", "partial")
"""Six different answers, never merged: no answer is not no-hit."""
