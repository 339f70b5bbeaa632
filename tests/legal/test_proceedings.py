"""Matters on real databases: opened, moved by those who may, refused to everybody else, ended by clocks."""

import pytest

from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound
from comity.cases import service as cases
from comity.cases.model import NewCase
from comity.kit.database.unit import Database
from comity.legal import service
from comity.legal.model import Finding, Move, NewProceeding, Told
from comity.log import service as log
from tests.clock import FixedClock
from tests.faces import desk_over
from tests.legal.matters import Office

DAY = 24 * 3600
PEOPLE = ("judge-1", "judge-2", "lawyer-1", "officer-1", "approver-1")
ETS24 = {"side": "asked", "partner": "XB", "facts": {"instrument": "ETS24"}}
ALLOWED = (Finding("in_force", "pass", "1", {}, ""),)


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database, *PEOPLE)


def arrested(office: Office) -> str:
    """A person provisionally arrested at the request of XB, which this node records as it came on paper."""
    id = office.open("officer-1", "extradition", **ETS24)
    office.step("lawyer-1", id, "request_arrest", reason="by telephone, XB-77")
    office.step("judge-1", id, "arrested")
    return id


def test_a_step_is_kept_with_everything_that_justifies_it(office: Office) -> None:
    id = office.open("officer-1", "extradition", **ETS24)
    moved = office.step(
        "lawyer-1", id, "request_arrest", reason="by telephone", basis="ETS 24 art. 16", findings=ALLOWED
    )
    assert (moved.state, moved.side, moved.opened_by) == ("arrest_requested", "asked", "officer-1")
    with office.database.read("test.read") as unit:
        (step,) = service.steps_of(unit, id)
        assert service.proceedings(unit, subject="test:1", ended=False) == [service.proceeding(unit, id)]
        assert service.proceeding(unit, id) == moved
        assert log.read_opening(unit, step.entry, "payload")
        assert step.rules_hash == service.rules_hash(unit)
    assert (step.person, step.authority, step.basis) == ("lawyer-1", "unit-of-lawyer-1: lawyer", "ETS 24 art. 16")
    assert (step.reason, step.findings, step.seq) == ("by telephone", ALLOWED, 0)
    assert service.step_as_dict(step)["findings"] == [ALLOWED[0].as_dict()]
    assert service.summary(moved)["state"] == "arrest_requested"
    entries = office.entries("legal.opened", "legal.stepped")
    assert [entry.type for entry in entries] == ["legal.opened", "legal.stepped"]
    assert entries[1].index == step.entry and entries[1].clear["policy_hash"] == step.rules_hash


def test_forty_days_without_a_request_end_the_arrest(office: Office, clock: FixedClock) -> None:
    id = arrested(office)
    running = office.clock(id, "provisional_arrest")
    assert (running.state, running.turn, len(running.alarms)) == ("running", "XB", 3)
    assert office.escalate() == 0
    clock.advance(19 * DAY)
    assert (office.escalate(), office.escalate()) == (1, 0)
    assert office.find(id).state == "provisionally_arrested"
    with office.database.read("test.due") as unit:
        assert service.due_steps(unit, unit.now) == []
    clock.advance(22 * DAY)
    with office.database.read("test.due") as unit:
        assert service.due_steps(unit, unit.now) == [(id, "term_ended")]
    assert (office.escalate(), office.escalate()) == (2, 0)
    assert office.find(id).state == "arrest_ended"
    assert [e.type for e in office.entries("legal.reminded", "legal.overdue")] == ["legal.reminded"] * 2 + [
        "legal.overdue"
    ]
    ended = office.clock(id, "provisional_arrest")
    assert (ended.state, ended.ended_at, ended.level) == ("ended", clock.now, 3)
    office.step("lawyer-1", id, "request_received")
    assert office.find(id).state == "received"


def test_a_request_in_time_keeps_the_clock(office: Office, clock: FixedClock) -> None:
    id = arrested(office)
    clock.advance(39 * DAY)
    office.step("officer-1", id, "request_received")
    clock.advance(9 * DAY)
    assert office.escalate() == 0 and office.find(id).state == "received"
    assert office.clock(id, "provisional_arrest").state == "kept"


def test_no_person_takes_the_step_of_a_clock_and_no_clock_before_its_end(office: Office) -> None:
    id = arrested(office)
    for person, code in (("judge-1", "legal.transition"), ("", "legal.clock-runs")):
        with pytest.raises(Conflict) as caught:
            office.step(person, id, "term_ended")
        assert caught.value.code == code


