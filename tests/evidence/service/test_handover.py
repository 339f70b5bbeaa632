"""A hand-over between two real nodes: custody moves with both signatures; refusal, lapse and repetition."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput, Conflict, NotAllowed, NotFound, Tampered
from comity.base.model import JsonObject
from comity.cases import service as cases
from comity.cases.model import NewCase
from comity.evidence import rules, store
from comity.evidence.model.flow import Offer
from comity.evidence.service import common, offering, requesting, settling, showing, verifying
from comity.exchange.service import follow_up, refuse
from comity.kit.codec import jcs
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from comity.search import store as searches
from comity.search.model import Query
from tests.clock import FixedClock
from tests.evidence.service.agencies import REPORT, Agency, World, world
from tests.people import enrol

QUERY, OTHER = "019cad00-0000-7000-8000-0000000000a1", "019cad00-0000-7000-8000-0000000000a2"


@pytest.fixture
def met(make_database: Callable[[str], Database], tmp_path: Path) -> Iterator[World]:
    with world(make_database, tmp_path) as made:
        yield made


def show(agency: Agency, named: str) -> JsonObject:
    with agency.database.read("test") as unit:
        return showing.detail(unit, agency.people["officer"], named)


def logged(agency: Agency) -> list[str]:
    with agency.database.read("test") as unit:
        assert log.verify(unit).ok
        return [entry.type for entry in log.entries(unit, 0, 1000) if entry.type.startswith("evidence.")]


def chain(agency: Agency, item: str) -> list[tuple[str, str]]:
    with agency.database.read("test") as unit:
        links = common.chain(unit, item)
        assert rules.chain_problems(links) == []
        return [(link.event.type, link.event.agency) for link in links]


def test_custody_moves_when_both_have_signed(met: World) -> None:
    item, release = met.offered()
    assert show(met.b, item.item.id)["standing"] == "offered"
    with met.a.database.read("test") as unit, pytest.raises(NotFound):
        common.find_item(unit, item.item.id)
    assert met.a.accept(release.id).state == "accepted"
    met.post()
    assert show(met.a, release.id)["custody_moved"] is True
    assert show(met.b, release.id)["custody_moved"] is True
    assert show(met.b, item.item.id)["standing"] == "given"
    assert show(met.a, item.item.id)["standing"] == "held"
    whole = [("collected", "XB"), ("sealed", "XB"), ("offered", "XB"), ("accepted", "XA")]
    assert chain(met.a, item.item.id) == chain(met.b, item.item.id) == whole
    with met.a.database.read("test") as a, met.b.database.read("test") as b:
        assert store.find_parcel(a, release.id).receipt == store.find_release(b, release.id).receipt
        assert common.chain(a, item.item.id) == common.chain(b, item.item.id)
        key = common.key_of(a, met.a.case)
        assert met.a.vault.get(a, item.item.container.sha256, key) == REPORT
    assert logged(met.a) == ["evidence.requested", "evidence.package-received", "evidence.accepted",
                             "evidence.countersigned"]  # fmt: skip
    assert logged(met.b) == ["evidence.taken-in", "evidence.request-received", "evidence.offered", "evidence.released",
                             "evidence.key-released", "evidence.custody-moved"]  # fmt: skip


def test_the_package_is_verified_offline_by_somebody_who_trusts_neither(met: World) -> None:
    item, release = met.offered()
    directory = met.federation.publish()
    met.a.accept(release.id)
    met.post()
    with met.a.database.unit("evidence.export") as unit:
        taken = showing.export(unit, met.a.vault, met.a.people["officer"], item.item.id)
    assert taken.release == release.id
    package = b"".join(taken.package.pieces())
    verification = verifying.verify(package, directory, None, [taken.receipt])
    assert verification.exit_code == 0, verification.failed
    assert "countersigned by the sender" in verification.checks[-1].detail
    assert verifying.verify(package).exit_code == 2
    assert chain(met.a, item.item.id)[-1] == ("copied", "XA")
    with pytest.raises(Tampered):
        verifying.verify(package, directory, "00" * 32)
    revoked = met.federation.publish(revoked=("XB",))
    assert verifying.verify(package, revoked).exit_code == 1


def test_a_refusal_is_signed_and_custody_stays(met: World) -> None:
    item, release = met.offered()
    assert met.a.refuse(release.id).state == "refused"
    met.post()
    assert show(met.b, release.id)["state"] == "refused"
    assert show(met.b, item.item.id)["standing"] == "held"
    assert chain(met.b, item.item.id)[-1] == ("refused", "XA")
    assert show(met.a, release.id)["custody_moved"] is False
    with met.a.database.read("test") as unit:
        assert common.read_receipt(store.find_parcel(unit, release.id).receipt).reason == "not what was asked for"
    met.b.offer(release.request, item.item.id)
    again = met.b.release(release.request)
    met.post()
    met.a.accept(again.id)
    met.post()
    assert show(met.b, item.item.id)["standing"] == "given"
    assert chain(met.a, item.item.id)[-2:] == [("offered", "XB"), ("accepted", "XA")]


def test_a_lapsed_offer_comes_back_and_a_late_answer_moves_nothing(met: World, clock: FixedClock) -> None:
    item, release = met.offered()
    met.a.accept(release.id)
    clock.advance(31 * 86_400)
    with met.b.database.unit("evidence.lapse") as unit:
        assert settling.lapse(unit) == 1
        assert settling.lapse(unit) == 0
    assert show(met.b, item.item.id)["standing"] == "held"
    assert chain(met.b, item.item.id)[-1] == ("returned", "XB")


def test_an_acceptance_that_arrives_after_the_lapse(met: World, clock: FixedClock) -> None:
    item = met.b.take_in()
    request = met.a.request()
    met.post()
    with met.b.database.unit("evidence.offer") as unit, unit.act():
        soon = Offer(request.id, (item.item.id,), expires=clock() + timedelta(hours=1))
        offering.offer(unit, met.b.people["custodian"], soon)
    release = met.b.release(request.id)
    met.post()
    met.a.accept(release.id)
    clock.advance(3700)
    met.post()
    assert show(met.b, release.id)["state"] == "lapsed"
    assert show(met.a, release.id)["state"] == "void"
    assert show(met.b, item.item.id)["standing"] == "held"
    with met.a.database.read("test") as unit, pytest.raises(NotFound):
        common.find_item(unit, item.item.id)
    with pytest.raises(Conflict):
        met.a.accept(release.id)


def test_nobody_accepts_twice_or_after_the_offers_end(met: World, clock: FixedClock) -> None:
    _, release = met.offered()
    met.a.accept(release.id)
    with pytest.raises(Conflict) as caught:
        met.a.accept(release.id)
    assert caught.value.code == "evidence.state"
    met.post()
    with pytest.raises(Conflict) as caught:
        met.a.accept(release.id)
    assert caught.value.code == "evidence.already-held"
    _, late = met.offered(b"another report")
    clock.advance(31 * 86_400)
    with pytest.raises(Conflict) as caught:
        met.a.accept(late.id)
    assert caught.value.code == "evidence.lapsed"


def test_the_same_receipt_again_changes_nothing(met: World) -> None:
    item, release = met.offered()
    met.a.accept(release.id)
    met.post()
    before = logged(met.b), chain(met.b, item.item.id)
    with met.a.database.unit("test.again") as unit:
        parcel = store.find_parcel(unit, release.id)
        store.update_parcel(unit, release.id, state="accepted", receipt=first_signature(parcel.receipt))
        resend(unit, met.a, release.id)
    met.post()
    assert (logged(met.b), chain(met.b, item.item.id)) == before


def first_signature(envelope: bytes) -> bytes:
    value = jcs.parse_object(envelope)
    signatures = value["signatures"]
    assert isinstance(signatures, list)
    return jcs.canonical(value | {"signatures": signatures[:1]})


def resend(unit: Unit, agency: Agency, release: str) -> None:
    parcel = store.find_parcel(unit, release)
    asked = common.find_request(unit, parcel.request)
    body: JsonObject = {"v": 1, "release": release, "outcome": "accepted"}
    told = common.message(asked, "evidence.acceptance", body, "")
    follow_up(unit, replace(told, attachments={"receipt.dsse": parcel.receipt}))


def test_two_different_persons_of_two_units_release(met: World) -> None:
    item = met.b.take_in()
    request = met.a.request()
    met.post()
    with pytest.raises(NotFound):
        met.b.release(request.id)
    met.b.offer(request.id, item.item.id)
    with pytest.raises(NotAllowed):
        met.b.release(request.id, by="custodian")
    with pytest.raises(Conflict):
        met.b.offer(request.id, item.item.id)
    with met.b.database.unit("test.widen") as unit:
        unit.connection.execute(sa.text("update access_person set unit = 'exhibits' where id = 'approver-1'"))
    with pytest.raises(Conflict) as caught:
        met.b.release(request.id)
    assert caught.value.code == "access.four-eyes"


def test_need_to_know_and_roles(met: World) -> None:
    item, release = met.offered()
    for by in ("stranger", "officer", "approver"):
        with pytest.raises(NotAllowed):
            met.a.accept(release.id, by=by)
    with met.b.database.read("test") as unit, pytest.raises(NotAllowed):
        showing.detail(unit, met.b.people["stranger"], item.item.id)
    with met.a.database.unit("test") as unit, pytest.raises(NotAllowed):
        showing.export(unit, met.a.vault, met.a.people["stranger"], release.id)


def test_an_item_on_offer_or_given_away_is_not_offered_again(met: World) -> None:
    item, release = met.offered()
    other = met.a.request()
    met.post()
    with pytest.raises(Conflict) as caught:
        met.b.offer(other.id, item.item.id)
    assert caught.value.code == "evidence.not-held"
    met.a.accept(release.id)
    met.post()
    with pytest.raises(Conflict):
        met.b.offer(other.id, item.item.id)


def test_a_withdrawn_proposal_leaves_nothing(met: World) -> None:
    item = met.b.take_in()
    request = met.a.request()
    met.post()
    proposal = met.b.offer(request.id, item.item.id)
    with met.b.database.unit("evidence.withdraw") as unit:
        assert offering.withdraw(unit, met.b.people["custodian"], proposal.id, "wrong item").state == "withdrawn"
    with pytest.raises(Conflict):
        met.b.release(proposal.id)
    assert met.b.offer(request.id, item.item.id).state == "proposed"


def test_an_event_between_offer_and_approval_needs_a_new_offer(met: World) -> None:
    item = met.b.take_in()
    request = met.a.request()
    met.post()
    met.b.offer(request.id, item.item.id)
    with met.b.database.unit("test") as unit:
        common.happened(unit, "accessed", item.item.id, common.Deed(None, "looked at"))
    with pytest.raises(Conflict) as caught:
        met.b.release(request.id)
    assert caught.value.code == "evidence.changed"


def test_an_item_given_back_continues_its_chain(met: World) -> None:
    item, release = met.offered()
    met.a.accept(release.id)
    met.post()
    back = met.b.request("XA")
    met.post()
    met.a.offer(back.id, item.item.id)
    returned = met.a.release(back.id)
    met.post()
    met.b.accept(returned.id)
    met.post()
    assert chain(met.b, item.item.id)[-2:] == [("offered", "XA"), ("accepted", "XB")]
    assert show(met.b, item.item.id)["standing"] == "held"
    assert show(met.a, item.item.id)["standing"] == "given"


def test_what_our_own_law_denies_does_not_leave(met: World) -> None:
    request = met.a.request(purpose="border_fees")
    assert request.state in {"refused", "referred"}
    assert request.reason["by"] == "XA"
    met.post()
    with met.b.database.read("test") as unit, pytest.raises(NotFound):
        common.find_request(unit, request.id)


def test_a_person_of_the_asked_agency_refuses_the_request(met: World) -> None:
    request = met.a.request()
    met.post()
    with met.b.database.unit("evidence.refuse-request") as unit:
        requesting.refuse_request(unit, met.b.people["approver"], request.id, "ongoing_case", "it would harm our case")
    met.post()
    answer = show(met.a, request.id)
    assert answer["state"] == "refused"
    assert isinstance(answer["reason"], dict)
    assert (answer["reason"]["by"], answer["reason"]["ground"]) == ("XB", "ongoing_case")


def test_a_refusal_says_no_more_than_a_refusal(met: World) -> None:
    request = met.a.request()
    met.post()
    with met.b.database.unit("test.refuse") as unit:
        known = common.find_request(unit, request.id)
        body: JsonObject = {"request": known.id, "by": "XA", "reason": "no", "padding": "p" * 10_000}
        refuse(unit, common.decided(unit, known), common.message(known, "refusal", body, ""))
    met.post()
    answer = show(met.a, request.id)
    assert isinstance(answer["reason"], dict)
    assert (answer["state"], answer["reason"]["by"], answer["reason"]["reason"]) == ("refused", "XB", "no")
    assert set(answer["reason"]) == {"by", "reason", "decision"}


def test_a_request_follows_a_hit_of_its_own_case(met: World) -> None:
    with met.a.database.unit("test.cases") as unit:
        officer = met.a.people["officer"]
        other = cases.open_case(unit, officer, NewCase("XA-2026/2", "Another case", "XA-CC-101")).id
        for case, query in ((met.a.case, QUERY), (other, OTHER)):
            found = Query(
                id=query, question=query, side="asking", partner="XB", modality="dna", case=case, ref=None,
                state="confirmed", status="hit", reason={}, conversation=query, message="", asked_at=unit.now,
                deadline=unit.now, basis={},
            )  # fmt: skip
            searches.insert_query(unit, found, {}, common.key_of(unit, case))
    with pytest.raises(Conflict) as caught:
        met.a.request(about=OTHER)
    assert (caught.value.code, caught.value.where) == ("evidence.about", OTHER)
    with met.a.database.unit("test.correct") as unit:
        searches.update_query(unit, QUERY, superseded_by=OTHER)
    with pytest.raises(Conflict) as caught:
        met.a.request(about=QUERY)
    assert caught.value.code == "evidence.superseded" and OTHER in caught.value.todo


def test_what_partners_ask_for_is_read_by_those_who_answer_and_logged(met: World) -> None:
    request = met.a.request()
    met.post()
    with met.b.database.unit("test.people") as unit:
        auditor = enrol(unit, "auditor-1", "auditor")
    for person in (auditor, met.b.people["examiner"]):
        with met.b.database.unit("test") as unit:
            with pytest.raises(NotAllowed, match=r"evidence\.view-requests"):
                showing.overview(unit, person)
            with pytest.raises(NotAllowed, match=r"evidence\.view-requests"):
                showing.detail(unit, person, request.id)
    with met.b.database.unit("test") as unit:
        assert showing.overview(unit, met.b.people["custodian"])["requests"]
        assert showing.detail(unit, met.b.people["officer"], request.id)["wanted"]
    assert logged(met.b)[-2:] == ["evidence.requests-viewed", "evidence.requests-viewed"]


def test_an_offer_that_cannot_lapse_holds_up_no_other(met: World, clock: FixedClock) -> None:
    broken, first = met.offered()
    _, second = met.offered(b"another report")
    with met.b.database.unit("test.break") as unit:
        table = store.custody_table
        unit.connection.execute(sa.delete(table).where(table.c.item == broken.item.id, table.c.seq == 1))
    clock.advance(31 * 86_400)
    with met.b.database.unit("evidence.lapse") as unit:
        assert settling.lapse(unit) == 1
    with met.b.database.read("test") as unit:
        assert [store.find_release(unit, r.id).state for r in (first, second)] == ["offered", "lapsed"]


def test_a_request_about_no_confirmed_hit_is_refused(met: World) -> None:
    with pytest.raises((Conflict, NotFound)):
        met.a.request(about="019cad00-0000-7000-8000-000000000000")
    with pytest.raises(BadInput):
        met.a.request(wanted=" ")


def test_a_package_nobody_asked_for_is_rejected(met: World) -> None:
    item = met.b.take_in()
    request = met.a.request()
    met.post()
    met.b.offer(request.id, item.item.id)
    with met.a.database.unit("test.close") as unit:
        store.update_request(unit, request.id, state="refused", reason={})
    release = met.b.release(request.id)
    met.post()
    with met.a.database.read("test") as unit:
        assert not store.parcel_exists(unit, release.id)


def test_a_package_that_changed_at_rest_is_not_accepted(met: World, tmp_path: Path) -> None:
    _, release = met.offered()
    for file in (tmp_path / "XA").rglob("*"):
        if file.is_file():
            data = bytearray(file.read_bytes())
            data[-20] ^= 1
            file.write_bytes(bytes(data))
    with pytest.raises(Tampered):
        met.a.accept(release.id)


def test_a_damaged_package_is_refused_with_a_signature(met: World) -> None:
    item, release = met.offered()
    with met.a.database.unit("test.damage") as unit:
        changed = sa.update(store.parcel_table).values(problem="data/objects/x: changed")
        unit.connection.execute(changed)
    with pytest.raises(Tampered):
        met.a.accept(release.id)
    met.a.refuse(release.id, "damaged")
    met.post()
    assert show(met.b, release.id)["state"] == "refused"
    assert chain(met.b, item.item.id)[-1] == ("returned", "XB")


def test_overview(met: World) -> None:
    met.offered()
    with met.b.database.unit("test") as unit:
        seen = showing.overview(unit, met.b.people["officer"], met.b.case)
        asked = showing.overview(unit, met.b.people["officer"])
    assert isinstance(seen["items"], list)
    assert isinstance(seen["releases"], list)
    assert isinstance(asked["requests"], list)
    assert len(seen["items"]) == len(seen["releases"]) == len(asked["requests"]) == 1
    with met.a.database.read("test") as unit:
        seen = showing.overview(unit, met.a.people["officer"], met.a.case)
    assert isinstance(seen["packages"], list)
    assert len(seen["packages"]) == 1
