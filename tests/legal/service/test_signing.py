"""An agency's law: imported, reviewed and signed by its own lawyer, compared row by row, and refused once changed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound, Tampered
from comity.base.model import Issuer
from comity.kit.database.unit import Database, Unit
from comity.legal import service, store
from comity.legal.service.tables import _built
from comity.legal.store.sets import legal_set
from comity.log import service as log
from tests.legal.law import CORVIA, ask, file
from tests.people import enrol

VIDEO = ("TRAIN-CONV", "hearing_video/7(1)")
MORE = (
    "state,code,text,iccs,eaw_list,category,max_penalty_months,from,until\nXA,XA-CC-500,new,11,,other,24,2020-01-01,\n"
)


@pytest.fixture
def people(database: Database) -> dict[str, Issuer]:
    with database.unit("test.people") as unit:
        return {who: enrol(unit, who, who.partition("-")[0]) for who in ("lawyer-1", "operator-1", "officer-1")}


@pytest.fixture
def act(database: Database, people: dict[str, Issuer]) -> Callable[..., object]:
    """`act("lawyer-1", service.sign_set)`: a verb in a unit of its own."""

    def run(person: str, verb: Callable[..., object], *arguments: object) -> object:
        with database.unit("test.act") as unit:
            return verb(unit, people[person], *arguments)

    return run


@pytest.fixture
def unit(database: Database, people: dict[str, Issuer]) -> Iterator[Unit]:
    with database.read("test.read") as unit:
        yield unit


def outcome(database: Database, measure: str = "hit_no_hit", offence: str = "XA-TC-12", asked: str = "XC") -> str:
    _built.clear()
    with database.read("test.decide") as unit:
        return service.consider(unit, ask(measure, offence, asked)).outcome


def forge(database: Database, statement: sa.Executable) -> None:
    with database.unit("test.forge") as unit:
        unit.connection.execute(statement)
    _built.clear()


def test_what_an_operator_imports_waits_for_a_lawyer(database: Database, act: Callable[..., object]) -> None:
    act("operator-1", service.import_table, file(f"training/{CORVIA}"), CORVIA)
    assert outcome(database) == "allow"
    with pytest.raises(NotAllowed):
        act("operator-1", service.sign_set)
    act("lawyer-1", service.sign_set)
    assert outcome(database) == "deny"
    with pytest.raises(Conflict, match="signed as it stands"):
        act("lawyer-1", service.sign_set)
    with database.read("test.read") as unit:
        assert [t.signed for t in service.imported_tables(unit)] == [True]
        entry = log.entries(unit)[-1]
        assert (entry.type, entry.clear["policy_hash"]) == ("legal.signed", service.rules_hash(unit))


def test_what_a_lawyer_imports_is_signed_with_it(database: Database, act: Callable[..., object]) -> None:
    act("lawyer-1", service.import_table, file(f"training/{CORVIA}"), CORVIA)
    assert outcome(database) == "deny"
    with database.read("test.read") as unit:
        (signed,) = service.signed_sets(unit)
        assert signed.act["subject"] == {
            "table": CORVIA, "digest": service.imported_tables(unit)[0].digest, "set": signed.digest,
        }  # fmt: skip


@pytest.mark.parametrize("person", ["operator-1", "officer-1"])
def test_only_lawyers_review(act: Callable[..., object], person: str) -> None:
    with pytest.raises(NotAllowed, match="lawyer"):
        act(person, service.review, *VIDEO, "read the article")


def test_a_review_changes_the_hash_and_the_finding(database: Database, act: Callable[..., object]) -> None:
    with database.read("test.read") as unit:
        before = service.rules_hash(unit)
    act("lawyer-1", service.review, *VIDEO, "read the article")
    with database.read("test.read") as unit:
        decision = service.consider(unit, ask("hearing_video", "XA-CC-101", "XC"))
        (finding,) = [f for f in decision.findings if f.condition == "row_reviewed"]
        assert (finding.result, finding.values["review"]) == ("pass", "lawyer-1 on 2026-03-02")
        assert service.rules_hash(unit) != before
        assert decision.outcome == "refer"  # the suspect's consent is still only in words
        assert log.entries(unit)[-1].type == "legal.reviewed"
    with pytest.raises(Conflict):
        act("lawyer-1", service.review, *VIDEO, "again")
    for name, row, code in (("NOPE", "", "legal.instrument"), ("TRAIN-CONV", "extradition/1", "legal.row")):
        with pytest.raises(NotFound) as caught:
            act("lawyer-1", service.review, name, row, "n")
        assert caught.value.code == code


def test_a_changed_row_is_unreviewed_again(database: Database, act: Callable[..., object]) -> None:
    act("lawyer-1", service.review, *VIDEO, "read the article")
    changed = file("instruments/TRAIN-CONV.yaml").replace(b"only with the suspect's consent", b"whenever asked")
    act("lawyer-1", service.import_table, changed, "TRAIN-CONV.yaml")
    with database.read("test.read") as unit:
        rows = {(r.measure, r.status) for r in service.tables(unit).instruments["TRAIN-CONV"].rows}
        assert ("hearing_video", "unreviewed") in rows and ("search_seizure", "unreviewed") in rows
    act("lawyer-1", service.review, "TRAIN-CONV", "", "read the whole convention")
    with database.read("test.read") as unit:
        assert {r.status for r in service.tables(unit).instruments["TRAIN-CONV"].rows} == {"reviewed"}


def test_an_imported_instrument_is_unreviewed_whatever_it_says(database: Database, act: Callable[..., object]) -> None:
    changed = file("instruments/TRAIN-REG.yaml").replace(b"months: 12", b"months: 6", 1)
    act("lawyer-1", service.import_table, changed, "TRAIN-REG.yaml")
    assert outcome(database, offence="XA-CC-214", asked="XB") == "refer"
    act("lawyer-1", service.review, "TRAIN-REG", "", "as amended")
    assert outcome(database, offence="XA-CC-214", asked="XB") == "allow"


TAMPERING = {
    "a row of a table": (
        store.legal_table.update().values(data=file(f"training/{CORVIA}").replace(b"fiscal,", b"arson,")),
        "declaration D-XC-REG-5-2 was changed"),
    "a table with its digest": (
        store.legal_table.update().values(data=MORE.encode(), digest="0" * 64), "is not what was signed"),
    "a file that is none": (store.legal_table.update().values(data=b"x"), "is not what was signed"),
    "a table that is gone": (store.legal_table.delete(), "no longer stored"),
    "a review": (store.legal_review.update().values(row_hash="0" * 64), "the review of TRAIN-CONV"),
    "a review that is gone": (store.legal_review.delete(), "the review of TRAIN-CONV"),
    "the manifest": (store.legal_set.update().values(manifest=b"{}"), "is not what was signed"),
    "the act": (store.legal_set.update().values(act={"subject": {}}), "about another set"),
    "the signer": (store.legal_set.update().values(by="officer-1"), "about another set"),
    "the signature": (store.legal_set.update().values(auth_hash="0" * 64), "not signed by lawyer-1"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERING)
def test_no_decision_rests_on_changed_law(database: Database, act: Callable[..., object], name: str) -> None:
    act("lawyer-1", service.import_table, file(f"training/{CORVIA}"), CORVIA)
    act("lawyer-1", service.review, *VIDEO, "read the article")
    statement, reason = TAMPERING[name]
    forge(database, statement)
    with pytest.raises(Tampered, match=reason) as caught:
        outcome(database)
    assert caught.value.where.startswith("legal_")


def test_a_review_that_nobody_signed(database: Database, act: Callable[..., object]) -> None:
    act("lawyer-1", service.review, *VIDEO, "read the article")
    with database.unit("test.forge") as unit:
        row = dict(unit.connection.execute(store.legal_review.select()).mappings().one())
        unit.connection.execute(store.legal_review.insert().values(**row | {"id": "0" * 36}))
    _built.clear()
    with pytest.raises(Tampered, match="no lawyer signed"):
        outcome(database)


def test_a_changed_table_cannot_be_signed(database: Database, act: Callable[..., object]) -> None:
    act("operator-1", service.import_table, MORE.encode(), "more.csv")
    forge(database, store.legal_table.update().values(data=MORE.replace("24", "48").encode()))
    with pytest.raises(Tampered, match="not what was imported"):
        act("lawyer-1", service.sign_set)


def test_the_differences_of_sets_and_files(database: Database, act: Callable[..., object]) -> None:
    act("lawyer-1", service.import_table, file(f"training/{CORVIA}"), CORVIA)
    act("lawyer-1", service.review, *VIDEO, "read the article")
    act("operator-1", service.import_table, MORE.encode(), "more.csv")
    with database.read("test.diff") as unit:
        (waiting,) = service.diff_sets(unit)
        (reviewed,) = service.diff_sets(unit, 1, 2)
        assert (waiting.kind, waiting.row) == ("added", "offence XA XA-CC-500 2020-01-01")
        assert (reviewed.kind, reviewed.row) == ("added", "review TRAIN-CONV hearing_video 7(1)")
        assert service.diff_sets(unit, 2, 1)[0].kind == "removed"
        assert service.diff_sets(unit, 1, 1) == []
        with pytest.raises(NotFound):
            service.diff_sets(unit, 9)
        changed = file("instruments/TRAIN-REG.yaml").replace(b"months: 12", b"months: 6", 1)
        (change,) = service.diff_file(unit, changed, "TRAIN-REG.yaml")
        assert (change.kind, change.row) == ("changed", "row TRAIN-REG hit_no_hit 5(1) from 2020-01-01")
        assert service.diff_file(unit, file("training/offences.csv"), "offences.csv") == []
        with pytest.raises(BadInput):
            service.diff_file(unit, b"x", "x.csv")


def test_nothing_signed_is_the_package_alone(unit: Unit) -> None:
    assert service.signed_sets(unit) == [] and service.imported_tables(unit) == []
    assert len(service.tables(unit).instruments) == 32
    assert service.diff_sets(unit) == []


def test_a_deleted_set_brings_no_older_one_back(database: Database, act: Callable[..., object]) -> None:
    act("lawyer-1", service.import_table, file(f"training/{CORVIA}"), CORVIA)
    assert outcome(database) == "deny"
    act("lawyer-1", service.import_table, MORE.encode(), "more.csv")
    newest = legal_set.c.number == 2
    for gone, told in ((newest, "set 1 is not in use again"), (sa.true(), "nothing is decided without it")):
        with database.unit("test.forge") as unit:  # what was built before stays in memory, as in a running node
            unit.connection.execute(sa.delete(legal_set).where(gone))
        for _ in range(2):
            with database.read("test.decide") as unit, pytest.raises(Tampered, match=told) as caught:
                service.consider(unit, ask("hit_no_hit", "XA-TC-12", "XC"))
            assert caught.value.where == "legal_set"
        with pytest.raises(Tampered):
            act("lawyer-1", service.sign_set)


def test_a_set_that_the_log_does_not_know_is_not_in_use(database: Database, act: Callable[..., object]) -> None:
    act("lawyer-1", service.import_table, file(f"training/{CORVIA}"), CORVIA)
    act("lawyer-1", service.import_table, MORE.encode(), "more.csv")
    with database.unit("test.forge") as unit:
        older = store.find_set(unit, 1)
        assert older is not None
        unit.connection.execute(sa.delete(legal_set).where(legal_set.c.number == 1))
        store.add_set(unit, replace(older, number=3))
    _built.clear()
    with database.read("test.decide") as unit, pytest.raises(Tampered, match="the log knows nothing of it"):
        service.tables(unit)


def test_a_later_version_stands_beside_the_earlier_one(database: Database, act: Callable[..., object]) -> None:
    shipped = file("instruments/TRAIN-REG.yaml")
    until = shipped.replace(b"until: null", b'until: "2026-12-31"', 1)
    later = shipped.replace(b'from: "2020-01-01"', b'from: "2027-01-01"', 1).replace(b"months: 12", b"months: 72")
    act("lawyer-1", service.import_table, until.replace(b"2026-12-31", b"2027-01-01"), "one.yaml")
    with pytest.raises(BadInput, match="two tables of TRAIN-REG for the same days") as caught:
        act("lawyer-1", service.import_table, later, "two.yaml")
    assert caught.value.where.startswith("two.yaml ") and "one.yaml" in caught.value.what
    act("lawyer-1", service.import_table, until, "one again.yaml")
    act("lawyer-1", service.import_table, later, "two.yaml")
    act("lawyer-1", service.review, "TRAIN-REG", "", "read in the gazette")
    _built.clear()
    with database.read("test.decide") as unit:
        days = (date(2026, 12, 31), date(2027, 1, 1))
        found = [service.consider(unit, ask("hit_no_hit", "XA-CC-212", on=on, instrument="TRAIN-REG")) for on in days]
        assert [decision.outcome for decision in found] == ["allow", "deny"]
        told = service.told_instrument(unit, "TRAIN-REG")
        assert told["versions"] == [
            {"from": "2020-01-01", "until": "2026-12-31"}, {"from": "2027-01-01", "until": ""},
        ]  # fmt: skip
        assert told["until"] == "2026-12-31"
        assert service.diff_file(unit, later, "two.yaml") == []


@pytest.mark.parametrize(
    ("statement", "where"),
    [("UPDATE legal_table SET data = 7", "legal_table row 1, data"),
     ("UPDATE legal_set SET manifest = 7", "legal_set row 1, manifest"),
     ("UPDATE legal_set SET act = 'no JSON'", "legal_set, legal_table, legal_review")],
)  # fmt: skip
def test_a_row_of_the_law_that_cannot_be_read_is_a_changed_one(
    database: Database, act: Callable[..., object], engine: str, statement: str, where: str
) -> None:
    """SQLite keeps what it is handed; PostgreSQL takes no value of another kind."""
    act("lawyer-1", service.import_table, file(f"training/{CORVIA}"), CORVIA)
    if engine == "postgresql" and "row 1" in where:
        with pytest.raises(sa.exc.DBAPIError):
            forge(database, sa.text(statement))
        return
    forge(database, sa.text(statement))
    with database.read("test.decide") as unit, pytest.raises(Tampered, match="cannot be read") as caught:
        service.consider(unit, ask("hit_no_hit", "XA-TC-12", "XC"))
    assert caught.value.where == where
