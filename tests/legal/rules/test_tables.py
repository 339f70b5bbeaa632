"""Tables meet each other: unknown codes, overlaps and contradictions are refused with file and row."""

import random
import re
from dataclasses import replace
from datetime import date

import pytest

from comity.base.errors import BadInput
from comity.legal.model import DatedTable, Participation, Row, Tables
from comity.legal.rules import checking, tables
from comity.legal.wire.dated import read_table
from tests.legal.law import ask, dated, decide, instruments, result, vocabulary

PARTY = "instrument,state,from,until,territory,source\n"
DECLARED = "id,instrument,state,article,effect,value,from,until,text,source\n"
QUOTA = "direction,scope,name,measure,per_day,then,from,until,source\n"
OFFENCE = "state,code,text,iccs,eaw_list,category,max_penalty_months,from,until\n"
RECIPIENT = "by,recipient,basis,reason,death_penalty,torture_risk,from,until,source\n"

BAD = {
    "overlapping participation": (PARTY + "TRAIN-REG,XA,2025-01-01,,all,s\n", "participations.csv row"),
    "party before the instrument": (PARTY + "TRAIN-REG,XD,2019-12-31,,all,s\n", "before TRAIN-REG itself"),
    "unknown instrument": (PARTY + "TRAIN-X,XA,2025-01-01,,all,s\n", "unknown instrument"),
    "unknown instrument declared to": (
        DECLARED + "D,TRAIN-X,XA,5,require_judge,,2025-01-01,,t,s\n", "unknown instrument"),
    "unknown effect": (DECLARED + "D,TRAIN-REG,XA,5,forbid,,2025-01-01,,t,s\n", "effects: unknown code"),
    "unknown category": (
        DECLARED + "D,TRAIN-REG,XA,5,exclude_offence_category,taxes,2025-01-01,,t,s\n", "categories: unknown code"),
    "no number": (DECLARED + "D,TRAIN-REG,XA,5,threshold,a year,2025-01-01,,t,s\n", "number of months"),
    "a value too many": (DECLARED + "D,TRAIN-REG,XA,8,require_judge,yes,2025-01-01,,t,s\n", "takes none"),
    "an article that no row has": (DECLARED + "D,TRAIN-REG,XA,5;55,require_judge,,2025-01-01,,t,s\n", "article '55'"),
    "an id twice": (DECLARED + "D-XB-REG-8,TRAIN-REG,XA,8,require_judge,,2025-01-01,,t,s\n", "already that of"),
    "contradictory thresholds": (
        DECLARED + "D,TRAIN-REG,XC,5;6,threshold,36,2025-01-01,,t,s\n", "overlaps declarations.csv row 3"),
    "unknown iccs": (OFFENCE + "XA,N-1,t,12,,other,10,2020-01-01,\n", "iccs"),
    "unknown list": (OFFENCE + "XA,N-1,t,11,theft,other,10,2020-01-01,\n", "eaw_list"),
    "unknown offence category": (OFFENCE + "XA,N-1,t,11,,odd,10,2020-01-01,\n", "categories"),
    "unknown basis": (RECIPIENT + "XD,XB,trust,,none,none,2020-01-01,,s\n", "transfer_bases"),
    "unknown penalty": (RECIPIENT + "XD,XB,adequacy,,perhaps,none,2020-01-01,,s\n", "death_penalty"),
    "unknown risk": (RECIPIENT + "XD,XB,adequacy,,none,some,2020-01-01,,s\n", "torture_risk"),
    "its own recipient": (RECIPIENT + "XD,XD,adequacy,,none,none,2020-01-01,,s\n", "cannot be its own"),
    "two findings at once": (
        RECIPIENT + "XA,XB,adequacy,,none,none,2020-01-01,,s\n", "overlaps recipients.csv row"),
    "unknown authority": (DECLARED + "D,TRAIN-REG,XA,5,require_authority,duke,2025-01-01,,t,s\n", "authorities"),
    "unknown channel": (DECLARED + "D,TRAIN-REG,XA,5,require_channel,owl,2025-01-01,,t,s\n", "channels"),
    "a quota of an unknown measure": (
        QUOTA + "incoming,partner,XB,gossip,5,queue,2025-01-01,,s\n", "unknown measure 'gossip'"),
    "a partner's officer": (QUOTA + "incoming,person,*,*,5,queue,2025-01-01,,s\n", "no person and no case"),
    "overlapping offence": (OFFENCE + "XA,XA-CC-101,t,01,,homicide,10,2020-01-01,\n", "overlaps offences.csv row"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_refused_with_file_row_and_reason(name: str) -> None:
    text, reason = BAD[name]
    more = read_table(text.encode(), "more.csv")
    with pytest.raises(BadInput) as caught:
        tables.build(instruments(), (*dated(), more), vocabulary(), "")
    assert caught.value.where == "more.csv row 2"
    assert reason in caught.value.what


def test_a_party_to_what_is_not_in_force() -> None:
    coming = replace(instruments()[0], code="TRAIN-NEXT", valid_from=None, in_force=False)
    more = read_table((PARTY + "TRAIN-NEXT,XA,2025-01-01,,all,s\n").encode(), "more.csv")
    with pytest.raises(BadInput, match="says that it is not in force") as caught:
        tables.build((*instruments(), coming), (*dated(), more), vocabulary(), "")
    assert caught.value.where == "more.csv row 2"


def test_two_rows_for_one_measure_under_one_article() -> None:
    first, *others = instruments()
    with pytest.raises(BadInput, match="two rows for search_seizure under article 4"):
        tables.build((replace(first, rows=(*first.rows, first.rows[0])), *others), dated(), vocabulary(), "")


def test_words_of_a_state_touch_every_article() -> None:
    more = read_table((DECLARED + "D,TRAIN-REG,XA,*,in_words,,2025-01-01,,t,s\n").encode(), "more.csv")
    built = tables.build(instruments(), (*dated(), more), vocabulary(), "")
    assert built.declarations["TRAIN-REG", "XA"][0].effect == "in_words"


def test_a_row_may_follow_another_the_day_after() -> None:
    text = PARTY + "TRAIN-MOU,XA,2027-06-01,2028-05-31,all,s\n"
    built = tables.build(instruments(), (*dated(), read_table(text.encode(), "more.csv")), vocabulary(), "")
    assert len(built.participations["TRAIN-MOU", "XA"]) == 2


def test_two_tables_of_one_instrument() -> None:
    with pytest.raises(BadInput, match="two tables"):
        tables.build((*instruments(), instruments()[0]), dated(), vocabulary(), "")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"measure": "telepathy"}, "measure"),
        ({"refusal_grounds": "odd"}, "refusal_grounds"),
        ({"conditions": "odd"}, "purpose"),
        ({"channels": "odd"}, "channels"),
        ({"use_limits": "odd"}, "use_limits"),
    ],
)
def test_unknown_codes_in_a_row(change: dict[str, str], reason: str) -> None:
    first, *others = instruments()
    row = first.rows[0]
    if "measure" in change:
        broken = replace(row, measure="telepathy")
    elif "conditions" in change:
        broken = replace(row, conditions=(replace(row.conditions[0], values={"one_of": ["curiosity"]}),))
    elif "channels" in change:
        broken = replace(row, channels=(replace(row.channels[0], code="odd"),))
    elif "use_limits" in change:
        broken = replace(row, use_limits=(replace(row.use_limits[0], code="odd"),))
    else:
        broken = replace(row, refusal_grounds=(replace(row.refusal_grounds[0], code="odd"),))
    with pytest.raises(BadInput, match=reason) as caught:
        tables.build((replace(first, rows=(broken,)), *others), dated(), vocabulary(), "")
    assert caught.value.where == row.where


