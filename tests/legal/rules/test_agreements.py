"""Rules of agreements: when versions bind, what gives way, and that two parties come to the same law."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Conflict
from comity.legal.model import Agreement, AgreementKind, Instrument, KeptVersion, Signature, Term, Version
from comity.legal.rules import agreements as rules
from comity.legal.wire.agreements import sealed
from comity.legal.wire.instruments import read_instrument
from tests.legal.agreements import FIRST, LAST, TABLE

INSTRUMENT = read_instrument(TABLE.encode(), "table")
WRITTEN = date(2026, 3, 2)
days = st.dates(date(2026, 1, 1), date(2028, 12, 31))


def instrument(notice: Term | None) -> Instrument:
    row = INSTRUMENT.rows[0]
    if notice is None:
        return replace(INSTRUMENT, rows=(replace(row, deadlines=()),))
    amounts = (notice.amount if notice.unit == unit else 0 for unit in ("days", "months"))
    days, months = amounts
    deadline = replace(row.deadlines[0], days=days, months=months)
    return replace(INSTRUMENT, rows=(replace(row, deadlines=(deadline,)),))


def signature(node: str, day: date) -> Signature:
    return Signature(node, "lawyer-1", ("lawyer",), b"", {"at": f"{day}T09:30:00.000Z"}, {})


def kept(number: int, kind: AgreementKind, until: date | None, *signed: tuple[str, date]) -> KeptVersion:
    version = sealed(Version("id", number, "", kind, "XA", "t", ("XA", "XB"), FIRST, until, "", TABLE, "text"))
    return KeptVersion(version, INSTRUMENT, tuple(signature(node, day) for node, day in signed))


def both(number: int, kind: AgreementKind, until: date | None, day: date = WRITTEN) -> KeptVersion:
    return kept(number, kind, until, ("XA", day), ("XB", day))


@given(days, days, st.integers(1, 400))
def test_one_party_ends_it_alone_once_the_notice_period_is_left(signed: date, last: date, notice: int) -> None:
    ending = replace(kept(2, "ending", last, ("XA", signed)), instrument=instrument(Term(notice, "days")))
    assert rules.binds(ending) == (last >= signed + timedelta(days=notice))
    assert not rules.binds(replace(ending, signatures=()))


def test_months_of_notice_end_on_the_same_day_of_the_month_and_none_is_never_enough() -> None:
    for last, alone in ((date(2026, 6, 1), False), (date(2026, 6, 2), True)):
        ending = kept(2, "ending", last, ("XB", WRITTEN))
        assert rules.binds(replace(ending, instrument=instrument(Term(3, "months")))) == alone
        assert not rules.binds(replace(ending, instrument=instrument(None)))


@given(days, days)
def test_law_begins_with_the_later_signature_and_never_before_the_first_day(one: date, other: date) -> None:
    terms = kept(1, "terms", None, ("XA", one), ("XB", other))
    found = rules.agreed(Agreement("id", (terms,)))
    assert found is not None
    assert found.instrument.valid_from == max(FIRST, one, other)
    assert {p.state for p in found.participations} == {"XA", "XB"}
    assert {p.valid_from for p in found.participations} == {found.instrument.valid_from}
    assert all(row.status == "reviewed" for row in found.instrument.rows)


@pytest.mark.parametrize(
    ("versions", "until"),
    [
        ((both(1, "terms", LAST),), LAST),
        ((both(1, "terms", LAST), kept(2, "extension", date(2030, 1, 1), ("XA", WRITTEN))), LAST),
        ((both(1, "terms", LAST), both(2, "extension", date(2030, 1, 1))), date(2030, 1, 1)),
        ((both(1, "terms", LAST), both(2, "ending", date(2027, 1, 1))), date(2027, 1, 1)),
        ((both(1, "terms", LAST), kept(2, "ending", date(2026, 3, 9), ("XA", WRITTEN))), LAST),
    ],
)
def test_the_newest_version_that_binds_says_the_last_day(versions: tuple[KeptVersion, ...], until: date) -> None:
    found = rules.agreed(Agreement("id", versions))
    assert found is not None and found.instrument.valid_until == until


@pytest.mark.parametrize(
    ("versions", "state"),
    [
        ((kept(1, "terms", LAST),), "draft"),
        ((replace(kept(1, "terms", LAST), sent=True),), "proposed"),
        ((kept(1, "terms", LAST, ("XA", WRITTEN)),), "signed_here"),
        ((kept(1, "terms", LAST, ("XB", WRITTEN)),), "signed_there"),
        ((both(1, "terms", LAST),), "in_force"),
        ((both(1, "terms", LAST), both(2, "ending", date(2026, 6, 30))), "ended"),
        ((both(1, "terms", date(2026, 4, 2), date(2026, 4, 9)),), "ended"),
    ],
)
def test_where_it_stands(versions: tuple[KeptVersion, ...], state: str) -> None:
    assert rules.state(Agreement("id", versions), "XA", date(2026, 7, 1)) == state
    later = rules.state(Agreement("id", (both(1, "terms", LAST),)), "XA", FIRST - timedelta(days=1))
    assert later == "concluded"


@given(st.booleans(), st.booleans())
def test_of_two_branches_that_both_have_seen_exactly_one_gives_way(a_ended: bool, b_ended: bool) -> None:
    """Each side holds its own branch, and is brought the other's; to be brought one, it must have been sent."""
    kinds: tuple[AgreementKind, AgreementKind] = ("extension", "ending")
    a, b = (
        replace(kept(2, kinds[ended], LAST, (node, WRITTEN)), sent=True)
        for node, ended in (("XA", a_ended), ("XB", b_ended))
    )
    assert rules.gives_way([a], "XA", "XB", b_ended) != rules.gives_way([b], "XB", "XA", a_ended)


