"""What is done with a query after it was asked: judge, request and release core data, refuse, answer, correct, end."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.base.words import in_words, name
from comity.kit.shell import As, AsJson, Desk, Unit, acting, agreed, emit
from comity.search import service
from comity.search.cli import words
from comity.search.cli.options import Fact, Number, QueryId, Reason, Yes
from comity.search.model import Matcher, Query, VerdictKind


def add_commands(app: typer.Typer, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> None:
    """The commands, added to `search`."""
    _judging(app, desk)
    _requesting(app, desk)
    _releasing(app, desk, matchers)
    _refusing(app, desk)
    _answering(app, desk, matchers)
    _mending(app, desk, matchers)


def _emit(moved: Query, as_json: bool, told: str) -> None:
    """The query as it stands after the act, or one line for people."""
    emit(service.summary(moved), as_json, lambda: told)


def _judging(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("confirm")
    def confirm(
        query: QueryId,
        person: As,
        verdict: Annotated[str, typer.Option(help="match, no_match or inconclusive.")],
        reason: Reason,
        candidate: Number = "",
        as_json: AsJson = False,
    ) -> None:
        """Record a qualified examiner's blind verdict on a candidate and tell the other laboratory."""
        kind = _verdict(verdict)
        with acting(desk(), "search.confirm", person) as (unit, issuer):
            judged = (candidate or _first(unit, query), kind)
            moved = service.confirm(unit, issuer, query, judged, reason)
        _emit(moved, as_json, f"Verdict `{verdict}` recorded; the query is now {name(moved.state)}.")


