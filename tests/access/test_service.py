"""People, sign-in, assertions and approvals on both databases."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from comity.access import rules, service, store
from comity.access.model import Acted, Approval, NewPerson
from comity.access.store import people
from comity.base.errors import BadInput, ComityError, Conflict, NotAllowed, NotFound, Tampered
from comity.base.model import Actor, Assertion, Issuer, JsonObject
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.signing import SigningKey, VerifyKey
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from tests.clock import FixedClock
from tests.people import CHEAP, PASSPHRASE, enrol, signed_in

OFFICERS = frozenset({"officer"})


def acted(unit: Unit, issuer: Issuer, roles: frozenset[str] = OFFICERS) -> Acted:
    return service.act(unit, issuer, "probe.act", {"thing": "x"}, roles)


def types(database: Database) -> list[str]:
    with database.read("probe.log") as unit:
        return [entry.type for entry in log.entries(unit)]


def refuses(code: str, call: Callable[[], object]) -> None:
    with pytest.raises(ComityError) as caught:
        call()
    assert caught.value.code == code


# --- people -------------------------------------------------------------------------------------------------------


def test_the_first_person_is_a_security_administrator_and_adds_the_others(database: Database) -> None:
    officer = NewPerson("officer-1", "homicide", OFFICERS, PASSPHRASE)
    admin = NewPerson("admin-1", "security", frozenset({"security_admin"}), PASSPHRASE)
    with database.unit("probe.people") as unit:
        refuses("access.first-person", lambda: service.add_person(unit, officer, None, CHEAP))
        service.add_person(unit, admin, None, CHEAP)
        refuses("access.admin-needed", lambda: service.add_person(unit, officer, None, CHEAP))
        added = service.add_person(unit, officer, signed_in(unit, "admin-1"), CHEAP)
        assert [person.id for person in service.people(unit)] == ["admin-1", "officer-1"]
        assert service.find_person(unit, "officer-1") == added
        issuer = signed_in(unit, "officer-1")
        refuses("access.role", lambda: service.add_person(unit, replace(officer, id="officer-2"), issuer, CHEAP))
    assert types(database) == ["person.added", "person.added"]


def test_a_name_or_key_is_never_used_twice(database: Database) -> None:
    pem = SigningKey.generate().to_pem()
    with database.unit("probe.people") as unit:
        admin = enrol(unit, "admin-1")
        one = NewPerson("officer-1", "homicide", OFFICERS, PASSPHRASE, key_pem=pem)
        service.add_person(unit, one, admin, CHEAP)
        for taken in (replace(one, key_pem=None), replace(one, id="officer-2")):
            with pytest.raises(Conflict), unit.act():
                service.add_person(unit, taken, admin, CHEAP)


def test_only_an_ed25519_key_can_be_brought(database: Database) -> None:
    with database.unit("probe.people") as unit:
        admin = enrol(unit, "admin-1")
        new = NewPerson("officer-1", "homicide", OFFICERS, PASSPHRASE, key_pem=b"-----BEGIN nonsense")
        with pytest.raises(BadInput), unit.act():
            service.add_person(unit, new, admin, CHEAP)


def test_who_has_left_acts_no_more_and_the_last_administrator_stays(database: Database) -> None:
    with database.unit("probe.people") as unit:
        officer, admin = enrol(unit, "officer-1", "officer"), enrol(unit, "admin-1")
        assert not service.deactivate(unit, "officer-1", admin).active
        refuses("access.inactive", lambda: acted(unit, officer))
        refuses("access.last-admin", lambda: service.deactivate(unit, "admin-1", admin))
        refuses("access.person-unknown", lambda: service.deactivate(unit, "nobody", admin))
    refuses("access.passphrase", lambda: service.enter(database, "officer-1", PASSPHRASE))


def test_only_a_qualified_examiner_is_qualified(database: Database) -> None:
    with database.unit("probe.people") as unit:
        enrol(unit, "examiner-1", "examiner", until=date(2026, 3, 2))
        enrol(unit, "examiner-2", "examiner", until=date(2026, 3, 1))
        enrol(unit, "examiner-3", "examiner")
        assert service.qualified(unit, "examiner-1").id == "examiner-1"
        refuses("access.not-qualified", lambda: service.qualified(unit, "examiner-2"))
        refuses("access.not-qualified", lambda: service.qualified(unit, "examiner-3"))


# --- signing in ---------------------------------------------------------------------------------------------------


def test_a_qualification_is_renewed_and_ended_by_an_administrator(database: Database) -> None:
    with database.unit("probe.people") as unit:
        admin = enrol(unit, "admin-1")
        officer = enrol(unit, "officer-1", "officer")
        enrol(unit, "examiner-1", "examiner")
        today = unit.now.date()
        refuses("access.not-qualified", lambda: service.qualified(unit, "examiner-1"))
        assert service.qualify(unit, "examiner-1", today, admin).qualified_until == today
        assert service.qualified(unit, "examiner-1").id == "examiner-1"
        service.qualify(unit, "examiner-1", today - timedelta(days=1), admin)
        refuses("access.not-qualified", lambda: service.qualified(unit, "examiner-1"))
        refuses("access.no-examiner", lambda: service.qualify(unit, "officer-1", today, admin))
        refuses("access.role", lambda: service.qualify(unit, "examiner-1", today, officer))
    assert types(database).count("person.qualified") == 2


def try_in(database: Database, passphrase: str, person: str = "officer-1") -> str:
    """Signs in as a face does; the error's code, or nothing."""
    try:
        service.enter(database, person, passphrase)
    except NotAllowed as error:
        return error.code
    return ""