def test_the_whole_way_to_surrender_with_its_guards(office: Office) -> None:
    id = arrested(office)
    office.step("officer-1", id, "request_received")
    with pytest.raises(Conflict, match="competition_decided"):
        office.step("lawyer-1", id, "to_court")
    office.step("lawyer-1", id, "to_court", facts={"competing": "none"})
    with pytest.raises(Conflict, match="no_bar, asylum_checked"):
        office.step("judge-1", id, "admissible")
    office.step("judge-1", id, "admissible", facts={"bars": "none", "asylum": "none"})
    with pytest.raises(Conflict, match="another_person"):
        office.step("judge-1", id, "granted")
    assert office.step("approver-1", id, "granted").state == "surrender_arranged"
    office.step("officer-1", id, "surrendered")
    office.step("lawyer-1", id, "waiver_requested", reason="XB-91 of 3 March")
    with pytest.raises(Conflict, match="basis_allows"):
        office.step("judge-1", id, "waived")
    office.step("judge-1", id, "waived", findings=ALLOWED)
    closed = office.step("lawyer-1", id, "closed")
    assert closed.state == "completed" and closed.ended_at is not None
    with office.database.read("test.clocks") as unit:
        assert all(clock.ended_at for clock in service.clocks_of(unit, f"proceeding:{id}"))
        assert service.proceedings(unit, ended=False) == []
    for event in ("closed", "waiver_requested"):
        with pytest.raises(Conflict, match="not possible"):
            office.step("lawyer-1", id, event)


def test_wrong_role_wrong_act_twice_and_unknown(office: Office) -> None:
    id = arrested(office)
    for person, event, code in (
        ("officer-1", "release", "legal.step-role"), ("judge-1", "arrested", "legal.transition"),
        ("judge-1", "surrendered", "legal.transition"), ("", "release", "legal.transition"),
    ):  # fmt: skip
        with pytest.raises((NotAllowed, Conflict)) as caught:
            office.step(person, id, event, reason="r")
        assert caught.value.code == code
    with office.database.unit("test.act") as unit:
        other = office.act(unit, "judge-1", "legal.step", service.step_subject(id, "end_early"))
        with pytest.raises(NotAllowed, match="another step"):
            service.take_step(unit, id, Move("release", "r"), other)
    with pytest.raises(BadInput, match="longer"):
        office.step("judge-1", id, "release", reason="x" * 2001)
    with pytest.raises(NotFound):
        office.step("judge-1", "0", "release")
    assert office.find(id).state == "provisionally_arrested"


def test_refusals_are_on_record(office: Office, tmp_path: object) -> None:
    id = arrested(office)
    desk = desk_over(office.database, tmp_path)  # type: ignore[arg-type]  # a path
    for person, event, kind in (("officer-1", "release", NotAllowed), ("judge-1", "arrested", Conflict)):
        issuer = office.people[person]
        with pytest.raises(kind), desk.acting("legal.step", issuer) as unit:
            by = office.act(unit, person, "legal.step", service.step_subject(id, event))
            service.take_step(unit, id, Move(event, "r"), by)
    assert len(office.entries("act.refused")) == 2


def test_a_partners_word_moves_its_own_steps_only(office: Office) -> None:
    id = arrested(office)
    with office.database.unit("test.told") as unit:
        for partner, event in (("XC", "withdraw"), ("XB", "release")):
            with pytest.raises(NotAllowed) as caught:
                service.take_step(unit, id, Move(event), Told(partner, "m-1"))
            assert caught.value.code == "legal.step-side"
        assert service.take_step(unit, id, Move("withdraw"), Told("XB", "m-1")).state == "withdrawn"
        assert service.steps_of(unit, id)[-1].authority == "XB: message m-1"


def test_a_matter_of_a_case_is_for_its_members(office: Office) -> None:
    with office.database.unit("test.case") as unit:
        case = cases.open_case(unit, office.people["officer-1"], NewCase("XA-1", "A case", "XA-CC-101")).id
    new = {"case": case, "facts": {"instrument": "EIO", "measure": "bank_info"}, "side": "asking", "partner": "XB"}
    id = office.open("officer-1", "mla_request", **new)
    with pytest.raises(NotAllowed, match="not a member"):
        office.open("lawyer-1", "mla_request", **new)
    with pytest.raises(NotAllowed, match="not a member"):
        office.step("lawyer-1", id, "cancel")
    assert office.step("officer-1", id, "cancel").state == "withdrawn"


