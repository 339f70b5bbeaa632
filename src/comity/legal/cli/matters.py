"""`comity deadlines`, and the matters that live by a machine: begun, shown, moved by one step."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from comity.access import service as access
from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.kit.shell import As, AsJson, Desk, acting, emit, passphrase, table
from comity.legal import service
from comity.legal.model import Move, NewProceeding, Party

Fact = Annotated[
    list[str], typer.Option("--fact", metavar="NAME=VALUE", help="A fact of the matter, a code or a day; repeatable.")
]
Matter = Annotated[str, typer.Argument(metavar="MATTER", help="The matter's id, from `comity deadlines`.")]
Somebody = Annotated[
    str, typer.Option("--as", metavar="PERSON", help="Only what concerns this person, with the cases it belongs to.")
]

NOTHING_DUE = (
    "Nothing is due. Clocks start with queries (`comity search ask`) and matters (`comity legal begin`); --all shows"
    " those that have ended."
)


def deadlines_command(desk: Callable[[], Desk]) -> typer.Typer:
    """`comity deadlines`."""
    app = typer.Typer()

    @app.command("deadlines")
    def command(
        person: Somebody = "",
        all_: Annotated[bool, typer.Option("--all", help="Clocks that have ended, too.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """List what is due, the soonest first: what happens at the end, and whose turn it is.

        Without --as it tells no case. A clock is marked breached when its end has passed and the thing is not done.
        """
        station = desk()
        viewer = station.enter(person, passphrase(person)).actor if person else None
        with station.database.read("legal.deadlines") as unit:
            found = [service.listed(clock) for clock in service.deadlines_of(unit, viewer, ended=all_)]
        emit(list[Json](found), as_json, lambda: _deadlines_text(found))

    return app


def _deadlines_text(found: list[JsonObject]) -> str:
    rows = [
        (str(c["due"] or "not yet known"), str(c["state"]), str(c["turn"]), f"{c['title']}: {c['clock']}",
         str(c["consequence"]), str(c["article"]), str(c["matter"]).removeprefix("proceeding:"))
        for c in found
    ]  # fmt: skip
    headings = ("DUE", "STATE", "TURN", "WHAT", "AT THE END", "BY", "MATTER")
    return table(headings, rows, NOTHING_DUE)


def add_commands(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`legal begin`, `legal emergency`, `legal matter` and `legal step`."""
    _beginning(app, desk)
    _alone(app, desk)
    _moving(app, desk)


