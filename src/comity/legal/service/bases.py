"""Which basis could carry an act, and which offences the tables know: what a person asks before anything else."""

from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.kit.database.unit import Unit
from comity.legal.model import Decision, Finding, Offence, Question, Side
from comity.legal.rules import engine
from comity.legal.rules.tables import holds, version_on
from comity.legal.service.tables import tables


def bases(unit: Unit, question: Question) -> list[Decision]:
    """The question decided under every row that has its measure, whether or not anybody knows who is party, the best
    first: an allow before a refer before a deny, then the one with the least to cure, then the more special one.

    Nothing is kept. An `instrument` in the question narrows them to its rows. Where no row has the measure, or no
    table can answer, there is one decision, which says why.
    """
    side: Side = "asked" if unit.node == question.asked else "asking"
    return engine.decide_each(tables(unit), question, side)


def missing(decision: Decision) -> list[Finding]:
    """What keeps a basis from an allow: the findings that fail first, then those that nobody can tell yet."""
    short = [f for f in decision.findings if f.result != "pass"]
    return sorted(short, key=lambda f: f.result != "fail")


def title(unit: Unit, instrument: str) -> str:
    """The title of an instrument as it stands today; empty where no table knows it."""
    versions = tables(unit).versions.get(instrument)
    return version_on(versions, unit.now.date()).title if versions else ""


def listed_basis(unit: Unit, decision: Decision) -> JsonObject:
    """One basis as JSON: what it is, its outcome, what is missing with its cure, and what must still be done."""
    versions = tables(unit).versions.get(decision.instrument)
    instrument = version_on(versions, decision.on) if versions else None
    short: list[Json] = [finding.as_dict() for finding in missing(decision)]
    return {
        "decision": decision.outcome, "instrument": decision.instrument, "article": decision.article,
        "title": instrument.title if instrument else "", "kind": instrument.kind if instrument else "",
        "missing": short, "requirements": list[Json](decision.requirements), "findings": len(decision.findings),
    }  # fmt: skip


def listed_bases(unit: Unit, question: Question) -> JsonObject:
    """All bases of a question as JSON, with the question's own terms and the hash of the rules."""
    found: list[Json] = [listed_basis(unit, decision) for decision in bases(unit, question)]
    return {
        "measure": question.measure, "from": question.asking, "to": question.asked, "on": question.on.isoformat(),
        "rules_hash": tables(unit).rules_hash, "bases": found,
    }  # fmt: skip


def offences(unit: Unit, state: str = "", code: str = "") -> list[Offence]:
    """The offences of the tables in use today and on any other day, by state, code and first day.

    `state` and `code` narrow them; BadInput for a state of which no offence is known, with those that are.
    """
    known = tables(unit).offences_of
    if state and state not in known:
        raise BadInput(
            "legal.no-offences", f"no offences of {state} are known", where=", ".join(sorted(known)),
            todo="Import its table of offences with `comity legal import FILE`, or name a state that is known.",
        )  # fmt: skip
    found = [o for s in sorted(known) if state in ("", s) for o in known[s] if code in ("", o.code)]
    return sorted(found, key=lambda o: (o.state, o.code, o.valid_from))


def listed_offence(unit: Unit, offence: Offence) -> JsonObject:
    """An offence as JSON, with its mapping and whether it holds today."""
    return {
        "state": offence.state, "code": offence.code, "text": offence.text, "iccs": offence.iccs,
        "eaw_list": offence.eaw_list, "category": offence.category, "max_penalty_months": offence.max_penalty_months,
        "from": offence.valid_from.isoformat(), "until": offence.valid_until.isoformat() if offence.valid_until else "",
        "holds_today": holds(offence, unit.now.date()),
    }  # fmt: skip
