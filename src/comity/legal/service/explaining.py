"""Decisions told to people, in the four languages of the package's catalogues."""

from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import Final

from comity.base.errors import BadInput
from comity.base.languages import LANGUAGES, Catalogue
from comity.base.model import Json, JsonObject
from comity.kit.codec import catalogues
from comity.legal.model import Decision, Finding
from comity.legal.rules.explaining import page, plain
from comity.legal.rules.explaining.cures import Recogniser
from comity.legal.rules.explaining.wording import Wording
from comity.legal.service.shipped import vocabulary

_ENGLISH: Final = LANGUAGES[0]


@cache
def _catalogues() -> dict[str, Catalogue]:
    """Every language's catalogue, read and compared once."""
    folder = resources.files("comity.legal") / "data" / "words"
    return catalogues.load(lambda language: (folder / f"{language}.json").read_bytes())


@cache
def _cures() -> Recogniser:
    return Recogniser(_catalogues()[_ENGLISH])


def words(language: str) -> Catalogue:
    """The law's fixed phrases in a language; BadInput for one that nobody here speaks."""
    if language not in LANGUAGES:
        raise BadInput(
            "legal.language", f"no catalogue for the language {language!r}", todo=f"Choose {', '.join(LANGUAGES)}."
        )  # fmt: skip
    return _catalogues()[language]


def explain(decision: Decision, language: str = _ENGLISH) -> str:
    """The decision as plain text: what was asked, the outcome, every finding, what would cure a no."""
    return plain.plain(decision, Wording(words(language), _cures()))


def explain_html(decision: Decision, language: str = _ENGLISH, *, whole: bool = True) -> str:
    """The same as an HTML document or, unless `whole`, as one section to put into a page."""
    wording = Wording(words(language), _cures())
    return page.page(decision, wording) if whole else page.fragment(decision, wording)


def findings_in_words(findings: Iterable[Finding], language: str = _ENGLISH) -> list[plain.ToldFinding]:
    """Findings for a page in that language, whoever made them."""
    wording = Wording(words(language), _cures())
    return [plain.told(finding, wording) for finding in findings]


def label(scheme: str, code: str, language: str = _ENGLISH) -> str:
    """A code of one of the law's lists, such as a purpose or a ground of refusal, in that language."""
    return words(language).find(scheme, code) or code


def labels(scheme: str, language: str = _ENGLISH) -> list[tuple[str, str]]:
    """Every code of one of the law's lists with its `label`, in the order of the labels: for a choice in a form."""
    named = [(code, label(scheme, code, language)) for code in vocabulary().codes(scheme)]
    return sorted(named, key=lambda one: one[1].casefold())


def told(decision: Decision, language: str = _ENGLISH) -> JsonObject:
    """The decision with its explanation as JSON: the findings are the same in every language, `text` and `html` (one
    section) are in that one."""
    findings: list[Json] = [finding.as_dict() for finding in decision.findings]
    return {
        "decision": decision.outcome, "findings": findings, "rules_hash": decision.rules_hash, "language": language,
        "text": explain(decision, language), "html": explain_html(decision, language, whole=False),
    }  # fmt: skip