def test_a_class_of_offences_that_nobody_knows() -> None:
    first, *others = instruments()
    row = first.rows[0]
    scope = next(c for c in row.conditions if c.kind == "offence_scope")
    broken = replace(row, conditions=(replace(scope, values={**scope.values, "classes": ["12"]}),))
    with pytest.raises(BadInput, match="iccs") as caught:
        tables.build((replace(first, rows=(broken,)), *others), dated(), vocabulary(), "")
    assert caught.value.where == row.where


def test_what_the_hash_covers_does_not_depend_on_order() -> None:
    shuffled = list(dated())
    random.Random(1).shuffle(shuffled)
    turned = [replace(t, offences=t.offences[::-1], declarations=t.declarations[::-1]) for t in shuffled]
    assert tables.plain(instruments()[::-1], turned, vocabulary()) == tables.plain(instruments(), dated(), vocabulary())


def test_a_declaration_covers_the_paragraphs_of_its_articles_only() -> None:
    assert checking.covers("5;6", "5(1)") and checking.covers("5(2)", "5(2)") and checking.covers("8", "8")
    assert checking.covers("29(4)", "29") and checking.covers("8", "3,7-10") and checking.covers("*", "RPD 88 blue")
    assert not checking.covers("11", "3,7-10") and not checking.covers("1", "10,11")
    assert not checking.covers("5", "55(1)") and not checking.covers("5(1)", "5(2)")


def test_a_review_is_of_everything_a_row_says_but_its_status() -> None:
    instrument = instruments()[0]
    row = instrument.rows[0]
    said = tables.plain_row(instrument, row)
    assert tables.plain_row(instrument, replace(row, status="unreviewed", review="lawyer-1")) == said
    assert tables.plain_row(instrument, replace(row, article="99")) != said
    assert tables.plain_row(replace(instrument, valid_until=instrument.valid_from), row) != said
    assert tables.plain_dated(dated()[0].participations[0]) == tables.as_json(dated()[0].participations[0])


