"""The verbs of the law on real databases: decisions are kept, permits are bound and believed only from the store."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest
import sqlalchemy as sa

from comity.access import service as access
from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.base.model import Issuer
from comity.kit.database.unit import Database, Unit
from comity.legal import service, store
from comity.legal.model import Course, Decision, Permit, Use
from comity.log import service as log
from tests.clock import FixedClock
from tests.legal.law import CORVIA, ask, file
from tests.people import enrol, signed_in

HASH = "ab" * 32
OTHER = "cd" * 32


def lawyer(unit: Unit, person: str = "lawyer-1", role: str = "lawyer") -> Issuer:
    known = {p.id for p in access.people(unit)}
    return signed_in(unit, person) if person in known else enrol(unit, person, role)


def import_file(database: Database, data: bytes, name: str) -> str:
    with database.unit("test.people") as unit:
        issuer = lawyer(unit)
    with database.unit("legal.import") as unit:
        return service.import_table(unit, issuer, data, name).digest


def allowed(unit: Unit, measure: str = "hit_no_hit", asked: str = "XB", asking: str = "XA") -> Decision:
    offence = {"XA": "XA-CC-101", "XB": "XB-PL-1"}[asking]
    decision = service.decide(unit, ask(measure, offence, asked, asking, instrument="TRAIN-REG"))
    assert decision.outcome == "allow"
    return decision


def test_a_decision_is_kept_as_it_was_made(database: Database) -> None:
    with database.unit("test.decide") as unit:
        made = [service.decide(unit, ask("hit_no_hit", code)) for code in ("XA-CC-101", "XA-CC-214", "XA-CC-390")]
    assert [d.outcome for d in made] == ["allow", "deny", "refer"]
    with database.read("test.read") as unit:
        assert [service.find_decision(unit, d.id) for d in made] == made
        assert {d.id for d in service.decisions(unit)} == {d.id for d in made}
        assert made[0].rules_hash == service.rules_hash(unit)
        with pytest.raises(NotFound):
            service.find_decision(unit, "no-such-id")


def test_the_node_decides_for_its_own_state_only(database: Database, make_database: Callable[[str], Database]) -> None:
    question = ask("hit_no_hit", "XA-CC-101")
    with database.unit("test.decide") as unit:
        assert service.decide(unit, question).side == "asking"
        with pytest.raises(NotAllowed, match="neither"):
            service.decide(unit, ask("hit_no_hit", "XA-CC-101", "XC", "XB"))
    with make_database("XB").unit("test.decide") as unit:
        decision = service.decide(unit, question)
        assert (decision.side, decision.partner) == ("asked", "XA")


def test_a_permit_is_bound_to_act_measure_recipients_and_time(database: Database, clock: FixedClock) -> None:
    with database.unit("test.permit") as unit:
        permit = service.permit(unit, allowed(unit), HASH, ("XB",))
        assert (permit.measure, permit.instrument, permit.article) == ("hit_no_hit", "TRAIN-REG", "5(1)")
    good = Use("send:search.query", "hit_no_hit", HASH, ("XB",))
    wrong = [
        replace(good, measure="core_data"), replace(good, act_hash=OTHER), replace(good, recipients=("XC",)),
        replace(good, recipients=("XB", "XC")), replace(good, recipients=()),
    ]  # fmt: skip
    with database.unit("test.check") as unit:
        for use in wrong:
            with pytest.raises(NotAllowed) as caught:
                service.check(unit, permit, use)
            assert caught.value.code == "legal.permit"
        service.check(unit, permit, good)
    clock.advance(service.PERMIT_HOURS * 3600)
    with database.unit("test.check") as unit, pytest.raises(NotAllowed, match="expired"):
        service.check(unit, permit, good)


def test_a_permit_is_used_once_for_each_kind_and_not_by_an_act_that_failed(database: Database) -> None:
    with database.unit("test.permit") as unit:
        permit = service.permit(unit, allowed(unit), HASH, ("XB",))
    match, answer = (Use(kind, "hit_no_hit", HASH, ("XB",)) for kind in ("match", "send:search.answer"))
    with database.unit("test.use") as unit:
        with pytest.raises(RuntimeError), unit.act():
            service.check(unit, permit, match)
            raise RuntimeError
        service.check(unit, permit, match)
        service.check(unit, permit, answer)
    with database.unit("test.again") as unit:
        for use in (match, answer):
            with pytest.raises(NotAllowed) as caught:
                service.check(unit, permit, use)
            assert (caught.value.code, caught.value.where) == ("legal.permit-used", permit.id)


def test_own_judgements_are_kept_apart_from_the_facts_that_travel(database: Database) -> None:
    with database.unit("test.decide") as unit:
        question = ask("hit_no_hit", "XA-CC-390", own={"neutrality_review": "cleared"})
        made = service.decide(unit, question)
        assert (made.outcome, made.facts, made.own) == ("allow", question.facts, question.own)
        assert service.find_decision(unit, made.id) == made


def test_a_persons_refusal_is_a_deny_of_its_own(database: Database) -> None:
    with database.unit("test.decide") as unit:
        decision = allowed(unit, "core_data")
        refusal = service.refuse_by_person(unit, decision, "prejudice_ongoing_case", "an arrest is planned")
        assert (refusal.outcome, refusal.reasons[-1].values["ground"]) == ("deny", "prejudice_ongoing_case")
        assert service.find_decision(unit, refusal.id) == refusal != service.find_decision(unit, decision.id)
        with pytest.raises(NotAllowed):
            service.permit(unit, refusal, HASH, ("XB",))


def test_a_forged_or_altered_permit_fails(database: Database) -> None:
    with database.unit("test.permit") as unit:
        permit = service.permit(unit, allowed(unit), HASH, ("XB",))
    forged: list[Permit] = [
        replace(permit, id="0" * 36), replace(permit, recipients=("XC",)), replace(permit, act_hash=OTHER),
        replace(permit, expires=datetime(2099, 1, 1, tzinfo=UTC)), replace(permit, measure="core_data"),
    ]  # fmt: skip
    with database.unit("test.check") as unit:
        for fake in forged:
            with pytest.raises(NotAllowed, match="not a permit of this node"):
                service.check(unit, fake, Use("match", fake.measure, fake.act_hash, fake.recipients))


@pytest.mark.parametrize("offence", ["XA-CC-214", "XA-CC-390"])
def test_no_permit_without_an_allow(database: Database, offence: str) -> None:
    with database.unit("test.permit") as unit:
        decision = service.decide(unit, ask("hit_no_hit", offence))
        for shown in (decision, replace(decision, outcome="allow")):
            with pytest.raises(NotAllowed) as caught:
                service.permit(unit, shown, HASH, ("XB",))
            assert caught.value.code == "legal.no-permit"


def test_no_permit_for_others_or_for_a_decision_that_was_not_kept(database: Database) -> None:
    with database.unit("test.permit") as unit:
        decision = allowed(unit)
        for recipients in ((), ("XC",), ("XB", "XC"), ("XA",)):
            with pytest.raises(NotAllowed):
                service.permit(unit, decision, HASH, recipients)
        with pytest.raises(NotFound):
            service.permit(unit, service.consider(unit, ask("hit_no_hit", "XA-CC-101")), HASH, ("XB",))
        for nonsense in ("", "xy" * 32, HASH.upper(), HASH + "00"):
            with pytest.raises(BadInput):
                service.permit(unit, decision, nonsense, ("XB",))


def test_brevania_permits_core_data_only_with_the_judges_act(make_database: Callable[[str], Database]) -> None:
    with make_database("XB").unit("test.permit") as unit:
        decision = allowed(unit, "core_data")
        for fulfilled in ({}, {"judicial_authorisation": ""}, {"approver": OTHER}):
            with pytest.raises(NotAllowed) as caught:
                service.permit(unit, decision, HASH, ("XA",), fulfilled)
            assert caught.value.code == "legal.requirement"
        permit = service.permit(unit, decision, HASH, ("XA",), {"judicial_authorisation": OTHER})
        service.check(unit, permit, Use("core_data", "core_data", HASH, ("XA",)))
        kept = unit.connection.execute(sa.select(store.legal_permit.c.fulfilled)).scalar_one()
        assert kept == {"judicial_authorisation": OTHER}


def test_arvenia_may_ask_for_core_data_before_brevanias_judge_has_decided(database: Database) -> None:
    with database.unit("test.permit") as unit:
        decision = allowed(unit, "core_data")
        assert decision.requirements == ("judicial_authorisation",)
        assert service.permit(unit, decision, HASH, ("XB",)).measure == "core_data"


def test_corvia_imports_its_declaration_and_arvenia_has_not(
    database: Database, make_database: Callable[[str], Database]
) -> None:
    corvia = make_database("XC")
    question = ask("hit_no_hit", "XA-TC-12", "XC", instrument="TRAIN-REG")
    with corvia.read("test.before") as unit:
        before = service.rules_hash(unit)
        assert service.consider(unit, question).outcome == "allow"
    digest = import_file(corvia, file(f"training/{CORVIA}"), CORVIA)
    with corvia.unit("test.decide") as unit:
        refusal = service.decide(unit, question)
        assert [f.values["declared"] for f in refusal.reasons] == ["2026-09-01"]
        assert refusal.rules_hash == service.rules_hash(unit) != before
        (made,) = service.imported_tables(unit)
        assert (made.kind, made.rows, made.digest, made.by) == ("declarations", 1, digest, "lawyer-1")
    with database.unit("test.decide") as unit:
        assert service.decide(unit, question).outcome == "allow"
        assert service.rules_hash(unit) == before


def test_an_import_is_logged_with_the_new_hash(database: Database) -> None:
    digest = import_file(database, file(f"training/{CORVIA}"), CORVIA)
    with database.read("test.log") as unit:
        entry = log.entries(unit)[-1]
        assert entry.type == "legal.imported"
        assert entry.clear["policy_hash"] == service.rules_hash(unit)
        assert digest in str(log.read_opening(unit, entry.index, "payload"))


@pytest.mark.parametrize("change", ["threshold,fiscal", "twice", "again"])
def test_a_refused_import_leaves_nothing(database: Database, change: str) -> None:
    data = file(f"training/{CORVIA}")
    bad = data.replace(b"exclude_offence_category", b"threshold") if change.startswith("threshold") else data
    bad = data + data.split(b"\n")[1] + b"\n" if change == "twice" else bad
    if change == "again":
        import_file(database, data, CORVIA)
    with database.unit("test.people") as unit:
        lawyer(unit)
    with database.read("test.before") as unit:
        before = (service.rules_hash(unit), service.imported_tables(unit), log.head(unit))
    with pytest.raises(Conflict if change == "again" else BadInput):
        import_file(database, bad, "again.csv")
    with database.read("test.after") as unit:
        assert (service.rules_hash(unit), service.imported_tables(unit), log.head(unit)) == before


def test_the_clock_of_a_decision(database: Database, clock: FixedClock) -> None:
    with database.unit("test.clock") as unit:
        (deadline,) = service.deadlines(unit, allowed(unit, "core_data"))
        assert service.deadlines(unit, allowed(unit)) == ()
        assert service.deadlines(unit, service.decide(unit, ask("transfer_sentenced", "XA-CC-101"))) == ()
    events = {"match_confirmed": clock(), "facts_received": clock()}
    stands = partial(service.due, deadline, Course(events))
    assert stands(clock.advance(3600)).state == "running"
    assert stands(clock.advance(48 * 3600)).state == "breached"


def test_questions_as_json(database: Database) -> None:
    with database.read("test.question") as unit:
        question = service.read_question(unit, b'{"measure":"hit_no_hit","asked":"XB","facts":{"offence":"XA-CC-101"}}')
        assert (question.asking, question.instrument, str(question.on)) == ("XA", None, "2026-03-02")
        assert service.consider(unit, question).outcome == "refer"
        for bad in (b"", b"[]", b"{}", b'{"measure":1,"asked":"XB"}', b'{"measure":"m","asked":"XB","facts":[]}',
                    b'{"measure":"m","asked":"XB","on":"soon"}', b'{"asked":"XB","fact":{}}'):  # fmt: skip
            with pytest.raises(BadInput):
                service.read_question(unit, bad)


def test_life_cycles_and_shipped_files() -> None:
    query = service.lifecycle("query")
    assert service.advance(query, "draft", "submit", human=False) == "basis_check"
    with pytest.raises(Conflict):
        service.advance(query, "closed_no_hit", "submit", human=True)
    assert {"alert", "extradition", "mla_request", "query"} < set(service.machines())
    for name in ("../query", "alertx", ""):
        with pytest.raises(NotFound):
            service.lifecycle(name)
    assert b"# Agreement on Police Cooperation" in service.shipped_file("instruments/TRAIN-REG.md")
    for name in ("instruments/../rules.py", "x", "rules/engine.py", "instruments/"):
        with pytest.raises(NotFound):
            service.shipped_file(name)
