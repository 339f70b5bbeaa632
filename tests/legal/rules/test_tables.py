"""Tables meet each other: unknown codes, overlaps and contradictions are refused with file and row."""

import random
from dataclasses import replace

import pytest

from comity.base.errors import BadInput
from comity.legal.rules import checking, tables
from comity.legal.wire.dated import read_table
from tests.legal.law import dated, instruments, vocabulary

PARTY = "instrument,state,from,until,territory,source\n"
DECLARED = "id,instrument,state,article,effect,value,from,until,text,source\n"
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
