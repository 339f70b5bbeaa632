"""Dated CSV tables: what one row says by itself is checked with file and line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.legal.wire.dated import read_table
from tests.legal.law import CORVIA, file

PARTY = "instrument,state,from,until,territory,source\n"
OFFENCE = "state,code,text,iccs,eaw_list,category,max_penalty_months,from,until\n"
RECIPIENT = "by,recipient,basis,reason,death_penalty,torture_risk,from,until,source\n"
QUOTA = "direction,scope,name,measure,per_day,then,from,until,source\n"

BAD = {
    "empty": ("", "row 1"), "other header": ("a,b\n1,2\n", "row 1"), "only a header": (PARTY, "t.csv"),
    "too few cells": (PARTY + "I,XA\n", "row 2"), "no source": (PARTY + "I,XA,2020-01-01,,all,\n", "row 2"),
    "no state": (PARTY + "I,,2020-01-01,,all,s\n", "row 2"),
    "a long state": (PARTY + "I,XAA,2020-01-01,,all,s\n", "row 2"),
    "a small state": (PARTY + "I,xa,2020-01-01,,all,s\n", "row 2"),
    "no day": (PARTY + "I,XA,1/1/2020,,all,s\n", "row 2"),
    "ends before": (PARTY + "I,XA,2020-01-01,2019-12-31,all,s\n", "row 2"),
    "territory": (PARTY + "I,XA,2020-01-01,,some,s\n", "row 2"),
    "months": (OFFENCE + "XA,C,t,01,,homicide,many,2020-01-01,\n", "row 2"),
    "superscript months": (OFFENCE + "XA,C,t,01,,homicide,²,2020-01-01,\n", "row 2"),
    "a derogation without reason": (RECIPIENT + "XA,XB,derogation,,none,none,2020-01-01,,s\n", "row 2"),
    "a judge of no state": (RECIPIENT + "XAA,XB,adequacy,,none,none,2020-01-01,,s\n", "row 2"),
    "a recipient of no state": (RECIPIENT + "XA,xb,adequacy,,none,none,2020-01-01,,s\n", "row 2"),
    "a finding without source": (RECIPIENT + "XA,XB,adequacy,,none,none,2020-01-01,,\n", "row 2"),
    "a third direction": (QUOTA + "sideways,partner,XB,*,5,queue,2020-01-01,,s\n", "row 2"),
    "a quota of nobody": (QUOTA + "incoming,town,XB,*,5,queue,2020-01-01,,s\n", "row 2"),
    "half an act": (QUOTA + "incoming,partner,XB,*,0.5,queue,2020-01-01,,s\n", "row 2"),
    "an unknown end": (QUOTA + "incoming,partner,XB,*,5,shrug,2020-01-01,,s\n", "row 2"),
    "open quotation": (PARTY + 'I,XA,2020-01-01,,all,"s\n', "row 2"),
    "a very long cell": (PARTY + "I,XA,2020-01-01,,all," + "s" * 20_000 + "\n", "row 2"),
    "second row": (PARTY + "I,XA,2020-01-01,,all,s\nI,XA,x,,all,s\n", "row 3"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_refused_with_file_and_row(name: str) -> None:
    text, where = BAD[name]
    with pytest.raises(BadInput) as caught:
        read_table(text.encode(), "t.csv")
    assert where in caught.value.where


def test_other_encodings_are_refused_and_a_mark_is_allowed() -> None:
    table = file(f"training/{CORVIA}")
    assert read_table(b"\xef\xbb\xbf" + table, "t.csv").declarations == read_table(table, "t.csv").declarations
    with pytest.raises(BadInput, match="UTF-8"):
        read_table(table.decode().encode("utf-16"), "t.csv")
    with pytest.raises(BadInput, match="larger"):
        read_table(b"x" * 5_000_000, "t.csv")


def test_corvias_declaration() -> None:
    (row,) = read_table(file(f"training/{CORVIA}"), CORVIA).declarations
    assert (row.state, row.effect, row.value, str(row.valid_from)) == (
        "XC",
        "exclude_offence_category",
        "fiscal",
        "2026-09-01",
    )
    assert row.where == f"{CORVIA} row 2"


@given(st.binary(max_size=80) | st.text(max_size=80).map(lambda text: (PARTY + text).encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        assert len(read_table(data, "t.csv"))
    except BadInput as error:
        assert error.where.startswith("t.csv")
