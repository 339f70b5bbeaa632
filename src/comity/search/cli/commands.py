"""`comity search`: ask abroad, answer, confirm, request and release core data, correct, withdraw, explain."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from comity.base.clock import monotonic
from comity.base.errors import BadInput, Unavailable
from comity.base.model import Issuer, Json, JsonObject
from comity.base.words import in_words, name
from comity.kit.shell import As, AsJson, Desk, Unit, acting, agreed, emit, passphrase, table
from comity.search import service
from comity.search.cli import words
from comity.search.model import Ask, Matcher, Preview, Query, VerdictKind

Fact = Annotated[
    list[str],
    typer.Option("--fact", metavar="NAME=VALUE", help="A further fact for the legal engine; may be repeated."),
]
QueryId = Annotated[str, typer.Argument(metavar="QUERY", help="The query's id, from `comity search list`.")]
Yes = Annotated[bool, typer.Option("--yes", help="Send without asking once more.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it goes into the log.")]
Number = Annotated[
    str, typer.Option("--candidate", metavar="NUMBER", help="The candidate's number; default: the first.")
]


def commands(desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> typer.Typer:
    """The `search` group."""
    app = typer.Typer(no_args_is_help=True, help="Ask other states a hit / no-hit question and follow it to the end.")
    _asking(app, desk, matchers)
    _looking(app, desk, matchers)
    _judging(app, desk)
    _releasing(app, desk, matchers)
    _mending(app, desk, matchers)
    return app


def _asking(app: typer.Typer, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> None:
    @app.command("ask")
    def ask(  # a command's options are its parameters
        case: Annotated[str, typer.Option("--case", help="The case this search belongs to.")],
        profile: Annotated[str, typer.Option("--profile", help="The record to search with, from `comity dna list`.")],
        to: Annotated[list[str], typer.Option("--to", metavar="STATE", help="Whom to ask; may be repeated.")],
        person: As,
        purpose: Annotated[str, typer.Option(help="Purpose code.")] = "criminal_investigation",
        instrument: Annotated[str | None, typer.Option(help="Legal instrument; default: the best basis.")] = None,
        urgency: Annotated[str, typer.Option(help="immediate, urgent or normal.")] = "normal",
        modality: Annotated[str, typer.Option(help="What kind of record.")] = "dna",
        fact: Fact = [],  # noqa: B006  # typer copies it
        yes: Yes = False,
        preview: Annotated[
            bool, typer.Option("--preview", help="Show what would leave, to whom, why; send nothing.")
        ] = False,
        emergency: Annotated[
            bool,
            typer.Option("--emergency", help="Threat to life: at once, beyond quotas; reviewed within 24 h."),
        ] = False,
        oral: Annotated[
            bool, typer.Option("--oral", help="With --emergency: the basis was given orally; confirm it in writing.")
        ] = False,
        wait: Annotated[float, typer.Option(help="Seconds to wait for the answers.")] = 0,
        as_json: AsJson = False,
    ) -> None:
        """Search abroad. Shows the findings of the law, the exact recipients and what they will see, then asks.

        Example: comity search ask --case C-1 --profile P --to XB --to XC --as officer-1
        """
        matcher = service.matcher_of(matchers(), modality)
        pace = "immediate" if emergency else urgency
        facts = _facts(fact)
        question = Ask(case, modality, profile, tuple(to), purpose, instrument, pace, facts, emergency, oral)
        with acting(desk(), "search.preview", person) as (unit, issuer):
            seen = service.preview(unit, matcher, issuer, question)
        if preview:
            emit(_preview_json(seen), as_json, lambda: words.preview(seen, matcher.describe))
            return
        send = "Send to exactly these recipients?" if seen.recipients else "Keep the question on record all the same?"
        if not agreed(lambda: words.preview(seen, matcher.describe), send, yes, as_json):
            return
        with desk().acting("search.ask", issuer) as unit:
            queries = service.ask(unit, matcher, issuer, question)
        _await_answers(desk(), queries[0].question, wait)
        with desk().acting("search.show", issuer) as unit:
            found = [service.seen_by(unit, q.id, issuer.actor) for q in queries]
        data: JsonObject = {"question": queries[0].question, "queries": list[Json](found)}
        emit(data, as_json, lambda: "\n\n".join(words.query(q, matcher.grade) for q in found))


def _await_answers(desk: Desk, question: str, wait: float) -> None:
    """Return when every state has answered or is unavailable, at the latest after `wait` seconds."""
    end = monotonic() + wait
    while (left := end - monotonic()) > 0:
        with desk.database.read("search.list") as unit:
            if all(q.status != "pending" for q in service.overview(unit, question=question)):
                return
        desk.database.wait_for_change(min(left, 1.0))


_ANSWERED = ("hit", "near_match", "no_hit", "refused", "partial")


def _await(desk: Desk, issuer: Issuer, query: str, reached: Callable[[Query], bool], wait: float) -> None:
    """Return when the query, as this person may know it, has `reached` what is awaited; Unavailable after `wait` s."""
    with desk.acting("search.show", issuer) as unit:
        service.glance(unit, query, issuer.actor)
    end = monotonic() + wait
    while (left := end - monotonic()) > 0:
        with desk.database.read("search.list") as unit:
            if reached(service.glance(unit, query, issuer.actor)):
                return
        desk.database.wait_for_change(min(left, 1.0))
    raise Unavailable("search.waiting", f"Not after {wait:.0f} s", todo="Look again later.")


def _looking(app: typer.Typer, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> None:
    @app.command("list")
    def list_(
        person: As,
        case: Annotated[str | None, typer.Option(help="Only this case's queries.")] = None,
        side: Annotated[str | None, typer.Option(help="asking (ours) or asked (partners').")] = None,
        as_json: AsJson = False,
    ) -> None:
        """List the queries you need to know of, oldest first, with each state's answer."""
        station = desk()
        issuer = station.enter(person, passphrase(person))
        with station.database.read("search.list") as unit:
            found = [service.summary(q) for q in service.listed(unit, issuer.actor, case=case, side=side)]
        rows = [
            [str(q["query"]), str(q["side"]), str(q["partner"]), words.short_answer(q), name(str(q["state"])),
             str(q["asked_at"])]
            for q in found
        ]  # fmt: skip
        headings = ("QUERY", "SIDE", "PARTNER", "ANSWER", "STATE", "ASKED")
        empty = "No queries yet. Open a case, import a profile, then `comity search ask`."
        emit(list[Json](found), as_json, lambda: table(headings, rows, empty))

    @app.command("show")
    def show(
        query: QueryId,
        person: As,
        until: Annotated[str, typer.Option(help="Wait until the query is in this state.")] = "",
        until_answered: Annotated[
            bool, typer.Option("--until-answered", help="Wait for the partner's answer.")
        ] = False,
        wait: Annotated[float, typer.Option(help="Seconds to wait for --until or --until-answered.")] = 30,
        as_json: AsJson = False,
    ) -> None:
        """Show one query: answer, candidates, life, clocks. Verdicts are blind until --as has judged."""
        station = desk()
        issuer = station.enter(person, passphrase(person))
        if until or until_answered:
            _await(station, issuer, query, lambda q: q.state == until if until else q.status in _ANSWERED, wait)
        with station.acting("search.show", issuer) as unit:
            found = service.seen_by(unit, query, issuer.actor)
        graded = service.matcher_of(matchers(), str(found["modality"])).grade
        emit(found, as_json, lambda: words.query(found, graded))

    @app.command("explain")
    def explain(
        query: QueryId,
        person: As,
        candidate: Annotated[str | None, typer.Option(metavar="NUMBER", help="Explain this candidate, too.")] = None,
        as_json: AsJson = False,
    ) -> None:
        """Say in words why the law decided as it did and, with --candidate, why the profiles match or differ."""
        with acting(desk(), "search.explain", person) as (unit, issuer):
            words = service.explain(unit, matchers(), issuer.actor, query, candidate)
        emit({"query": query, "text": words}, as_json, lambda: words)


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
        emit(
            service.summary(moved),
            as_json,
            lambda: f"Verdict `{verdict}` recorded; the query is now {name(moved.state)}.",
        )

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
        if not agreed(lambda: words.request_preview(seen), "Send to exactly this recipient?", yes, as_json):
            return
        with desk().acting("search.request", issuer) as unit:
            moved = service.request_core_data(unit, issuer, query, number, account)
        emit(service.summary(moved), as_json, lambda: f"Core data requested from {moved.partner}.")

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
        emit(
            service.summary(moved),
            as_json,
            lambda: f"{'Denied' if deny else 'Granted'}; the query is {name(moved.state)}.",
        )

    @app.command("release")
    def release(query: QueryId, person: As, as_json: AsJson = False) -> None:
        """An approver releases core data: another person, key and unit than the judge."""
        with acting(desk(), "search.release", person) as (unit, issuer):
            matcher = service.matcher_of(matchers(), service.find(unit, query).modality)
            moved = service.release(unit, matcher, issuer, query)
        emit(service.summary(moved), as_json, lambda: f"Core data released to {moved.partner}.")

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
        emit(service.summary(moved), as_json, lambda: f"Refused; {moved.partner} is told the ground and the reason.")


