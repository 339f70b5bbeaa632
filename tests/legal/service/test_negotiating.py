"""An agreement from its first draft to its end, on two nodes that share nothing but letters."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput, ComityError, Conflict, NotAllowed, NotFound, Tampered
from comity.legal import service, store
from comity.legal.service.tables import _built
from comity.log import service as log
from tests.clock import FixedClock
from tests.legal.agreements import CODE, DAY, LAST, TABLE, Office, Pair, conclude, decide, entries, terms


def allows(one: Office, on: date) -> bool:
    return decide(one, on).outcome == "allow"


# --- the way to an agreement ----------------------------------------------------------------------------------------


def test_both_sides_hold_the_same_text_and_table_and_decide_by_it(pair: Pair) -> None:
    a, b = pair
    id = conclude(a, b)
    ours, theirs = a.found(id).head, b.found(id).head
    assert ours.version == theirs.version and ours.version.digest == theirs.version.digest
    assert ours.version.table == TABLE and {s.node for s in ours.signatures} == {"XA", "XB"}
    assert a.state(id) == b.state(id) == "concluded"
    for one in pair:
        decision = decide(one, date(2026, 4, 1))
        assert (decision.outcome, decision.instrument) == ("allow", CODE), decision.reasons
        assert decide(one, date(2026, 3, 31)).outcome == "deny"
        assert decide(one, date(2028, 4, 1)).outcome == "deny"
    with a.database.read("x") as mine, b.database.read("x") as other:
        assert service.tables(mine).instruments[CODE] == service.tables(other).instruments[CODE]
        assert service.rules_hash(mine) == service.rules_hash(other)
        row = service.tables(mine).instruments[CODE].rows[0]
    assert row.status == "reviewed" and "lawyer-1 of XA on 2026-03-02 and lawyer-1 of XB" in row.review


def test_no_law_before_both_have_signed(pair: Pair) -> None:
    a, b = pair
    id = a.new("XB").id
    assert a.state(id) == "draft"
    a.sign(id)
    assert a.state(id) == "signed_here"
    b.take(a.letter(id))
    assert b.state(id) == "signed_there"
    assert not allows(a, date(2026, 4, 1)) and not allows(b, date(2026, 4, 1))
    b.sign(id)
    assert allows(b, date(2026, 4, 1)) and not allows(a, date(2026, 4, 1))


def test_a_late_signature_makes_no_law_for_earlier_days(pair: Pair, clock: FixedClock) -> None:
    a, b = pair
    id = a.new("XB").id
    a.sign(id)
    b.take(a.letter(id))
    clock.advance(60 * DAY)
    b.sign(id)
    a.take(b.letter(id))
    for one in pair:
        assert one.state(id) == "in_force"
        assert decide(one, date(2026, 4, 30)).outcome == "deny" and allows(one, date(2026, 5, 1))


def test_a_counter_proposal_names_the_version_that_it_answers(pair: Pair) -> None:
    a, b = pair
    id = a.new("XB").id
    assert b.take(a.letter(id)) and b.state(id) == "proposed"
    longer = TABLE.replace("2028-03-31", "2029-03-31")
    with b.acting() as (unit, issuer):
        service.revise_agreement(unit, issuer, id, terms(longer, last=date(2029, 3, 31)))
    b.sign(id)
    found = a.take(b.letter(id))
    assert [v.version.number for v in found.versions] == [1, 2]
    assert found.head.version.previous == found.versions[0].version.digest and found.head.version.proposer == "XB"
    a.sign(id)
    b.take(a.letter(id))
    assert a.state(id) == b.state(id) == "concluded" and a.found(id) == b.found(id)
    assert allows(a, date(2029, 3, 31))


def test_an_answered_version_can_no_longer_be_signed_by_the_other_side(pair: Pair) -> None:
    a, b = pair
    id = a.new("XB").id
    a.sign(id)
    b.take(a.letter(id))
    b.sign(id)
    signed = b.letter(id)
    with a.database.unit("test.unsent") as unit:  # as if the first letter had never left
        store.set_version(unit, a.found(id).head.version.digest, sent=False)
    with a.acting() as (unit, issuer):
        service.revise_agreement(unit, issuer, id, terms())
    found = a.take(signed)
    assert found.versions[0].signed_by("XB") is None and a.state(id) == "draft"


def test_every_step_is_an_act_in_the_log(pair: Pair) -> None:
    a, b = pair
    conclude(a, b)
    assert entries(a) == [f"legal.agreement-{w}" for w in ("drafted", "signed", "proposed", "received")]
    assert entries(b) == [f"legal.agreement-{w}" for w in ("received", "signed", "proposed")]
    with a.database.read("test.log") as unit:
        assert all(
            e.clear["auth_hash"] and e.peer == "XB" for e in log.entries(unit) if e.type.startswith("legal.agreement")
        )


def test_a_letter_taken_in_twice_changes_nothing(pair: Pair) -> None:
    a, b = pair
    id = conclude(a, b)
    letter = a.letter(id)
    assert b.take(letter) == b.take(letter) == b.found(id)


# --- turns ------------------------------------------------------------------------------------------------------------


def test_whoever_has_proposed_waits_for_the_answer(pair: Pair) -> None:
    a, _ = pair
    id = a.new("XB").id
    with a.acting() as (unit, issuer):
        service.revise_agreement(unit, issuer, id, terms())  # nobody has seen the first one
    a.letter(id)
    with a.acting() as (unit, issuer), pytest.raises(Conflict) as caught:
        service.revise_agreement(unit, issuer, id, terms())
    assert caught.value.code == "legal.agreement-turn"


def extended(one: Office, id: str, until: date) -> None:
    with one.acting() as (unit, issuer):
        service.extend_agreement(unit, issuer, id, until)


def test_crossing_letters_come_to_the_same_chain(pair: Pair) -> None:
    a, b = pair
    id = conclude(a, b)
    for one, until in ((a, date(2029, 3, 31)), (b, date(2030, 3, 31))):
        extended(one, id, until)
        one.sign(id)
    from_a, from_b = a.letter(id), b.letter(id)
    assert a.refuses(from_b).code == "legal.agreement-crossed"
    b.take(from_a)
    assert a.found(id).head.version == b.found(id).head.version
    b.sign(id)
    a.take(b.letter(id))
    for one in pair:
        assert allows(one, date(2029, 3, 31)) and decide(one, date(2029, 4, 1)).outcome == "deny"


def test_a_draft_that_nobody_has_seen_gives_way(pair: Pair) -> None:
    a, b = pair
    id = conclude(a, b)
    extended(a, id, date(2029, 3, 31))
    extended(b, id, date(2030, 3, 31))
    a.take(b.letter(id))
    assert a.found(id) == b.found(id)


# --- extending and ending ---------------------------------------------------------------------------------------------


def test_an_extension_takes_both_signatures(pair: Pair) -> None:
    a, b = pair
    id = conclude(a, b)
    extended(b, id, date(2030, 3, 31))
    b.sign(id)
    a.take(b.letter(id))
    assert decide(a, date(2030, 3, 31)).outcome == "deny" and a.state(id) == "concluded"
    a.sign(id)
    b.take(a.letter(id))
    assert allows(a, date(2030, 3, 31)) and allows(b, date(2030, 3, 31))


def ended(one: Office, id: str, on: date) -> None:
    with one.acting() as (unit, issuer):
        service.end_agreement(unit, issuer, id, on, "a new statute")
    one.sign(id)


def test_one_side_ends_it_in_good_time(pair: Pair, clock: FixedClock) -> None:
    a, b = pair
    id = conclude(a, b)
    ended(a, id, date(2026, 5, 31))  # 90 days after 2 March
    assert b.take(a.letter(id)).head.version.reason == "a new statute"
    for one in pair:
        assert allows(one, date(2026, 5, 31)) and decide(one, date(2026, 6, 1)).outcome == "deny"
    clock.advance(100 * DAY)
    assert a.state(id) == b.state(id) == "ended"
    with b.acting() as (unit, issuer), pytest.raises(Conflict, match="was ended"):
        service.extend_agreement(unit, issuer, id, date(2031, 1, 1))


def test_an_ending_without_the_notice_period_takes_both(pair: Pair) -> None:
    a, b = pair
    id = conclude(a, b)
    ended(a, id, date(2026, 5, 30))  # one day short
    b.take(a.letter(id))
    assert allows(a, date(2026, 6, 1)) and allows(b, date(2026, 6, 1))
    b.sign(id)
    a.take(b.letter(id))
    for one in pair:
        assert decide(one, date(2026, 6, 1)).outcome == "deny"


def test_an_ending_before_the_first_day_leaves_no_law(pair: Pair) -> None:
    a, b = pair
    id = a.new("XB", terms(TABLE.replace("days: 90", "days: 1"))).id
    for one, other in ((a, b), (b, a)):
        one.sign(id)
        other.take(one.letter(id))
    with a.acting() as (unit, issuer), pytest.raises(BadInput, match="before the start"):
        service.end_agreement(unit, issuer, id, date(2026, 3, 31), "a new statute")
    assert a.found(id) == b.found(id)


def test_an_ending_goes_before_a_crossing_proposal(pair: Pair) -> None:
    a, b = pair
    id = conclude(a, b)
    extended(a, id, date(2030, 3, 31))
    a.letter(id)
    ended(b, id, date(2026, 12, 31))
    a.take(b.letter(id))
    assert a.found(id) == b.found(id) and decide(a, date(2027, 1, 1)).outcome == "deny"


def test_crossing_endings_come_to_the_same_day_and_an_earlier_one_may_follow(pair: Pair) -> None:
    a, b = pair
    id = conclude(a, b)
    ended(a, id, date(2027, 6, 30))
    ended(b, id, date(2027, 1, 31))
    from_a, from_b = a.letter(id), b.letter(id)
    assert a.refuses(from_b).code == "legal.agreement-crossed"
    b.take(from_a)
    assert a.found(id) == b.found(id)
    ended(b, id, date(2027, 1, 31))
    a.take(b.letter(id))
    for one in pair:
        assert allows(one, date(2027, 1, 31)) and decide(one, date(2027, 2, 1)).outcome == "deny"


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda u, i, id: service.extend_agreement(u, i, id, LAST), "legal.agreement-effect"),
        (lambda u, i, id: service.end_agreement(u, i, id, LAST, "x"), "legal.agreement-effect"),
        (lambda u, i, id: service.end_agreement(u, i, id, date(2026, 3, 1), "x"), "legal.agreement-terms"),
        (lambda u, i, id: service.end_agreement(u, i, id, date(2026, 3, 2), "x"), "legal.agreement-terms"),
        (lambda u, i, id: service.end_agreement(u, i, id, date(2027, 3, 2), " "), "legal.agreement-terms"),
        (lambda u, i, id: service.revise_agreement(u, i, id, terms()), "legal.agreement-effect"),
        (service.sign_agreement, "legal.agreement-signed"),
    ],
)
def test_what_can_have_no_effect_is_refused(pair: Pair, act: Callable[..., Any], code: str) -> None:
    a, b = pair
    id = conclude(a, b)
    with a.acting() as (unit, issuer), pytest.raises(ComityError) as caught, unit.act():
        act(unit, issuer, id)
    assert caught.value.code == code and caught.value.todo
    assert a.found(id) == b.found(id)


def test_nothing_is_extended_or_ended_before_it_is_concluded(pair: Pair) -> None:
    a, _ = pair
    id = a.new("XB").id
    with a.acting() as (unit, issuer):
        with pytest.raises(Conflict, match="not concluded"), unit.act():
            service.extend_agreement(unit, issuer, id, date(2031, 1, 1))
        with pytest.raises(Conflict, match="not concluded"), unit.act():
            service.end_agreement(unit, issuer, id, date(2027, 1, 1), "a new statute")


def test_nothing_is_signed_after_its_last_day(pair: Pair, clock: FixedClock) -> None:
    a, b = pair
    id = a.new("XB").id
    b.take(a.letter(id))
    clock.advance(3 * 366 * DAY)
    with b.acting() as (unit, issuer), pytest.raises(Conflict, match="is past"):
        service.sign_agreement(unit, issuer, id)


# --- drafts that are refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('article: "1"\n    cond', 'article: ""\n    cond', "legal.table"),
        ('    source: "memorandum, paragraph 1"\n', "", "legal.table"),
        ("purpose_bound", "purpose_free", "legal.table"),
        ("days: 90", "hours: 90", "legal.agreement-terms"),
        ('kind: "bilateral"', 'kind: "regional"', "legal.agreement-terms"),
        ("2028-03-31", "2029-03-31", "legal.agreement-terms"),
        ("XA-XB-1", "TRAIN-MOU", "legal.agreement-code"),
    ],
)
def test_unfit_tables_are_refused(pair: Pair, old: str, new: str, code: str) -> None:
    refuses(pair[0], code, lambda t: replace(t, table=TABLE.replace(old, new).encode()))


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("legal.agreement-terms", lambda t: replace(t, table=b"\xff")),
        ("legal.agreement-terms", lambda t: replace(t, text=b"\xff")),
        ("legal.agreement-letter", lambda t: replace(t, text=b"")),
        ("legal.agreement-letter", lambda t: replace(t, title="x" * 201)),
        ("legal.agreement-terms", lambda t: replace(t, valid_from=date(2026, 5, 1))),
        ("legal.agreement-terms", lambda t: replace(t, valid_until=date(2026, 3, 1))),
    ],
)
def test_unfit_terms_are_refused(pair: Pair, code: str, change: Callable[..., Any]) -> None:
    refuses(pair[0], code, change)


def refuses(one: Office, code: str, change: Callable[..., Any]) -> None:
    with pytest.raises(ComityError) as caught:
        one.new("XB", change(terms()))
    assert caught.value.code == code and caught.value.todo
    assert one.count() == 0 and entries(one) == []


def test_an_agreement_has_two_parties_and_lawyers_write_it(pair: Pair) -> None:
    a, _ = pair
    with pytest.raises(BadInput, match="two parties"):
        a.new("XA")
    with a.acting("officer-1") as (unit, issuer), pytest.raises(NotAllowed), unit.act():
        service.new_agreement(unit, issuer, "XB", terms())
    assert a.count() == 0
    with a.database.read("x") as unit, pytest.raises(NotFound):
        service.find_agreement(unit, "none")


# --- what is kept is what was signed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        sa.update(store.legal_agreement).values(document=b"{}"),
        sa.update(store.legal_agreement).values(number=2),
        sa.update(store.legal_signature).where(store.legal_signature.c.node == "XB").values(person="lawyer-2"),
        sa.update(store.legal_signature).where(store.legal_signature.c.node == "XA").values(key=bytes(32)),
        sa.update(store.legal_signature).where(store.legal_signature.c.node == "XB").values(act={"v": 1}),
    ],
)
def test_a_changed_row_is_met_by_whoever_decides_by_it(pair: Pair, statement: sa.Update) -> None:
    a, b = pair
    conclude(a, b)
    with a.database.unit("test.tamper") as unit:
        unit.connection.execute(statement)
    _built.clear()
    with pytest.raises(Tampered) as caught:
        decide(a, date(2026, 4, 1))
    assert caught.value.code == "legal.agreement-changed" and caught.value.todo
