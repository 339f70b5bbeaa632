"""The wizard that asks abroad: what, on what basis, how good the record is, whom; then exactly who receives what.

Every answer stands in the page's address until the last step; nothing is kept before it is sent. The question has an
id of its own from that step on, so that sending twice asks once.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from comity.base.clock import system_clock
from comity.base.errors import BadInput, ComityError, Misconfigured, NotAllowed, NotFound
from comity.base.ids import uuid7
from comity.base.model import Issuer
from comity.cases import service as cases
from comity.cases.model import Wanted as WantedCases
from comity.exchange import service as exchange
from comity.exchange.model import PartnerStatus
from comity.kit.web.browsers import acting_at_browser, at_browser
from comity.kit.web.forms import Form, read_form
from comity.kit.web.officers import Desk
from comity.kit.web.pages import Pages
from comity.kit.web.problems import status_of
from comity.legal import service as legal
from comity.legal.model import Decision
from comity.search import service
from comity.search.model import Ask, Matcher
from comity.search.pages.results import ADDRESS, Matchers

NEW: Final = f"{ADDRESS}/new"
_METHODS: Final = {"what": "_what", "basis": "_basis", "quality": "_quality", "partners": "_whom"}
_PURPOSE: Final = "criminal_investigation"
_URGENCIES: Final = ("normal", "urgent", "immediate")
_MOST_SHOWN: Final = 30
Sent = Annotated[Form, Depends(read_form)]
Answers = dict[str, str]


def add(router: APIRouter, pages: Pages, desk: Callable[[], Desk], matchers: Matchers) -> None:
    """``/search/new`` and its steps."""
    person = Annotated[Issuer, Depends(at_browser(desk))]
    acting = Annotated[Issuer, Depends(acting_at_browser(desk))]
    wizard = Wizard(pages, desk, matchers)

    @router.get("/new")
    def begin(request: Request, issuer: person) -> Response:
        return wizard.step(request, issuer, "what")

    @router.get("/new/{step}")
    def step(request: Request, issuer: person, step: str) -> Response:
        if step not in _METHODS:
            raise NotFound("search.step", "The wizard has no such step", where=step[:20], todo=f"Begin at {NEW}.")
        return wizard.step(request, issuer, step)

    @router.post("/new/check")
    def check(request: Request, form: Sent, issuer: acting) -> Response:
        return wizard.check(request, issuer, form)

    @router.post("/new/send")
    def send(request: Request, form: Sent, issuer: acting) -> Response:
        return wizard.send(request, issuer, form)


class Wizard:
    """The steps, over one node's desk."""

    def __init__(self, pages: Pages, desk: Callable[[], Desk], matchers: Matchers) -> None:
        self._pages, self._desk, self._matchers = pages, desk, matchers

    def step(self, request: Request, issuer: Issuer, step: str) -> Response:
        """One step's page, or the page of the step whose answer cannot be used."""
        asked = _asked(request.query_params)
        try:
            values = getattr(self, _METHODS[step])(request, issuer, asked)
        except (BadInput, NotFound, NotAllowed) as error:
            if step == "what" or error.code in ("access.role", "search.role"):
                raise
            return self._again(request, issuer, asked, error)
        return self._page(request, f"search/new_{step}.html", asked, **values)

    def check(self, request: Request, issuer: Issuer, form: Form, wrong: ComityError | None = None) -> Response:
        """Exactly who would receive what, and what the law says of each; logged as a look at the record."""
        asked = _asked({name: values[0] for name, values in form.fields.items()})
        to = form.texts("to")
        try:
            if not to:
                raise BadInput("search.recipients", "Nobody was chosen", todo="Choose at least one state.")
            with self._desk().acting("search.preview", issuer) as unit:
                seen = service.preview(unit, self._matcher(), issuer, _ask(asked, to))
        except (BadInput, NotFound) as error:
            step = "partners" if not to or error.code == "search.too-little" else "what"
            return self._again(request, issuer, asked, error, step)
        language = self._pages.frame(request).preferences.language
        told = {state: legal.findings_in_words(one.findings, language) for state, one in seen.decisions.items()}
        described = self._matcher().describe(dict(seen.seen["record"])) if isinstance(seen.seen["record"], dict) else ""
        return self._page(
            request, "search/new_check.html", asked, to=to, seen=seen, told=told, question=uuid7(system_clock()),
            described=described, wrong=wrong, status=status_of(wrong) if wrong else 200,
        )  # fmt: skip

    def send(self, request: Request, issuer: Issuer, form: Form) -> Response:
        """Ask; the page of the first query is the result. Sending the same page again asks nothing more."""
        asked = _asked({name: values[0] for name, values in form.fields.items()})
        try:
            with self._desk().acting("search.ask", issuer) as unit:
                made = service.ask(unit, self._matcher(), issuer, _to_send(asked, form))
        except (BadInput, NotFound) as error:
            if error.code == "search.chance-hits":
                return self.check(request, issuer, form, error)
            return self._again(request, issuer, asked, error)
        return RedirectResponse(f"{ADDRESS}/{made[0].id}", 303)

    def _what(self, request: Request, issuer: Issuer, asked: Answers) -> Mapping[str, Any]:
        with self._desk().database.read("search.new") as unit:
            found, _ = cases.mine(unit, issuer.actor, WantedCases(state="open", most=_MOST_SHOWN))
            records = self._matcher().latest(unit, issuer, _MOST_SHOWN)
        return {"references": [case.reference for case in found], "records": records, "wrong": None, "place": ""}

    def _basis(self, request: Request, issuer: Issuer, asked: Answers) -> Mapping[str, Any]:
        language = self._pages.frame(request).preferences.language
        with self._desk().reading("search.bases", issuer) as unit:
            codes = tuple(one.code for one in self._partners(unit))
            if not codes:
                raise NotFound("search.nobody", "This node knows no partner", todo="Join a federation first.")
            found = service.bases(unit, self._matcher(), issuer, _ask(asked, codes))
            named = sorted({one.instrument for row in found.values() for one in row if one.instrument})
            instruments = [(code, legal.title(unit, code)) for code in named]
        best = {state: _of_instrument(row, asked["instrument"]) for state, row in found.items()}
        return {
            "best": best, "instruments": instruments, "urgencies": _URGENCIES,
            "missing": {s: legal.findings_in_words(legal.missing(one), language) for s, one in best.items()},
            "purposes": legal.labels("purposes", language),
        }  # fmt: skip

    def _quality(self, request: Request, issuer: Issuer, asked: Answers) -> Mapping[str, Any]:
        with self._desk().reading("search.quality", issuer) as unit:
            cases.require(unit, issuer.actor, asked["case"])
            fitness, wrong = self._matcher().fitness(unit, asked["record"]), None
            try:
                self._matcher().prepare(unit, asked["record"])
            except BadInput as error:
                wrong = error
        return {"fitness": fitness, "wrong": wrong}

    def _whom(self, request: Request, issuer: Issuer, asked: Answers) -> Mapping[str, Any]:
        with self._desk().reading("search.partners", issuer) as unit:
            partners = self._partners(unit)
            codes = tuple(one.code for one in partners)
            found = service.bases(unit, self._matcher(), issuer, _ask(asked, codes)) if codes else {}
        best = {state: _of_instrument(row, asked["instrument"]) for state, row in found.items()}
        return {"partners": partners, "best": best, "chosen": request.query_params.getlist("to"), "wrong": None}

    def _again(
        self, request: Request, issuer: Issuer, asked: Answers, error: ComityError, step: str = "what"
    ) -> Response:
        """The step to go back to, with what was said there and what is wrong with it."""
        error = error.outward
        values = dict(getattr(self, _METHODS[step])(request, issuer, asked))
        place = "case" if error.code.startswith("cases.") else "record" if step == "what" else "to"
        values |= {"wrong": error, "place": place, "status": status_of(error)}
        return self._page(request, f"search/new_{step}.html", asked, **values)

    def _page(self, request: Request, template: str, asked: Answers, **values: Any) -> Response:
        def at(step: str) -> str:
            return f"{NEW}/{step}?{urlencode({name: value for name, value in asked.items() if value})}"

        return self._pages.page(request, template, asked=asked, at_step=at, **values)

    def _matcher(self) -> Matcher[Any]:
        return service.matcher_of(self._matchers(), "dna")

    def _partners(self, unit: Any) -> list[PartnerStatus]:
        try:
            return exchange.partners(unit)
        except Misconfigured:
            return []


def _asked(given: Mapping[str, str]) -> Answers:
    """The answers that are given so far, with what goes without saying."""
    known = {name: " ".join(str(given.get(name, "")).split())[:200] for name in ("case", "record", "instrument")}
    purpose, urgency = given.get("purpose", _PURPOSE), given.get("urgency", _URGENCIES[0])
    return known | {"purpose": purpose[:60], "urgency": urgency if urgency in _URGENCIES else _URGENCIES[0]}


def _ask(asked: Answers, to: tuple[str, ...], question: str = "") -> Ask:
    return Ask(
        asked["case"], "dna", asked["record"], tuple(to), asked["purpose"], asked["instrument"] or None,
        asked["urgency"], question=question,
    )  # fmt: skip


def _to_send(asked: Answers, form: Form) -> Ask:
    made = _ask(asked, form.texts("to"), form.text("question"))
    return replace(made, accepted=form.text("accepted") == "yes")


def _of_instrument(row: list[Decision], instrument: str) -> Decision:
    """The best of one state's bases; of that instrument where one is chosen and has any."""
    return next((one for one in row if one.instrument == instrument), row[0])