def _requesting(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("request")
    def request(
        query: QueryId,
        person: As,
        account: Annotated[str, typer.Option("--facts-of-offence", help="The facts of the offence, for the partner.")],
        candidate: Number = "",
        yes: Yes = False,
        as_json: AsJson = False,
    ) -> None:
        """Ask the partner for core data: who the confirmed match is. Needs a confirmed match, never a near match.

        Shows the findings of the law, the exact recipient and what it will see, then asks.
        """
        with acting(desk(), "search.preview", person) as (unit, issuer):
            number = candidate or _first(unit, query)
            seen = service.preview_request(unit, issuer, query, number, account)
        if not agreed(lambda: words.request_preview(seen.as_dict()), "Send to exactly this recipient?", yes, as_json):
            return
        with desk().acting("search.request", issuer) as unit:
            moved = service.request_core_data(unit, issuer, query, number, account)
        _emit(moved, as_json, f"Core data requested from {moved.partner}.")

    @app.command("open")
    def open_(query: QueryId, person: As, reason: Reason, as_json: AsJson = False) -> None:
        """Open the identity that a partner released. Every opening is logged with its reason."""
        with acting(desk(), "search.open", person) as (unit, issuer):
            data = service.open_identity(unit, issuer, query, reason)
        emit(data, as_json, lambda: "\n".join(f"{name(k)}: {in_words(v)}" for k, v in data.items()))


def _releasing(app: typer.Typer, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> None:
    @app.command("authorise")
    def authorise(
        query: QueryId,
        person: As,
        reference: Annotated[str, typer.Option(help="The order's reference.")],
        reason: Reason = "",
        deny: Annotated[bool, typer.Option("--deny", help="Deny instead of granting.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """A judge grants (or denies) the release of core data to a partner, with a key of his or her own."""
        with acting(desk(), "search.authorise", person) as (unit, issuer):
            moved = service.authorise(unit, issuer, query, service.Ruling(not deny, reference, reason))
        _emit(moved, as_json, f"{'Denied' if deny else 'Granted'}; the query is {name(moved.state)}.")

    @app.command("release")
    def release(
        query: QueryId,
        person: As,
        alone: Annotated[
            bool, typer.Option("--alone", help="Threat to life: an officer releases, the approval is deferred.")
        ] = False,
        reason: Annotated[str, typer.Option(help="With --alone: why nobody could be waited for.")] = "",
        as_json: AsJson = False,
    ) -> None:
        """An approver releases core data: another person, key and unit than the judge.

        With --alone an officer does, for a query that states a threat to life; the approval and a review by another
        person become due within 24 hours (`comity deadlines`). It never stands for a judge.
        """
        with acting(desk(), "search.release", person) as (unit, issuer):
            matcher = service.matcher_of(matchers(), service.find(unit, query).modality)
            if alone:
                moved = service.release_alone(unit, matcher, issuer, query, reason)
            else:
                moved = service.release(unit, matcher, issuer, query)
        _emit(moved, as_json, f"Core data released to {moved.partner}.")


def _refusing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("refuse")
    def refuse(
        query: QueryId,
        person: As,
        ground: Annotated[str, typer.Option(help="The ground of refusal, a code of the instrument.")],
        reason: Reason,
        as_json: AsJson = False,
    ) -> None:
        """Refuse a partner's request for core data, with ground and reason; the partner receives both."""
        with acting(desk(), "search.refuse", person) as (unit, issuer):
            moved = service.refuse(unit, issuer, query, ground, reason)
        _emit(moved, as_json, f"Refused; {moved.partner} is told the ground and the reason.")


def _answering(app: typer.Typer, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> None:
    @app.command("answer")
    def answer(
        query: QueryId,
        person: As,
        fact: Fact = [],  # noqa: B006  # typer copies it
        refuse: Annotated[str, typer.Option(metavar="GROUND", help="Refuse, on this ground of the instrument.")] = "",
        reason: Annotated[str, typer.Option(help="Why it is refused; the partner is told.")] = "",
        as_json: AsJson = False,
    ) -> None:
        """Decide a query that the law referred to a lawyer, a partner's or ours: state what was unknown, or refuse.

        Example: comity search answer QUERY --fact neutrality_review=cleared --as lawyer-1
        """
        facts = _answerable(fact, refuse, reason)
        with acting(desk(), "search.answer", person) as (unit, issuer):
            if refuse:
                decision = service.turn_down(unit, issuer, query, refuse, reason)
            else:
                decision = service.review(unit, matchers(), issuer, query, facts)
        emit(decision.as_dict(), as_json, lambda: f"Decided anew: {decision.outcome}.")


def _mending(app: typer.Typer, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> None:
    @app.command("correct")
    def correct(
        query: QueryId,
        person: As,
        profile: Annotated[str, typer.Option("--profile", help="The corrected record.")],
        as_json: AsJson = False,
    ) -> None:
        """Send a corrected profile: a near match searches again, any other query gets a new one that names it.

        A query that has no answer yet is withdrawn at once; answers to the earlier profile stay, marked.
        """
        with acting(desk(), "search.correct", person) as (unit, issuer):
            matcher = service.matcher_of(matchers(), service.find(unit, query).modality)
            moved = service.correct(unit, matcher, issuer, query, profile)
        _emit(moved, as_json, f"Corrected; query {moved.id} is {name(moved.state)}.")

    @app.command("note")
    def note(
        query: QueryId,
        person: As,
        finding: Annotated[str, typer.Option(help="asks, typing_holds, typing_wrong, relative or other.")],
        text: Annotated[str, typer.Option("--words", help="What was found, for the other laboratory; name nobody.")],
        as_json: AsJson = False,
    ) -> None:
        """Tell the other laboratory what this one found about a near match. Both see the thread in `search show`.

        Example: comity search note QUERY --finding typing_holds --words "TH01 typed twice: 6, 7" --as examiner-1
        """
        with acting(desk(), "search.note", person) as (unit, issuer):
            made = service.note(unit, issuer, query, finding, text)
            partner = service.find(unit, query).partner
        emit(made.as_dict(), as_json, lambda: f"Noted; {partner} is told.")

    @app.command("explained")
    def explained(query: QueryId, person: As, reason: Reason, as_json: AsJson = False) -> None:
        """Close a near match whose difference a laboratory has explained."""
        with acting(desk(), "search.explained", person) as (unit, issuer):
            moved = service.near_match_explained(unit, issuer, query, reason)
        _emit(moved, as_json, f"The near match is closed; the query is {name(moved.state)}.")

    @app.command("withdraw")
    def withdraw(query: QueryId, person: As, reason: Reason, as_json: AsJson = False) -> None:
        """Take a query back; the partner forgets what it found and acknowledges."""
        with acting(desk(), "search.withdraw", person) as (unit, issuer):
            moved = service.withdraw(unit, issuer, query, reason)
        _emit(moved, as_json, f"Withdrawn; {moved.partner} is told.")


def _answerable(pairs: list[str], refuse: str, reason: str) -> JsonObject:
    """The facts of an answer, which has either facts or a refusal with its reason."""
    if (refuse and pairs) or (reason and not refuse):
        raise BadInput(
            "search.answer", "An answer states facts, or refuses with a ground and a reason",
            todo="Use --fact, or --refuse with --reason.",
        )  # fmt: skip
    return service.read_facts(pairs)


def _verdict(text: str) -> VerdictKind:
    for kind in ("match", "no_match", "inconclusive"):
        if text == kind:
            return kind
    raise BadInput("search.verdict", f"`{text}` is no verdict", todo="Use match, no_match or inconclusive.")


def _first(unit: Unit, query: str) -> str:
    found: Any = service.detail(unit, query, "")
    if not found["candidates"]:
        raise BadInput("search.no-candidate", "This query has no candidates", todo="See `comity search show`.")
    return str(found["candidates"][0]["number"])