@pytest.mark.parametrize(
    ("new", "missing"),
    [
        ({"machine": "extradition", "side": "asked"}, "instrument"),
        ({"machine": "extradition", "facts": {"instrument": "ETS24"}}, "side"),
        ({"machine": "emergency_review", "subject": "", "facts": {"emergency": "threat_to_life"}}, "subject"),
        ({"machine": "jit", "facts": {"agreement_until": "soon", "retention_until": "2026-12-31"}}, "agreement_until"),
        ({"machine": "jit", "facts": {"agreement_until": "2026-01-01T", "retention_until": 3}}, "agreement_until"),
    ],
)
def test_what_a_matter_cannot_begin_without(office: Office, new: dict[str, object], missing: str) -> None:
    with office.database.unit("test.open") as unit, pytest.raises(BadInput, match=missing):
        service.open_proceeding(unit, NewProceeding(**{"subject": "test:1", **new}), None)  # type: ignore[arg-type]


def test_what_a_person_could_do_now(office: Office) -> None:
    id = arrested(office)
    with office.database.read("test.possible") as unit:
        known = {p: [s.event for s in service.possible(unit, id, office.people[p].actor)] for p in PEOPLE}
    assert known["judge-1"] == ["release", "end_early"]
    assert known["officer-1"] == ["request_received", "withdraw"]
    assert known["approver-1"] == ["withdraw"]


def test_a_fixed_end_an_extension_and_a_stay(office: Office, clock: FixedClock) -> None:
    """An order executed here: 30 days, the days of a question not counted, 30 more with reasons."""
    id = office.open("officer-1", "mla_request", side="asked", partner="XB",
                     facts={"instrument": "EIO", "measure": "bank_info", "language": "accepted"})  # fmt: skip
    for event, person in (("validate_authority", "lawyer-1"), ("send", "officer-1"), ("receipt", "officer-1")):
        office.step(person, id, event, reason="on paper")
    office.step("lawyer-1", id, "ack")
    first = office.clock(id, "decide_eio")
    assert first.due is not None and first.turn == "XA"
    office.step("lawyer-1", id, "incomplete")
    stayed = office.clock(id, "decide_eio")
    assert stayed.state == "extended"
    clock.advance(10 * DAY)
    assert office.escalate() == 0
    office.step("officer-1", id, "answered", reason="XB-2")
    again = office.clock(id, "decide_eio")
    assert again.due is not None and (again.due - first.due).days == 10 and again.state == "running"
    office.step("lawyer-1", id, "decision_delayed", reason="the bank has not answered")
    more = office.clock(id, "decide_eio")
    assert more.due is not None and (more.due - again.due).days == 30
    office.step("judge-1", id, "postpone", reason="an arrest is planned")
    assert office.clock(id, "decide_eio").state == "kept"
    with pytest.raises(BadInput, match="return_by"):
        office.step("lawyer-1", id, "ground_ended", facts={"return_by": "soon"})


def test_silence_counts_where_an_article_says_so(office: Office, clock: FixedClock) -> None:
    id = office.open("officer-1", "notification", side="asked", partner="XB", facts={"instrument": "EIO"})
    office.step("officer-1", id, "notify", reason="XB-3")
    clock.advance(96 * 3600 + 1)
    office.escalate()
    assert office.find(id).state == "unopposed"
    with office.database.read("test.steps") as unit:
        assert service.steps_of(unit, id)[-1].basis == "2014/41 art. 31(3)"


def test_renewal_starts_the_hold_anew_and_its_reminders_too(office: Office, clock: FixedClock) -> None:
    id = office.open("officer-1", "preservation", side="asking", partner="XB", facts={"instrument": "BUDAPEST"})
    office.step("officer-1", id, "send_24_7")
    office.step("officer-1", id, "custodian_notified", reason="their answer, by mail")
    clock.advance(50 * DAY)
    assert office.escalate() == 1
    office.step("officer-1", id, "renew", reason="the request is being translated")
    renewed = office.clock(id, "hold_budapest")
    assert (renewed.level, renewed.state, renewed.started) == (0, "running", clock.now)
    clock.advance(61 * DAY)
    assert office.escalate() == 2
    assert office.find(id).state == "expired"
