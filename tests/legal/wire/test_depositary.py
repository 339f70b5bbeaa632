"""A depositary's list: what can be told for sure comes in, everything else is named with its reason."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, ComityError
from comity.legal.model import Depositary
from comity.legal.wire.dated import read_table
from comity.legal.wire.depositary import Read, read_depositary

ASKED = Depositary("TRAIN-CONV", 30, date(2010, 1, 1))
STATES = {"arvenia": "XA", "brevania": "XB", "corvia": "XC", "kingdom of brevania": "XB"}
ROWS = """
<Row><Entry>Arvenia</Entry><Entry>2 May 2008</Entry><Entry> 3 Jun 2009</Entry></Row>
<Row><Entry>Brevania<Superscript>1</Superscript></Entry><Entry/><Entry>20 Feb 2012 a</Entry></Row>
<Row><Entry>Corvia</Entry><Entry>2 May 2008</Entry><Entry/></Row>
"""
WORDS = """
<Declarations><Declaration><Participant>Arvenia</Participant>
<Text><Paragraph>Article 5</Paragraph>
<Paragraph>is applied subject to dual criminality.</Paragraph></Text></Declaration>
</Declarations>
"""


def document(rows: str = ROWS, more: str = "", heading: str = "Ratification, Acceptance(A), Accession(a)") -> bytes:
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Treaty><Participants><Table><TGroup><Thead><Row><Entry>Participant</Entry><Entry>Signature</Entry>
<Entry>{heading}</Entry></Row></Thead><Tbody><Rows>{rows}</Rows></Tbody></TGroup></Table></Participants>{more}
</Treaty>""".encode()


def read(rows: str = ROWS, more: str = "") -> Read:
    return read_depositary(document(rows, more), "list.xml", ASKED, STATES)


def row(name: str, deed: str) -> str:
    return f"<Row><Entry>{name}</Entry><Entry/><Entry>{deed}</Entry></Row>"


def test_parties_with_the_day_from_which_the_treaty_binds() -> None:
    made = read(more=WORDS)
    assert [r[:5] for r in made.participations] == [
        ("TRAIN-CONV", "XA", "2010-01-01", "", "all"),  # deposited before the treaty itself was in force
        ("TRAIN-CONV", "XB", "2012-03-21", "", "all"),  # thirty days after 20 February of a leap year
    ]
    assert made.refused == ["list.xml participant 3: Corvia: no act that binds it: not a party"]
    files = made.files("list")
    parties = read_table(files["list.participations.csv"], "p").participations
    declared = read_table(files["list.declarations.csv"], "d").declarations
    assert [p.valid_from for p in parties] == [date(2010, 1, 1), date(2012, 3, 21)]
    assert [(d.id, d.effect, d.article) for d in declared] == [
        ("D-TRAIN-CONV-XB-NOTES", "in_words", "*"), ("D-TRAIN-CONV-XA-1", "in_words", "*"),
    ]  # fmt: skip
    assert declared[1].text == "Article 5 is applied subject to dual criminality."
    assert "20 Feb 2012 a" in parties[1].source and "30 days" in parties[1].source


@pytest.mark.parametrize(
    ("name", "deed", "reason"),
    [
        ("Arvania", "3 Jun 2009", "no state is known by the name 'Arvania'"),
        ("Corvia", "3 Jun 2009 d", "a succession"),
        ("Corvia", "June 2009", "is not a date"),
        ("Corvia", "31 Feb 2009", "no day of the calendar"),
        ("Corvia", "3 Jun 2009, 4 Jul 2011", "is not a date"),
        ("Kingdom of Brevania", "3 Jun 2009", "stands in the list twice"),
    ],
)
def test_left_out_with_the_reason(name: str, deed: str, reason: str) -> None:
    made = read(ROWS + row(name, deed))
    assert len(made.participations) == 2
    assert made.refused[1].startswith("list.xml participant 4: ") and reason in made.refused[1]


@pytest.mark.parametrize(
    ("declared", "reason"),
    [
        ("<Participant>Elsewhere</Participant><Text>w</Text>", "no state"),
        ("<Participant>Corvia</Participant><Text>w</Text>", "not among the parties"),
        ("<Participant>Arvenia</Participant><Text> </Text>", "no words"),
        ("<Text>w</Text>", "no state"),
        ("<Participant>Arvenia</Participant><Text>" + "w" * 10_001 + "</Text>", "add it by hand"),
    ],
)
def test_declarations_left_out(declared: str, reason: str) -> None:
    made = read(more=f"<Declarations><Declaration>{declared}</Declaration></Declarations>")
    assert reason in made.refused[-1] and len(made.declarations) == 1


def test_no_list() -> None:
    for data in (b"<a/>", b"x", document(""), document(heading="Remarks"), document(heading="Accession").replace(
        b"Signature", b"Approval")):  # fmt: skip
        with pytest.raises(BadInput):
            read_depositary(data, "list.xml", ASKED, STATES)


@given(st.text(max_size=40), st.text(max_size=30))
def test_nothing_is_guessed(name: str, deed: str) -> None:
    escaped = "".join(c for c in f"{name}|{deed}" if c.isprintable() and c not in "<&").split("|")
    try:
        made = read(row(escaped[0], escaped[-1]))
    except ComityError:
        return
    assert len(made.participations) + len(made.refused) == 1
    assert all(r[1] in STATES.values() for r in made.participations)
