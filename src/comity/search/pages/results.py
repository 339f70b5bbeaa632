"""One query at a browser: what each state of its question answered, why, where it stands, and what can be done now."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Final, get_args

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import ComityError
from comity.base.model import Issuer, Json
from comity.cases import service as cases
from comity.exchange import service as exchange
from comity.kit.web.browsers import at_browser
from comity.kit.web.forms import form_of
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.problems import status_of
from comity.legal import service as legal
from comity.legal.model import Finding
from comity.search import service
from comity.search.model import HitKind, Matcher, NoteKind, VerdictKind
from comity.search.pages.banners import banner

ADDRESS: Final = "/search"
Matchers = Callable[[], dict[str, Matcher[Any]]]
Shown = Callable[..., Response]
"""(request, issuer, query, the form that went wrong, the error) to the query's page."""
_OVER: Final = frozenset({"released", "refused", "withdrawn", "expired", "closed_no_hit", "closed_near_match"})


def add(router: APIRouter, pages: Pages, desk: Callable[[], Desk], matchers: Matchers) -> Shown:
    """``/search/QUERY``; answers what shows the same page again with what went wrong in one of its forms."""

    def shown(
        request: Request, issuer: Issuer, query: str, place: str = "", wrong: ComityError | None = None
    ) -> Response:
        with desk().acting("search.show", issuer) as unit:
            values = _values(unit, issuer, query, pages.frame(request).preferences.language)
        graded = service.matcher_of(matchers(), str(values["found"]["modality"])).grade
        return pages.page(
            request, "search/query.html", status=200 if wrong is None else status_of(wrong), place=place, wrong=wrong,
            given=form_of(request).kept(), graded=graded, allowed=_allowed(values["found"], issuer), **values,
        )  # fmt: skip

    @router.get("/{query}")
    def show(request: Request, query: str, issuer: Annotated[Issuer, Depends(at_browser(desk))]) -> Response:
        return shown(request, issuer, query)

    return shown


def _values(unit: Any, issuer: Issuer, query_id: str, language: str) -> dict[str, Any]:
    """What the page shows, in one unit: the query itself, its question, its law, its messages."""
    found: Any = service.seen_by(unit, query_id, issuer.actor)
    query = service.glance(unit, query_id, issuer.actor)
    decision = legal.find_decision(unit, str(found["decision"]))
    reference = cases.references(unit, [found["case"]] if found["case"] else []).get(found["case"], "")
    return banner(query, language, reference) | {
        "found": found, "siblings": service.of_question(unit, query, issuer.actor), "reference": reference,
        "decision": decision, "findings": legal.findings_in_words(decision.findings, language),
        "told": told(found["reason"].get("findings"), language),
        "grounds": legal.labels("refusal_grounds", language),
        "said": exchange.thread(unit, query.conversation, query.message),
        "outcomes": service.outcomes_of(unit, query_id, issuer.actor) if found["side"] == "asking" else [],
        "kinds": get_args(HitKind), "note_kinds": get_args(NoteKind), "verdicts": get_args(VerdictKind),
    }  # fmt: skip


def told(findings: Json, language: str) -> Sequence[Any]:
    """Findings as a query's reason keeps them, in words; what does not read as one is left out."""
    listed = findings if isinstance(findings, list) else []
    return legal.findings_in_words([Finding.from_dict(one) for one in listed if isinstance(one, dict)], language)


def _allowed(found: Mapping[str, Any], issuer: Issuer) -> frozenset[str]:
    """Which forms are of use: for this person's roles, where the query stands. The verbs themselves decide."""
    roles, state, ours = issuer.actor.roles, found["state"], found["side"] == "asking"
    superseded = bool(found["superseded_by"])
    wanted = {
        "withdrawal": ours and "officer" in roles and state not in {*_OVER, "core_released", "evidence_requested"},
        "correction": ours and roles & {"officer", "examiner"} and not superseded and state != "withdrawn",
        "explained": state == "both_laboratories" and "examiner" in roles,
        "note": state == "both_laboratories" and "examiner" in roles,
        "core": ours and state == "confirmed" and "officer" in roles and not superseded,
        "identity": ours and roles & {"officer", "examiner"} and state in {
            "core_released", "evidence_requested", "released",
        },
        "review": state == "legal_review" and "lawyer" in roles,
        "authorisation": not ours and state == "awaiting_judge" and "judge" in roles,
        "release": not ours and state in {"authorised", "core_requested"} and "approver" in roles,
        "alone": not ours and state in {"authorised", "core_requested"} and "officer" in roles,
        "refusal": not ours and state in {"authorised", "core_requested"} and roles & {"approver", "lawyer"},
        "outcome": ours and roles & {"officer", "examiner"} and any(
            step["event"] == "expert_confirm" for step in found["life"]
        ),
    }  # fmt: skip
    return frozenset(name for name, whether in wanted.items() if whether)
