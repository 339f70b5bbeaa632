"""`comity search`: ask abroad and look at what came of it; the acts that follow are in `deeds`."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import typer

from comity.base.clock import monotonic
from comity.base.errors import Unavailable
from comity.base.model import Issuer, Json, JsonObject
from comity.base.words import name
from comity.kit.shell import As, AsJson, Desk, Unit, acting, agreed, emit, passphrase, table
from comity.search import service
from comity.search.cli import counting, deeds, options, words
from comity.search.cli.options import Fact, QueryId, Yes, read_facts
from comity.search.model import Ask, Matcher, Preview, Query


def commands(desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> typer.Typer:
    """The `search` group."""
    app = typer.Typer(no_args_is_help=True, help="Ask other states a hit / no-hit question and follow it to the end.")
    _asking(app, desk, matchers)
    _listing(app, desk)
    _looking(app, desk, matchers)
    deeds.add_commands(app, desk, matchers)
    counting.add_commands(app, desk)
    return app


def _asking(app: typer.Typer, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> None:
    @app.command("ask")
    def ask(  # a command's options are its parameters
        case: options.Case, profile: options.Profiles, to: options.To, person: As,
        purpose: options.Purpose = "criminal_investigation", instrument: options.Instrument = None,
        urgency: options.Urgency = "normal", modality: options.Modality = "dna",
        fact: Fact = [],  # noqa: B006  # typer copies it
        yes: Yes = False, preview: options.PreviewOnly = False, emergency: options.Emergency = False,
        oral: options.Oral = False, wait: options.Wait = 0, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Search abroad. Shows the findings of the law, the exact recipients and what they will see, then asks.

        Several profiles of one case are as many questions, signed as one act; to each partner they travel together.

        Example: comity search ask --case C-1 --profile P --to XB --to XC --as officer-1
        """
        matcher = service.matcher_of(matchers(), modality)
        question = Ask(
            case, modality, profile[0], tuple(to), purpose, instrument, urgency, read_facts(fact), emergency, oral,
            tuple(profile[1:]),
        )  # fmt: skip
        with acting(desk(), "search.preview", person) as (unit, issuer):
            seen = service.previews(unit, matcher, issuer, question)
        if preview:
            emit(service.told_previews(seen), as_json, lambda: words.previews(seen, matcher.describe))
        elif agreed(lambda: words.previews(seen, matcher.describe), _agreement(seen), yes, as_json):
            data, found = _asked(desk(), matcher, issuer, question, wait)
            emit(data, as_json, lambda: "\n\n".join(words.query(q, matcher.grade) for q in found))


def _agreement(seen: Mapping[str, Preview]) -> str:
    """What the officer is asked before anything is sent, or kept."""
    leaves = any(one.recipients for one in seen.values())
    return "Send to exactly these recipients?" if leaves else "Keep the question on record all the same?"


def _asked(
    desk: Desk, matcher: Matcher[Unit], issuer: Issuer, question: Ask, wait: float
) -> tuple[JsonObject, list[JsonObject]]:
    """The question asked, and after at most `wait` seconds for the answers: all of it as data, and query by query."""
    with desk.acting("search.ask", issuer) as unit:
        queries = service.ask(unit, matcher, issuer, question)
    questions = tuple(dict.fromkeys(query.question for query in queries))
    _await_answers(desk, questions, wait)
    with desk.acting("search.show", issuer) as unit:
        found = [service.seen_by(unit, q.id, issuer.actor) for q in queries]
    return {"question": questions[0], "questions": list[Json](questions), "queries": list[Json](found)}, found


def _await_answers(desk: Desk, questions: Sequence[str], wait: float) -> None:
    """Return when every state has answered or is unavailable, at the latest after `wait` seconds."""
    end = monotonic() + wait
    while (left := end - monotonic()) > 0:
        with desk.database.read("search.list") as unit:
            asked = (q for question in questions for q in service.overview(unit, question=question))
            if all(q.status != "pending" for q in asked):
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


def _listing(app: typer.Typer, desk: Callable[[], Desk]) -> None:
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


def _looking(app: typer.Typer, desk: Callable[[], Desk], matchers: Callable[[], dict[str, Matcher[Unit]]]) -> None:
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