def test_wrong_passphrases_are_counted_logged_and_slowed_down(database: Database, clock: FixedClock) -> None:
    with database.unit("probe.people") as unit:
        enrol(unit, "officer-1", "officer")
    assert [try_in(database, "wrong wrong wrong") for _ in range(4)] == ["access.passphrase"] * 3 + ["access.wait"]
    assert try_in(database, PASSPHRASE) == "access.wait"
    clock.advance(5)
    assert try_in(database, "wrong wrong wrong") == "access.passphrase"
    clock.advance(5)
    assert try_in(database, PASSPHRASE) == "access.wait"
    clock.advance(5)
    assert try_in(database, PASSPHRASE) == ""
    assert try_in(database, "wrong wrong wrong") == "access.passphrase"
    assert try_in(database, PASSPHRASE) == ""
    assert types(database).count("access.failed") == 5


def test_an_unknown_person_gets_the_same_answer_and_is_not_written_down(database: Database) -> None:
    with database.unit("probe.people") as unit:
        enrol(unit, "officer-1", "officer")
    assert try_in(database, PASSPHRASE, "my secret passphrase") == "access.passphrase"
    with database.read("probe.log") as unit:
        last = log.entries(unit)[-1]
        assert last.type == "access.failed"
        assert log.read_opening(unit, last.index, "subject").value == {"person": None, "failures": 1}


def test_tries_under_unknown_names_are_logged_once_a_minute_with_their_number(
    database: Database, clock: FixedClock
) -> None:
    for _ in range(5):
        assert try_in(database, PASSPHRASE, "nobody-1") == "access.passphrase"
    clock.advance(60)
    for name in ("nobody-2", "officer-1\x00"):
        assert try_in(database, PASSPHRASE, name) == "access.passphrase"
    with database.read("probe.log") as unit:
        told = [log.read_opening(unit, entry.index, "subject").value for entry in log.entries(unit)]
    assert told == [{"person": None, "failures": 1}, {"person": None, "failures": 5}]


