"""Which closed lists the rules ask for, and the codes whose meaning the rules themselves hold.

The lists are data (`data/vocabulary.yaml`). A code outside its list is refused in a table and unknown in a fact;
codes of different schemes (classification, handling code, TLP, PAP) are never converted into each other.
"""

from collections.abc import Mapping
from typing import Final

from comity.base.errors import BadInput
from comity.legal.model import Vocabulary

LISTS: Final[Mapping[str, str]] = {
    "modality": "modalities", "purpose": "purposes", "data_category": "data_categories",
    "data_subject": "data_subjects", "authority": "authorities", "offence_scope": "eaw_list",
    "dual_criminality": "eaw_list",
}  # fmt: skip
"""The list from which the codes of a kind of condition come."""

CLAUSES: Final[Mapping[str, str]] = {
    "use_limits": "use_limits", "refusal_grounds": "refusal_grounds", "channels": "channels",
    "requirements": "requirements",
}  # fmt: skip
"""The list from which the codes of a kind of clause come."""

VALUES: Final[Mapping[str, str]] = {
    "exclude_offence_category": "categories", "exclude_measure": "measures", "exclude_purpose": "purposes",
    "require_authority": "authorities", "require_channel": "channels",
}  # fmt: skip
"""The list from which the value of a declaration's effect comes."""

IMPLEMENTED: Final[Mapping[str, frozenset[str]]] = {
    "effects": frozenset({
        "exclude_offence_category", "exclude_measure", "exclude_purpose", "exclude_article", "threshold",
        "require_judge", "require_dual_criminality", "require_authority", "require_channel", "in_words",
    }),
    "requirements": frozenset({"judicial_authorisation"}),
    "handling": frozenset({"H0", "H1", "H2", "H3"}),
    "classifications": frozenset({"UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP SECRET"}),
    "pap": frozenset({"CLEAR", "GREEN", "AMBER", "RED"}),
    "transfer_bases": frozenset({"shared_regime", "adequacy", "safeguards", "derogation", "none"}),
    "death_penalty": frozenset({"none", "possible", "assured"}),
    "torture_risk": frozenset({"none", "real"}),
}  # fmt: skip
"""Lists of which every code has a rule of its own: a code more would be one that nobody obeys."""

ASKED_FOR: Final = frozenset({
    "measures", "iccs", "categories", "characters", "tlp", "purposes_not_covered", "statement_kinds", "protections",
    *LISTS.values(), *CLAUSES.values(), *VALUES.values(), *IMPLEMENTED,
})  # fmt: skip
"""Every list that the rules name."""


def check(vocabulary: Vocabulary) -> Vocabulary:
    """The vocabulary, if it has every list that the rules ask for; BadInput names the scheme and the reason."""
    for name in sorted(ASKED_FOR - set(vocabulary.schemes)):
        raise _bad(f"the scheme {name} is missing", "")
    for name, codes in IMPLEMENTED.items():
        scheme = vocabulary.schemes[name]
        wrong = sorted(set(scheme.codes) ^ codes)
        if wrong:
            raise _bad(f"{name}: no rule goes with this list: {', '.join(wrong)} is missing or too many", scheme.where)
    characters = set(vocabulary.codes("characters")) - set(vocabulary.codes("categories"))
    if characters:
        raise _bad(f"characters that are no category of offences: {', '.join(sorted(characters))}", "")
    return vocabulary


def _bad(reason: str, where: str) -> BadInput:
    return BadInput("legal.table", reason, where=where, todo="Correct the vocabulary and load it again.")