def versions(*days: tuple[date | None, date | None]) -> Tables:
    """The training law with TRAIN-REG in one version for each pair of days, the threshold growing by a year."""
    others = [i for i in instruments() if i.code != "TRAIN-REG"]
    (regional,) = (i for i in instruments() if i.code == "TRAIN-REG")
    made = [
        replace(regional, valid_from=since, valid_until=until, where=f"reg-{n}.yaml", rows=_demanding(regional.rows, n))
        for n, (since, until) in enumerate(days)
    ]
    parties = tuple(p for p in dated()[0].participations if p.instrument != "TRAIN-REG")
    joined = tuple(Participation("TRAIN-REG", s, date(2020, 1, 1), None, (), "s") for s in ("XA", "XB"))
    table = DatedTable("participations", "p.csv", (*parties, *joined))
    return tables.build((*others, *made), (table, *dated()[1:]), vocabulary(), "")


def _demanding(rows: tuple[Row, ...], years: int) -> tuple[Row, ...]:
    return tuple(
        replace(row, conditions=tuple(
            replace(c, values={**c.values, "months": 12 * (years + 1)}) if c.kind == "offence_scope" else c
            for c in row.conditions
        ))
        for row in rows
    )  # fmt: skip


@pytest.mark.parametrize(
    ("on", "outcome", "months"),
    [
        (date(2020, 6, 1), "allow", 12), (date(2024, 12, 31), "allow", 12), (date(2025, 1, 1), "deny", 24),
        (date(2030, 1, 1), "deny", 24), (date(2031, 1, 1), "deny", 24),
    ],
)  # fmt: skip
def test_a_decision_rests_on_the_version_of_its_day(on: date, outcome: str, months: int) -> None:
    law = versions((date(2020, 1, 1), date(2024, 12, 31)), (date(2025, 1, 1), date(2030, 12, 31)))
    for instrument in ("TRAIN-REG", None):
        decision = decide(ask("hit_no_hit", "XA-CC-216", on=on, instrument=instrument), law)
        assert decision.instrument == "TRAIN-REG" and decision.outcome == outcome
        scope = result(decision, "offence_scope").values
        assert scope["least_months"] == months if "least_months" in scope else months in scope.values()
    assert (result(decision, "in_force").result == "fail") == (on > date(2030, 12, 31))


def test_each_version_stands_once_whatever_the_order() -> None:
    early, late = (date(2020, 1, 1), date(2024, 12, 31)), (date(2025, 1, 1), None)
    law = versions(late, early)
    assert [v.valid_from for v in law.versions["TRAIN-REG"]] == [early[0], late[0]]
    assert law.instruments["TRAIN-REG"].valid_from == late[0] and law.first_day == date(2010, 1, 1)
    gap = versions((date(2020, 1, 1), date(2021, 1, 1)), (date(2022, 1, 1), None)).versions["TRAIN-REG"]
    days = (date(2019, 1, 1), date(2021, 6, 1), date(2022, 6, 1))
    assert [tables.version_on(gap, on).valid_from for on in days] == [
        date(2020, 1, 1),
        date(2020, 1, 1),
        date(2022, 1, 1),
    ]


@pytest.mark.parametrize(
    "second", [(date(2024, 12, 31), None), (date(2020, 1, 1), None), (None, date(2020, 1, 1)), (None, None)]
)
def test_versions_that_overlap_are_refused(second: tuple[date | None, date | None]) -> None:
    with pytest.raises(BadInput, match="two tables of TRAIN-REG for the same days") as caught:
        versions((date(2020, 1, 1), date(2024, 12, 31)), second)
    assert re.fullmatch(r"reg-\d\.yaml \w+/\S+", caught.value.where) and "reg-" in caught.value.what


def test_quotas_of_a_table_stand_with_the_law_and_count_towards_its_hash() -> None:
    rows = ("incoming,partner,XB,*,5,queue,2025-01-01,2025-12-31,s", "incoming,partner,XB,*,6,queue,2026-01-01,,s")
    table = read_table((QUOTA + "\n".join(rows)).encode(), "quotas.csv")
    built = tables.build(instruments(), (*dated(), table), vocabulary(), "")
    assert [(q.quota.per_day, q.source) for q in built.quotas] == [(5, "s"), (6, "s")]
    kinds = [row[0] for row in tables.plain((), (table,), vocabulary()) if isinstance(row, list)]
    assert kinds.count("quota") == 2
    again = read_table((QUOTA + rows[0].replace("2025-12-31", "2026-01-01")).encode(), "again.csv")
    with pytest.raises(BadInput, match="quota overlaps"):
        tables.build(instruments(), (*dated(), table, again), vocabulary(), "")