def test_what_nobody_has_seen_gives_way_and_what_both_have_signed_does_not() -> None:
    assert rules.gives_way([kept(2, "extension", LAST)], "XA", "XB", False)
    for binding in (both(2, "extension", LAST), both(2, "ending", LAST)):
        assert not any(rules.gives_way([binding], "XB", "XA", ended) for ended in (True, False))


def test_a_table_that_is_not_in_force_is_no_agreement() -> None:
    version = kept(1, "terms", LAST).version
    with pytest.raises(BadInput, match="not in force"):
        rules.check_terms(version, replace(INSTRUMENT, in_force=False))
    rules.check_terms(version, INSTRUMENT)


def test_chains_are_compared_from_the_first_version_on() -> None:
    one, two, other = kept(1, "terms", LAST), kept(2, "extension", None), kept(2, "ending", LAST)
    assert rules.common((one, two), (one.version, other.version)) == 1
    assert rules.common((one, two), (one.version, two.version)) == 2
    assert rules.common((), (one.version,)) == rules.common((two,), (one.version,)) == 0


def test_a_version_follows_the_one_before_it_in_everything() -> None:
    first = kept(1, "terms", LAST)
    good = replace(first.version, number=2, previous=first.version.digest, kind="extension")
    rules.check_sequence(first, good)
    rules.check_sequence(None, first.version)
    wrong = (
        replace(good, agreement="other"), replace(good, parties=("XA", "XC")), replace(good, number=3),
        replace(good, previous=""), replace(good, text="other words"), replace(good, title="other"),
        replace(good, table="other rows"),
    )  # fmt: skip
    for version in wrong:
        with pytest.raises(Conflict):
            rules.check_sequence(first, version)
    for alone in (good, replace(first.version, previous="ab" * 32), replace(first.version, kind="ending")):
        with pytest.raises(Conflict):
            rules.check_sequence(None, alone)
    rules.check_sequence(first, replace(good, kind="terms", text="other words"))


def test_an_extension_does_not_move_the_first_day() -> None:
    agreement = Agreement("id", (both(1, "terms", LAST),))
    longer = replace(agreement.head.version, number=2, kind="extension", valid_until=None)
    rules.check_effect(agreement, longer)
    with pytest.raises(Conflict, match="first day"):
        rules.check_effect(agreement, replace(longer, valid_from=FIRST - timedelta(days=1)))