def _beginning(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("begin")
    def begin(
        machine: Annotated[str, typer.Argument(help=f"One of: {', '.join(service.machines())}.")],
        subject: Annotated[str, typer.Option("--about", metavar="ROOM:ID", help="What it is about; never a name.")],
        person: As,
        side: Annotated[str, typer.Option(help="asking (we ask) or asked (we are asked).")] = "",
        partner: Annotated[str, typer.Option(help="The other state.")] = "",
        case: Annotated[str, typer.Option(help="The case it belongs to.")] = "",
        fact: Fact = [],  # noqa: B006  # typer copies it
        as_json: AsJson = False,
    ) -> None:
        """Begin a matter, such as a request for assistance or an extradition, with the clocks of its instrument.

        Example: comity legal begin extradition --about paper:XB-77 --side asked --partner XB
        --fact instrument=ETS24 --as lawyer-1
        """
        new = NewProceeding(machine, subject, _side(side), partner, case or None, _facts(fact))
        with acting(desk(), "legal.begin", person) as (unit, issuer):
            acted = access.act(unit, issuer, "legal.begin", {"machine": machine, "subject": subject}, service.MOVERS)
            made = service.open_proceeding(unit, new, acted)
        emit(service.summary(made), as_json, lambda: f"Matter {made.id} begins as {made.state}.")


def _alone(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("emergency")
    def emergency(
        subject: Annotated[str, typer.Option("--about", metavar="ROOM:ID", help="What it is about; never a name.")],
        person: As,
        partner: Annotated[str, typer.Option(help="The other state.")] = "",
        oral: Annotated[
            bool, typer.Option("--oral", help="The basis was given orally; confirm it in writing.")
        ] = False,
        deferred: Annotated[
            bool, typer.Option("--deferred", help="A second approval could not be had at once.")
        ] = False,
        as_json: AsJson = False,
    ) -> None:
        """Put on record what one person did alone because of a threat to life, such as an alert or a disclosure.

        Review by another person within 24 hours, an oral basis in writing, a deferred approval: each becomes a matter
        in `comity deadlines`. First try the law: `comity legal explain --facts FILE`, with the fact `emergency`.
        Searches do this by themselves (`comity search ask --emergency`).
        Example: comity legal emergency --about alert:XB-17 --partner XB --oral --as officer-1
        """
        declared = service.Emergency(subject, partner, oral, deferred)
        with acting(desk(), "legal.emergency", person) as (unit, issuer):
            acted = access.act(unit, issuer, "legal.emergency", service.emergency_subject(declared), service.MOVERS)
            opened = [service.summary(made) for made in service.declare_emergency(unit, declared, acted)]
        emit(
            list[Json](opened), as_json, lambda: "\n".join(f"{m['machine']}: matter {m['proceeding']}" for m in opened)
        )


def _moving(app: typer.Typer, desk: Callable[[], Desk]) -> None:
    @app.command("matter")
    def matter(id: Matter, person: As, as_json: AsJson = False) -> None:
        """Show a matter: its state, its steps with basis and reason, its clocks, and what --as could do now."""
        with acting(desk(), "legal.matter", person) as (unit, issuer):
            found = service.matter_for(unit, id, issuer.actor)
        emit(found, as_json, lambda: _matter_text(found))

    @app.command("step")
    def step(
        id: Matter,
        event: Annotated[str, typer.Argument(help="The step, from `comity legal matter`.")],
        person: As,
        reason: Annotated[str, typer.Option(help="Why; it goes into the log.")] = "",
        basis: Annotated[str, typer.Option(help="Instrument and article, or a decision's id.")] = "",
        fact: Fact = [],  # noqa: B006  # typer copies it
        as_json: AsJson = False,
    ) -> None:
        """Take one step in a matter. Who may take it, when, and on what conditions, the life cycle says."""
        with acting(desk(), "legal.step", person) as (unit, issuer):
            acted = access.act(unit, issuer, "legal.step", service.step_subject(id, event), service.MOVERS)
            findings = service.findings_of(unit, basis)
            moved = service.take_step(unit, id, Move(event, reason, basis, "", findings, _facts(fact)), acted)
        emit(service.summary(moved), as_json, lambda: f"{event}: matter {moved.id} is now {moved.state}.")


def _side(text: str) -> Party:
    for known in ("asking", "asked", ""):
        if text == known:
            return known
    raise BadInput("legal.side", f"`{text}` is no side of a matter", todo="Use asking (we ask) or asked (they ask).")


def _facts(pairs: list[str]) -> JsonObject:
    facts: JsonObject = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise BadInput("legal.fact", f"`{pair}` is no NAME=VALUE", todo="Write it like instrument=EIO.")
        facts[name] = value
    return facts


def _matter_text(found: JsonObject) -> str:
    data: Any = found
    about = f"{data['machine']} about {data['subject']}" + (f" with {data['partner']}" if data["partner"] else "")
    lines = [f"{about}: {data['state']}" + (" (ended)" if data["ended_at"] else "")]
    for taken in data["steps"]:
        who = taken["person"] or taken["authority"] or "a clock"
        lines.append(f"  {taken['at']} {taken['event']} > {taken['to']} by {who}; {taken['basis'] or 'no article'}")
        lines += [f"      {taken['reason']}"] if taken["reason"] else []
    for clock in data["clocks"]:
        lines.append(f"  clock {clock['clock']}: {clock['state']}, due {clock['due'] or 'not yet known'}")
    lines.append(f"  you could: {', '.join(data['possible']) or 'do nothing now'}")
    return "\n".join(lines)
