"""What is said about a decision, in one language: conditions, results, values and cures as pieces."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.languages import Catalogue, split
from comity.base.model import Json
from comity.legal.model import Decision, Finding
from comity.legal.rules.explaining.cures import Recogniser
from comity.legal.rules.explaining.pieces import Piece, Pieces, free, joined, mark, words

SCHEMES: Final[Mapping[str, tuple[str, ...]]] = {
    "purpose": ("purposes", "purposes_not_covered"), "data_category": ("data_categories",),
    "data_subject": ("data_subjects",), "modality": ("modalities",), "authority": ("authorities",),
    "channel": ("channels",), "category": ("categories",), "measure": ("measures",), "effect": ("effects",),
    "raised": ("refusal_grounds",), "possible": ("refusal_grounds",), "ground": ("refusal_grounds",),
    "iccs": ("iccs",), "listed": ("eaw_list",), "waived_for": ("eaw_list",), "characters": ("characters",),
    "limits": ("use_limits",), "value": ("categories", "measures", "purposes"), "code": ("handling",),
    "use_for": ("purposes",), "protections": ("protections",), "statement_kind": ("statement_kinds",),
    "basis": ("transfer_bases",), "death_penalty": ("death_penalty",), "torture_risk": ("torture_risk",),
    "eaw_list": ("eaw_list",), "class": ("iccs",), "limit": ("use_limits",), "through": ("channels",),
}  # fmt: skip
"""The closed lists from which the codes in a value of a finding come, by the value's name."""

OF_CONDITION: Final = frozenset({"allowed", "barred"})
"""Values whose codes come from the list of the finding's own condition."""

VERBATIM: Final = frozenset({"tlp", "pap", "classifications", "classifications_eu", "confidentiality_interpol"})
"""Lists of markings: a marking is written the same way in every language. Scales of letters and digits too."""

FREE: Final = frozenset({"text", "reason", "list", "review", "source"})
"""Values that are somebody's own words."""

_NO_CODES: Final = frozenset({"outcome", "result", "side", "page", "term", "cure"})
_WITH_ARTICLE: Final = re.compile(r"(\w+) \(([^()]*(?:\([^()]*\)[^()]*)*)\)")


def verbatim(scheme: str) -> bool:
    """Whether codes of that list are shown as they are, in every language."""
    return scheme in VERBATIM or scheme.startswith("evaluation_")


@dataclass(frozen=True)
class Wording:
    """The phrases of one language, and what tells cures apart."""

    catalogue: Catalogue
    cures: Recogniser

    @property
    def right_to_left(self) -> bool:
        """Whether the language is written from right to left."""
        return self.catalogue.direction == "rtl"

    def phrase(self, section: str, code: str, /, **values: Pieces) -> Pieces:
        """A phrase of the catalogue with pieces in its places; KeyError where it has none."""
        found: list[Piece] = []
        for number, part in enumerate(split(self.catalogue.texts[section][code])):
            if number % 2:
                found += values[part]
            elif part:
                found.append(Piece("words", part))
        return tuple(found)

    def page(self, code: str, /, **values: Pieces) -> Pieces:
        """A phrase about the whole decision."""
        return self.phrase("page", code, **values)

    def term(self, name: str) -> Pieces:
        """The name of a condition or of a value."""
        found = self.catalogue.find("term", name) or self.catalogue.find("requirements", name)
        return words(found) if found else mark(name)

    def label(self, code: str, *schemes: str) -> Pieces:
        """A code with its phrase from the first list that has it, or as it is."""
        for scheme in schemes:
            found = self.catalogue.find(scheme, code)
            if found:
                return (Piece("code", found, code),)
        return mark(code)

    def basis(self, decision: Decision) -> Pieces:
        """Instrument and article, or that there is none."""
        if not decision.instrument:
            return self.page("no_basis")
        if not decision.article:
            return mark(decision.instrument)
        return (*mark(decision.instrument), Piece("words", " "), *self.article(decision.article))

    def article(self, article: str) -> Pieces:
        """An article by its number."""
        return self.page("article", article=mark(article))

    def requirement(self, code: str) -> Pieces:
        """What must be done before anything leaves."""
        return self.label(code, "requirements")

    def values(self, finding: Finding) -> list[tuple[Pieces, Pieces]]:
        """The names and values compared, those left out that say nothing."""
        said = ((key, value) for key, value in finding.values.items() if value not in (None, "", [], {}))
        return [(self.term(key), self.value(finding.condition, key, value)) for key, value in said]

    def value(self, condition: str, key: str, value: Json) -> Pieces:
        """One value: yes or no, a code with its phrase, a list, or somebody's own words."""
        if isinstance(value, list):
            parts = [self.value(condition, key, item) for item in value]
            return joined(parts, self.page("separator")) or self.page("none")
        if isinstance(value, dict):
            inner = [(*self.term(k), Piece("words", " "), *self.value(condition, k, v)) for k, v in value.items()]
            return joined(list(inner), self.page("separator")) or self.page("none")
        if isinstance(value, bool) or value is None or value == "":
            return self.page("not_stated" if value in (None, "") else "yes" if value else "no")
        return self._text(condition, key, str(value))

    def _text(self, condition: str, key: str, text: str) -> Pieces:
        schemes = SCHEMES.get(condition if key in OF_CONDITION else key, ())
        limit = _WITH_ARTICLE.fullmatch(text) if key == "limits" else None
        if limit:
            return (*self.label(limit[1], *schemes), Piece("words", " ("), *mark(limit[2]), Piece("words", ")"))
        if key in FREE or (" " in text and not any(self.catalogue.find(s, text) for s in schemes)):
            return free(text)
        return self.label(text, *schemes, "fact_value")

    def cure(self, sentence: str) -> Pieces:
        """A cure that the rules made, in this language; any other as it was written."""
        found = self.cures.recognise(sentence)
        if found is None:
            return free(sentence)
        return self.phrase("cure", found.code, **{name: self._place(name, text) for name, text in found.values.items()})

    def _place(self, name: str, text: str) -> Pieces:
        if name == "more":
            return self.cure(text)
        if name == "text":
            return free(text)
        if name == "fact":
            return self.term(text)
        if name in ("codes", "offences"):
            return joined([self._any(code) for code in text.split(", ")], self.page("separator"))
        return self._any(text) if name in ("code", "category", "measure") else mark(text)

    def _any(self, code: str) -> Pieces:
        """A code of whichever list has it."""
        return self.label(code, *(section for section in self.catalogue.texts if section not in _NO_CODES))