@pytest.mark.parametrize(
    ("changes", "table", "reason"),
    [
        ({"valid_until": FIRST - timedelta(days=1)}, INSTRUMENT, "end lies before the start"),
        ({}, replace(INSTRUMENT, kind="convention"), "not of kind bilateral"),
        ({"valid_from": FIRST + timedelta(days=1)}, INSTRUMENT, "other days"),
        ({"valid_until": None}, INSTRUMENT, "other days"),
    ],
)
def test_terms_and_table_go_together(changes: dict[str, date | None], table: Instrument, reason: str) -> None:
    version = replace(kept(1, "terms", LAST).version, **changes)  # type: ignore[arg-type]  # fields by their names
    with pytest.raises(BadInput, match=reason):
        rules.check_terms(version, table)


def test_notice_is_counted_in_days_or_months() -> None:
    row = INSTRUMENT.rows[0]
    by_hours = replace(INSTRUMENT, rows=(replace(row, deadlines=(replace(row.deadlines[0], days=0, hours=48),)),))
    with pytest.raises(BadInput, match="days or months"):
        rules.check_terms(kept(1, "terms", LAST).version, by_hours)


@pytest.mark.parametrize(
    ("standing", "kind", "until", "reason"),
    [
        (both(1, "terms", LAST), "terms", LAST, "concluded"),
        (kept(1, "terms", LAST), "extension", None, "nothing to extend or to end"),
        (both(1, "terms", LAST), "extension", LAST, f"holds until {LAST} already"),
        (both(1, "terms", None), "extension", LAST, "holds until it is ended already"),
        (both(1, "terms", LAST), "ending", LAST, f"ends on {LAST} anyway"),
        (both(1, "terms", None), "ending", None, "ends on no day anyway"),
        (both(1, "ending", LAST), "extension", None, "it was ended"),
    ],
)
def test_a_version_without_effect_is_refused(
    standing: KeptVersion, kind: AgreementKind, until: date | None, reason: str
) -> None:
    version = replace(standing.version, number=2, kind=kind, valid_until=until)
    with pytest.raises(Conflict, match=reason):
        rules.check_effect(Agreement("id", (standing,)), version)


def test_a_version_with_an_effect_passes() -> None:
    draft, standing = kept(1, "terms", LAST), both(1, "terms", LAST)
    rules.check_effect(Agreement("id", (draft,)), replace(draft.version, number=2))
    rules.check_effect(
        Agreement("id", (standing,)), replace(standing.version, kind="ending", valid_until=FIRST + timedelta(days=9))
    )


def test_whoever_has_proposed_waits_for_the_other() -> None:
    proposed = replace(kept(1, "terms", LAST), sent=True)
    with pytest.raises(Conflict, match="waits for XB"):
        rules.check_turn(Agreement("id", (proposed,)), "XA")
    rules.check_turn(Agreement("id", (proposed,)), "XB")
    rules.check_turn(Agreement("id", (kept(1, "terms", LAST),)), "XA")
    rules.check_turn(Agreement("id", (replace(both(1, "terms", LAST), sent=True),)), "XA")


def test_a_party_signs_once_and_not_after_the_last_day() -> None:
    waiting = Agreement("id", (kept(1, "terms", LAST, ("XB", WRITTEN)),))
    rules.check_signing(waiting, "XA", LAST)
    with pytest.raises(Conflict, match="is past"):
        rules.check_signing(waiting, "XA", LAST + timedelta(days=1))
    with pytest.raises(Conflict, match="is signed here"):
        rules.check_signing(waiting, "XB", LAST)
    longer = Agreement("id", (both(1, "terms", LAST), kept(2, "extension", None, ("XB", WRITTEN))))
    rules.check_signing(longer, "XA", LAST)
    with pytest.raises(Conflict, match="is past"):
        rules.check_signing(longer, "XA", LAST + timedelta(days=1))


def test_a_proposal_of_other_terms_closes_the_one_before_it() -> None:
    first, second = kept(1, "terms", LAST), kept(2, "terms", LAST)
    agreement = Agreement("id", (first, second))
    assert [rules.open_to_signature(agreement, one) for one in (first, second)] == [False, True]


def test_what_was_ended_before_it_began_is_no_law() -> None:
    ended = Agreement("id", (both(1, "terms", LAST, LAST), both(2, "ending", FIRST)))
    assert rules.agreed(ended) is None
    assert rules.agreed(Agreement("id", (kept(1, "terms", LAST),))) is None