def test_a_sign_in_waits_for_no_writer_and_writes_nothing(database: Database) -> None:
    with database.unit("probe.people") as unit:
        enrol(unit, "officer-1", "officer")
    with database.unit("probe.busy"):  # the node's only writer
        assert service.enter(database, "officer-1", PASSPHRASE).actor.person == "officer-1"
    database.sealed = True
    assert service.enter(database, "officer-1", PASSPHRASE).actor.roles == OFFICERS


def test_wrong_passphrases_at_once_are_all_counted(database: Database) -> None:
    with database.unit("probe.people") as unit:
        enrol(unit, "officer-1", "officer")
    together = threading.Barrier(3)
    codes: list[str] = []

    def guess() -> None:
        together.wait()
        codes.append(try_in(database, "wrong wrong wrong"))

    threads = [threading.Thread(target=guess) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == ["access.passphrase"] * 3
    assert try_in(database, PASSPHRASE) == "access.wait"


def test_a_changed_passphrase_opens_the_same_key(database: Database) -> None:
    new = "another twelve chars"
    with database.unit("probe.people") as unit:
        officer = enrol(unit, "officer-1", "officer")
        before = service.find_person(unit, "officer-1")
        with pytest.raises(NotAllowed), unit.act():
            service.change_passphrase(unit, officer, "wrong wrong wrong", new, CHEAP)
        with pytest.raises(BadInput), unit.act():
            service.change_passphrase(unit, officer, PASSPHRASE, "short", CHEAP)
        assert service.change_passphrase(unit, officer, PASSPHRASE, new, CHEAP) == before
    assert (try_in(database, PASSPHRASE), try_in(database, new)) == ("access.passphrase", "")


# --- acting -------------------------------------------------------------------------------------------------------


def test_an_act_is_signed_over_the_documented_bytes(database: Database) -> None:
    """The check of the module's three steps with hashlib and the public key alone."""
    with database.unit("probe.act") as unit:
        done = acted(unit, enrol(unit, "officer-1", "officer"))
        person = service.find_person(unit, "officer-1")
        assert service.find_assertion(unit, done.auth_hash) == done.assertion
    act = {"v": 1, "verb": "probe.act", "node": "XA", "person": "officer-1", "at": "2026-03-02T09:30:00.000Z",
           "subject": {"thing": "x"}}  # fmt: skip
    assert done.act == act
    assert done.act_hash == hashlib.sha256(canonical(done.act)).hexdigest()
    said = done.assertion.as_dict()
    assert done.auth_hash == hashlib.sha256(canonical(said)).hexdigest()
    signature = b64.decode(str(said.pop("signature")))
    key = VerifyKey.from_raw(person.public_key)
    assert key.verify(signature, b"comity-assertion-v1\n" + canonical({"v": 1, **said}))
    assert done.actor == Actor("XA", "officer-1", "unit-of-officer-1", OFFICERS)


def test_an_act_needs_one_of_the_roles(database: Database) -> None:
    with database.unit("probe.act") as unit:
        officer = enrol(unit, "officer-1", "officer", "lawyer")
        acted(unit, officer, frozenset({"lawyer", "judge"}))
        refuses("access.role", lambda: acted(unit, officer, frozenset({"judge"})))


def test_roles_come_from_the_node_not_from_the_issuer(database: Database) -> None:
    with database.unit("probe.act") as unit:
        officer = enrol(unit, "officer-1", "officer")
        boasting = Boaster(officer, replace(officer.actor, roles=frozenset({"judge"})))
        refuses("access.role", lambda: acted(unit, boasting, frozenset({"judge"})))
        refuses("access.inactive", lambda: acted(unit, Boaster(officer, Actor.system("XA"))))


class Boaster:
    """An issuer that claims another actor, or changes what was signed."""

    def __init__(self, honest: Issuer, actor: Actor, changes: dict[str, str] | None = None) -> None:
        self._honest, self.actor, self._changes = honest, actor, changes or {}

    def moment(self, now: datetime) -> datetime:
        return now

    def require(self, verb: str) -> None:
        pass

    def assertion(self, act: JsonObject, act_hash: str) -> Assertion:
        return replace(self._honest.assertion(act, act_hash), **self._changes)  # type: ignore[arg-type]  # also bad kinds


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "passkey"}, {"person": "judge-1"}, {"key_id": "0" * 64}, {"act_hash": "0" * 64},
        {"at": "2026-03-02T09:30:01.000Z"}, {"signature": b64.encode(bytes(64))}, {"signature": "not base64!"},
    ],
)  # fmt: skip
def test_a_changed_assertion_does_not_hold(database: Database, change: dict[str, str]) -> None:
    with database.unit("probe.act") as unit:
        officer = enrol(unit, "officer-1", "officer")
        refuses("access.assertion", lambda: acted(unit, Boaster(officer, officer.actor, change)))