def _mending(app: typer.Typer, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> None:
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
        emit(service.summary(moved), as_json, lambda: f"Corrected; query {moved.id} is {name(moved.state)}.")

    @app.command("explained")
    def explained(query: QueryId, person: As, reason: Reason, as_json: AsJson = False) -> None:
        """Close a near match whose difference a laboratory has explained."""
        with acting(desk(), "search.explained", person) as (unit, issuer):
            moved = service.near_match_explained(unit, issuer, query, reason)
        emit(service.summary(moved), as_json, lambda: f"The near match is closed; the query is {name(moved.state)}.")

    @app.command("withdraw")
    def withdraw(query: QueryId, person: As, reason: Reason, as_json: AsJson = False) -> None:
        """Take a query back; the partner forgets what it found and acknowledges."""
        with acting(desk(), "search.withdraw", person) as (unit, issuer):
            moved = service.withdraw(unit, issuer, query, reason)
        emit(service.summary(moved), as_json, lambda: f"Withdrawn; {moved.partner} is told.")


def _answerable(pairs: list[str], refuse: str, reason: str) -> JsonObject:
    """The facts of an answer, which has either facts or a refusal with its reason."""
    if (refuse and pairs) or (reason and not refuse):
        raise BadInput(
            "search.answer", "An answer states facts, or refuses with a ground and a reason",
            todo="Use --fact, or --refuse with --reason.",
        )  # fmt: skip
    return _facts(pairs)


def _facts(pairs: list[str]) -> JsonObject:
    """`name=value` pairs; `true` and `false` are Booleans, `a.b=x` sets a field of an object, `a,b` is a text."""
    facts: JsonObject = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput("search.fact", f"`{pair}` is no NAME=VALUE", todo="Write it like neutrality_review=cleared.")
        known: Json = {"true": True, "false": False}.get(value, value)
        outer, dot, inner = name.partition(".")
        held = facts.setdefault(outer, {}) if dot else None
        if isinstance(held, dict):
            held[inner] = known
        else:
            facts[name] = known
    return facts


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


def _preview_json(seen: Preview) -> JsonObject:
    decisions: JsonObject = {state: decision.as_dict() for state, decision in seen.decisions.items()}
    return {"recipients": list[Json](seen.recipients), "withheld": list[Json](seen.withheld), "decisions": decisions,
            "seen": seen.seen}  # fmt: skip
