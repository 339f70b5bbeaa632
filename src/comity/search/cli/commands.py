"""`comity search`: ask abroad and look at what came of it; the acts that follow are in `deeds`."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any

import typer

from comity.base.model import Json, JsonObject
from comity.base.words import name
from comity.kit.shell import As, AsJson, Desk, acting, agreed, emit, signed_in, table
from comity.search import service
from comity.search.cli import counting, deeds, options, papers, words
from comity.search.cli.options import Fact, QueryId, Yes
from comity.search.cli.questions import Here, Matchers, Questions, await_answers, await_state
from comity.search.model import Ask


def commands(
    desk: Callable[[], Desk], matchers: Matchers, far: Callable[[str], Questions] | None = None
) -> typer.Typer:
    """The `search` group; `far` are the questions of another machine's node."""
    app = typer.Typer(no_args_is_help=True, help="Ask other states a hit / no-hit question and follow it to the end.")
    turning_to = far or signed_in(desk, lambda station, issuer: Here(station, issuer, matchers))
    _asking(app, turning_to, matchers)
    _listing(app, turning_to)
    _looking(app, turning_to, matchers)
    _explaining(app, desk, matchers)
    deeds.add_commands(app, desk, matchers)
    counting.add_commands(app, desk)
    papers.add_commands(app, desk)
    return app


def _asking(app: typer.Typer, turning_to: Callable[[str], Questions], matchers: Matchers) -> None:
    @app.command("ask")
    def ask(  # a command's options are its parameters
        case: options.Case, profile: options.Profiles, to: options.To, person: As,
        purpose: options.Purpose = "criminal_investigation", instrument: options.Instrument = None,
        urgency: options.Urgency = "normal", modality: options.Modality = "dna",
        fact: Fact = [],  # noqa: B006  # typer copies it
        yes: Yes = False, preview: options.PreviewOnly = False, emergency: options.Emergency = False,
        oral: options.Oral = False, why: options.Why = "", accept: options.Accept = False, wait: options.Wait = 0,
        as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Search abroad. Shows the findings of the law, the exact recipients and what they will see, then asks.

        Several profiles of one case are as many questions, signed as one act; to each partner they travel together.

        Example: comity search ask --case C-1 --profile P --to XB --to XC --as officer-1
        """
        matcher = service.matcher_of(matchers(), modality)
        question = Ask(
            case, modality, profile[0], tuple(to), purpose, instrument, urgency, service.read_facts(fact), emergency,
            oral, tuple(profile[1:]), why, accepted=accept,
        )  # fmt: skip
        questions = turning_to(person)
        seen = questions.preview(question)
        if preview:
            emit(seen, as_json, lambda: words.previews(seen, matcher.describe))
        elif agreed(lambda: words.previews(seen, matcher.describe), _agreement(seen), yes, as_json):
            data, found = _asked(questions, replace(question, accepted=accept or not yes), wait)
            emit(data, as_json, lambda: "\n\n".join(words.query(q, matcher.grade) for q in found))


def _agreement(told: Any) -> str:
    """What the officer is asked before anything is sent, or kept."""
    seen = told.get("profiles", {"": told}).values()
    leaves = any(one["recipients"] for one in seen)
    if leaves and any(one["chance"] and one["chance"]["too_many"] for one in seen):
        return "Many hits are expected by chance. Send to exactly these recipients all the same?"
    return "Send to exactly these recipients?" if leaves else "Keep the question on record all the same?"


def _asked(questions: Questions, question: Ask, wait: float) -> tuple[JsonObject, list[JsonObject]]:
    """The question asked, and after at most `wait` seconds for the answers: all of it as data, and query by query."""
    asked = questions.ask(question)
    await_answers(questions, asked, wait)
    found = [questions.show(str(one["query"])) for one in asked]
    named = [*dict.fromkeys(one["question"] for one in asked)]
    return {"question": named[0], "questions": list[Json](named), "queries": list[Json](found)}, found


_ANSWERED = ("hit", "near_match", "no_hit", "refused", "partial")


def _listing(app: typer.Typer, turning_to: Callable[[str], Questions]) -> None:
    @app.command("list")
    def list_(
        person: As,
        case: Annotated[str | None, typer.Option(help="Only this case's queries.")] = None,
        side: Annotated[str | None, typer.Option(help="asking (ours) or asked (partners').")] = None,
        before: Annotated[str, typer.Option(metavar="QUERY", help="Those asked before this one.")] = "",
        as_json: AsJson = False,
    ) -> None:
        """List the queries you need to know of, oldest first, with each state's answer: the latest 1,000."""
        found = turning_to(person).listed(case, side, before)
        rows = [
            [str(q["query"]), str(q["side"]), str(q["partner"]), words.short_answer(q), name(str(q["state"])),
             str(q["asked_at"])]
            for q in found
        ]  # fmt: skip
        headings = ("QUERY", "SIDE", "PARTNER", "ANSWER", "STATE", "ASKED")
        empty = "No queries yet. Open a case, import a profile, then `comity search ask`."
        emit(list[Json](found), as_json, lambda: table(headings, rows, empty))


def _looking(app: typer.Typer, turning_to: Callable[[str], Questions], matchers: Matchers) -> None:
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
        questions = turning_to(person)
        if until or until_answered:
            await_state(questions, query, lambda q: q["state"] == until if until else q["status"] in _ANSWERED, wait)
        found = questions.show(query)
        graded = service.matcher_of(matchers(), str(found["modality"])).grade
        emit(found, as_json, lambda: words.query(found, graded))


def _explaining(app: typer.Typer, desk: Callable[[], Desk], matchers: Matchers) -> None:
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