def test_nobody_acts_with_anothers_key(database: Database) -> None:
    with database.unit("probe.act") as unit:
        officer, other = enrol(unit, "officer-1", "officer"), enrol(unit, "officer-2", "officer")
        refuses("access.assertion", lambda: acted(unit, Boaster(officer, other.actor)))


@pytest.mark.parametrize("raw", [bytes(32), b"\x01" + bytes(31), b"\xff" * 32, b"short"])
def test_a_key_planted_in_the_row_is_refused(database: Database, raw: bytes) -> None:
    """Small-order and non-canonical keys, for which signatures can be forged, and keys other than the enrolled one."""
    with database.unit("probe.act") as unit:
        officer = enrol(unit, "officer-1", "officer")
        key = people.access_key.c
        unit.connection.execute(sa.update(people.access_key).where(key.person == "officer-1").values(public_key=raw))
        with pytest.raises(Tampered):
            acted(unit, officer)


def test_an_unknown_assertion_is_not_found(database: Database) -> None:
    with database.read("probe.find") as unit, pytest.raises(NotFound):
        service.find_assertion(unit, "0" * 64)


# --- four eyes ----------------------------------------------------------------------------------------------------


def test_a_decision_takes_different_persons_of_different_units(database: Database) -> None:
    with database.unit("probe.approve") as unit:
        judge = enrol(unit, "judge-1", "judge", of="court")
        clerk = enrol(unit, "approver-1", "approver", of="court")
        approver = enrol(unit, "approver-2", "approver", of="ministry")
        roles = frozenset({"judge", "approver"})
        service.approve(unit, acted(unit, judge, roles), "a" * 64, "judge")
        refuses("access.four-eyes", lambda: service.approve(unit, acted(unit, judge, roles), "a" * 64, "approver"))
        refuses("access.four-eyes", lambda: service.approve(unit, acted(unit, clerk, roles), "a" * 64, "approver"))
        refuses("access.four-eyes", lambda: service.approve(unit, acted(unit, approver, roles), "a" * 64, "judge"))
        service.approve(unit, acted(unit, approver, roles), "a" * 64, "approver")
        service.approve(unit, acted(unit, judge, roles), "b" * 64, "judge")
        assert [part.slot for part in service.approvals(unit, "a" * 64)] == ["judge", "approver"]


@pytest.mark.parametrize("same", ["slot", "person", "key_id", "unit"])
def test_the_database_itself_keeps_them_apart(database: Database, same: str) -> None:
    one = Approval("t" * 64, "judge", "judge-1", "k1", "court", "h1")
    two = replace(Approval("t" * 64, "approver", "approver-1", "k2", "ministry", "h2"), **{same: getattr(one, same)})
    with database.unit("probe.approve") as unit:
        store.insert_approval(unit, one, unit.now)
        with pytest.raises(sa.exc.IntegrityError), unit.act():
            store.insert_approval(unit, two, unit.now)


def test_the_rules_know_the_statement_that_is_signed() -> None:
    assertion = Assertion("key", "officer-1", "k", "h", "t", "secret signature")
    assert "signature" not in rules.statement(assertion)
