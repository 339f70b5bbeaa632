"""What an act could rest on, and which offences the tables know; on real databases."""

from collections.abc import Callable
from typing import Any

import pytest

from comity.base.errors import BadInput
from comity.kit.database.unit import Database
from comity.legal import service
from comity.legal.service.bases import missing
from tests.legal.law import ask


def test_every_row_with_the_measure_best_first(database: Database) -> None:
    with database.read("test.bases") as unit:
        found = service.bases(unit, ask("hit_no_hit", "XA-CC-101"))
        rows = service.tables(unit).rows["hit_no_hit"]
        assert {(d.instrument, d.article) for d in found} == {(i.code, row.article) for i, row in rows}
        assert (found[0].outcome, found[0].instrument, found[0].article) == ("allow", "TRAIN-REG", "5(1)")
        outcomes = [d.outcome for d in found]
        assert outcomes == sorted(outcomes, key=("allow", "refer", "deny").index)
        assert {"PRUM2", "PRUM2008"} <= {d.instrument for d in found if d.outcome == "refer"}
        assert service.decisions(unit) == []


def test_what_is_missing_with_its_cure(database: Database) -> None:
    with database.read("test.bases") as unit:
        told: Any = service.listed_bases(unit, ask("core_data", None, instrument="TRAIN-REG"))
        (basis,) = told["bases"]
        assert (basis["decision"], basis["requirements"]) == ("refer", ["judicial_authorisation"])
        assert [finding["condition"] for finding in basis["missing"]] == ["offence_scope"]
        denied = service.bases(unit, ask("hit_no_hit", "XA-CC-214", purpose=None, instrument="TRAIN-REG"))[0]
        assert [f.result for f in missing(denied)][:2] == ["fail", "unknown"]


def test_a_measure_that_nobody_has_says_so_and_why(database: Database) -> None:
    with database.read("test.bases") as unit:
        (basis,) = service.bases(unit, ask("familial_search", "XA-CC-101"))
        assert (basis.outcome, basis.instrument) == ("deny", "")
        assert {f.condition for f in basis.reasons} == {"measure_available", "kinship_search"}


def test_the_asked_side_sees_its_own(make_database: Callable[[str], Database]) -> None:
    with make_database("XB").read("test.bases") as unit:
        assert service.bases(unit, ask("hit_no_hit", "XA-CC-101"))[0].side == "asked"


def test_offences(database: Database) -> None:
    with database.read("test.offences") as unit:
        known = service.offences(unit)
        assert {o.state for o in known} == {"XA", "XB", "XC"}
        images = service.offences(unit, "XA", "XA-CC-162")
        assert [o.max_penalty_months for o in images] == [10, 36]
        assert [service.listed_offence(unit, o)["holds_today"] for o in images] == [False, True]
        assert service.offences(unit, "XB", "XA-CC-162") == []
        with pytest.raises(BadInput) as caught:
            service.offences(unit, "XD")
        assert caught.value.code == "legal.no-offences" and "XA" in caught.value.where
