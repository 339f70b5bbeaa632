"""Passkeys, sessions and confirmed acts, with an authenticator in software that answers as a browser does."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from comity.access import rules, service
from comity.access.model import Acted
from comity.access.store import screens
from comity.base.errors import ComityError, Conflict, NotAllowed, Tampered, Unavailable, Unconfirmed
from comity.base.model import Issuer, JsonObject
from comity.kit.crypto.passkeys import Site
from comity.kit.database.unit import Database
from tests.authenticator import Authenticator
from tests.clock import FixedClock
from tests.people import enrol, signed_in

SITE = Site.at("http://xa.localhost:8440")
OFFICERS = frozenset({"officer", "security_admin", "approver"})


@dataclass
class AtBrowser:
    """A person with a passkey and an open session."""

    database: Database
    person: str
    key: Authenticator
    token: str = ""

    def sign_in(self) -> "AtBrowser":
        """Open a session with the passkey."""
        with self.database.unit("test.begin") as unit:
            made = service.begin_entering(unit, SITE)
        answer = (made.ceremony, self.key.get(made.options))
        session, self.token = service.enter_at_browser(self.database, SITE, made.token, answer)
        assert session.person == self.person
        return self

    def issuer(self) -> service.SessionIssuer:
        """The person, resumed."""
        return service.resume(self.database, self.token)

    def confirm(self, act: Unconfirmed) -> service.SessionIssuer:
        """The person, having confirmed that act."""
        with self.database.unit("test.ask") as unit:
            made, options = service.ask_to_confirm(unit, SITE, self.person, act.act)
        with self.database.read("test.confirmed") as unit:
            answer = (made.id, self.key.get(options))
            return replace(self.issuer(), confirmed=service.confirmed(unit, SITE, self.person, answer))


def with_passkey(database: Database, person: str, *roles: str) -> AtBrowser:
    """A new person who has made a passkey with a link from the security administrator."""
    with database.unit("test.link") as unit:
        enrol(unit, person, *roles)
        token = service.link(unit, signed_in(unit, "admin-1"), person)
    return made_with(database, person, token)


def made_with(database: Database, person: str, token: str) -> AtBrowser:
    key = Authenticator(SITE.origin)
    with database.unit("test.enrol") as unit:
        ceremony, options = service.ask_to_enrol(unit, SITE, token)
        service.enrol(unit, SITE, token, (ceremony.id, key.create(options)))
    return AtBrowser(database, person, key)


def does(database: Database, issuer: Issuer, verb: str = "search.ask", about: str = "x") -> Acted:
    with database.unit("test.act") as unit:
        return service.act(unit, issuer, verb, {"about": about}, OFFICERS)


def refused(code: str, error: type[ComityError] = NotAllowed) -> "pytest.RaisesExc[ComityError]":
    return pytest.raises(error, check=lambda found: found.code == code)


def test_a_passkey_opens_a_session_whose_key_signs(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    acted = does(database, officer.issuer())
    assert (acted.assertion.kind, acted.actor.person) == ("session", "officer-1")
    with database.read("test.kept") as unit:
        kept = service.find_assertion(unit, acted.auth_hash)
        service.check_kept(unit, kept, service.find_person(unit, "officer-1"), acted.act)
        with pytest.raises(Tampered):
            service.check_kept(unit, kept, service.find_person(unit, "admin-1"), acted.act)
        with pytest.raises(Tampered):
            service.check_kept(unit, kept, service.find_person(unit, "officer-1"), acted.act | {"verb": "search.open"})


def test_the_session_rests_on_the_passkey(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    key_id = does(database, officer.issuer()).assertion.key_id
    with database.read("test.chain") as unit:
        session = screens.session(unit, key_id=key_id)
        assert session is not None
        by = session.opened_by
        assert isinstance(by["act"], dict) and by["act"]["subject"] == {"key": session.public_key.hex()}
        (passkey,) = screens.passkeys(unit, "officer-1")
        assert by["passkey"] == passkey.key_id


def test_an_act_to_be_confirmed_is_signed_by_the_passkey_once(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    with pytest.raises(Unconfirmed) as asked:
        does(database, officer.issuer(), "evidence.release")
    confirmed = officer.confirm(asked.value)
    acted = does(database, confirmed, "evidence.release")
    assert acted.assertion.kind == "passkey"
    with database.read("test.kept") as unit:
        kept = service.find_assertion(unit, acted.auth_hash)
        service.check_kept(unit, kept, service.find_person(unit, "officer-1"), acted.act)
        with pytest.raises(Tampered):
            service.check_kept(unit, kept, service.find_person(unit, "officer-1"), acted.act | {"subject": {}})
    with refused("access.used", Conflict):
        does(database, confirmed, "evidence.release")


def test_what_was_confirmed_is_what_is_done(database: Database, clock: FixedClock) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    with pytest.raises(Unconfirmed) as asked:
        does(database, officer.issuer(), "evidence.release", "one")
    confirmed = officer.confirm(asked.value)
    with pytest.raises(Unconfirmed):
        does(database, confirmed, "evidence.release", "another")
    clock.advance(rules.CEREMONY.total_seconds() + 1)
    with refused("access.used", Conflict):
        does(database, confirmed, "evidence.release", "one")


def test_another_persons_passkey_confirms_nothing(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    other = with_passkey(database, "approver-1", "approver").sign_in()
    with pytest.raises(Unconfirmed) as asked:
        does(database, officer.issuer(), "evidence.release")
    with database.unit("test.ask") as unit:
        made, options = service.ask_to_confirm(unit, SITE, "officer-1", asked.value.act)
    with database.read("test.confirmed") as unit:
        for person in ("officer-1", "approver-1"):
            with pytest.raises((NotAllowed, Conflict)):
                service.confirmed(unit, SITE, person, (made.id, other.key.get(options)))


@pytest.mark.parametrize("flaw", ["origin", "unverified", "other challenge", "unknown", "garbage", "replay"])
def test_an_answer_that_does_not_hold_opens_nothing(database: Database, flaw: str) -> None:
    officer = with_passkey(database, "officer-1", "officer")
    with database.unit("test.begin") as unit:
        made = service.begin_entering(unit, SITE)
        other = service.begin_entering(unit, SITE)
    key = officer.key
    if flaw == "origin":
        key.origin = "http://xa.localhost.evil.example:8440"
    elif flaw == "unverified":
        key.verifies = False
    elif flaw == "unknown":
        key = Authenticator(SITE.origin, credential=b"of nobody here")
    body = b"{}" if flaw == "garbage" else key.get(other.options if flaw == "other challenge" else made.options)
    if flaw == "replay":
        service.enter_at_browser(database, SITE, made.token, (made.ceremony, body))
    with pytest.raises((NotAllowed, Conflict)):
        service.enter_at_browser(database, SITE, made.token, (made.ceremony, body))
    with database.read("test.none") as unit:
        found = unit.connection.execute(sa.select(sa.func.count()).select_from(screens.access_session)).scalar_one()
        assert found == (1 if flaw == "replay" else 0)


def test_a_session_ends_when_idle_old_left_or_swept(database: Database, clock: FixedClock) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    issuer = officer.issuer()
    clock.advance(rules.IDLE.total_seconds())
    with refused("access.session"):
        officer.issuer()
    with refused("access.session"):
        does(database, issuer)
    officer.sign_in()
    for _ in range(int(rules.LONGEST / timedelta(minutes=9))):
        clock.advance(9 * 60)
        officer.issuer()
    clock.advance(9 * 60)
    with refused("access.session"):
        officer.issuer()
    officer.sign_in()
    with database.unit("test.leave") as unit:
        service.leave(unit, officer.token)
        service.leave(unit, officer.token)
    with refused("access.session"):
        officer.issuer()
    with database.unit("test.sweep") as unit:
        service.sweep_sessions(unit)
    with database.read("test.gone") as unit:
        kept = unit.connection.execute(sa.select(screens.access_session.c.sealed)).scalars().all()
        assert kept and not any(kept)


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "é" * 20])
def test_no_other_token_is_a_session(database: Database, token: str) -> None:
    with_passkey(database, "officer-1", "officer").sign_in()
    with refused("access.session"):
        service.resume(database, token)


def test_who_leaves_is_out_at_once(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    issuer = officer.issuer()
    with database.unit("test.leave") as unit:
        service.deactivate(unit, "officer-1", signed_in(unit, "admin-1"))
    with refused("access.session"):
        officer.issuer()
    with refused("access.inactive"):
        does(database, issuer)
    with refused("access.passkey-unknown"):
        officer.sign_in()


def test_a_link_is_for_one_passkey_and_one_day(database: Database, clock: FixedClock) -> None:
    with database.unit("test.link") as unit:
        enrol(unit, "officer-1", "officer")
        admin = signed_in(unit, "admin-1")
        earlier, token = (service.link(unit, admin, "officer-1") for _ in range(2))
        for gone in (earlier, "nothing", ""):
            with refused("access.link"):
                service.ask_to_enrol(unit, SITE, gone)
        first, options = service.ask_to_enrol(unit, SITE, token)
        second, others = service.ask_to_enrol(unit, SITE, token)
        service.enrol(unit, SITE, token, (first.id, Authenticator(SITE.origin).create(options)))
        with refused("access.link"):
            service.enrol(unit, SITE, token, (second.id, Authenticator(SITE.origin).create(others)))
        with refused("access.has-passkey", Conflict):
            service.link(unit, admin, "officer-1")
        enrol(unit, "officer-2", "officer")
        late = service.link(unit, admin, "officer-2")
    clock.advance(rules.LINK.total_seconds())
    with database.read("test.late") as unit, refused("access.link"):
        service.opened_link(unit, late)


def test_only_a_verified_user_makes_a_passkey(database: Database) -> None:
    with database.unit("test.link") as unit:
        enrol(unit, "officer-1", "officer")
        token = service.link(unit, signed_in(unit, "admin-1"), "officer-1")
        for flawed in (Authenticator(SITE.origin, verifies=False), Authenticator("http://evil.example")):
            made, options = service.ask_to_enrol(unit, SITE, token)
            with refused("access.passkey"), unit.act():
                service.enrol(unit, SITE, token, (made.id, flawed.create(options)))
        assert service.holders(unit) == frozenset()


def test_two_others_replace_a_lost_passkey(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    with database.unit("test.recover") as unit:
        first, second = enrol(unit, "approver-1", "approver"), enrol(unit, "approver-2", "approver")
        colleague = enrol(unit, "approver-3", "approver", of="unit-of-approver-1")
        assert service.recover(unit, first, "officer-1", "lost") is None
        for same in (first, colleague):
            with refused("access.four-eyes", Conflict), unit.act():
                service.recover(unit, same, "officer-1", "lost")
        token = service.recover(unit, second, "officer-1", "lost")
        assert token is not None
    with refused("access.session"):
        officer.issuer()
    with refused("access.passkey-unknown"):
        officer.sign_in()
    again = made_with(database, "officer-1", token).sign_in()
    assert does(database, again.issuer()).actor.person == "officer-1"


def test_nobody_replaces_their_own(database: Database) -> None:
    with database.unit("test.recover") as unit:
        approver = enrol(unit, "approver-1", "approver")
        with refused("access.own-recovery"):
            service.recover(unit, approver, "approver-1", "lost")


def test_a_visitor_confirms_by_the_session(database: Database) -> None:
    with database.unit("test.visit") as unit:
        enrol(unit, "officer-1", "officer")
        session, token = service.visit(unit, service.issue_link(unit, "officer-1", "visit"))
        assert session.person == "officer-1"
        wrong = service.issue_link(unit, "officer-1", "first")
        with refused("access.link"):
            service.visit(unit, wrong)
    assert does(database, service.resume(database, token), "evidence.release").assertion.kind == "session"


def test_a_session_of_a_passkey_signs_no_act_to_be_confirmed(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    with pytest.raises(Unconfirmed):
        does(database, replace(officer.issuer(), visiting=True), "evidence.release")


def test_ceremonies_are_bounded(database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MANY", 3)
    with database.unit("test.begin") as unit:
        for _ in range(3):
            service.begin_entering(unit, SITE)
        with pytest.raises(Unavailable):
            service.begin_entering(unit, SITE)
    clock.advance(rules.CEREMONY.total_seconds())
    with database.unit("test.begin") as unit:
        service.begin_entering(unit, SITE)


def test_the_database_alone_signs_nothing(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    with database.read("test.rows") as unit:
        for table in (screens.access_session, screens.access_link, screens.access_ceremony):
            for row in unit.connection.execute(table.select()):
                assert officer.token not in str(row)


def test_a_confirmation_whose_signature_does_not_hold_does_nothing(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    with pytest.raises(Unconfirmed) as asked:
        does(database, officer.issuer(), "evidence.release")
    officer.key.verifies = False
    with refused("access.passkey"):
        does(database, officer.confirm(asked.value), "evidence.release")
    officer.key.verifies, officer.key.origin = True, "http://xa.localhost:1"
    with refused("access.passkey"):
        officer.confirm(asked.value)


def test_a_session_that_no_passkey_opened_proves_nothing(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    acted = does(database, officer.issuer())
    with database.unit("test.forge") as unit:
        person = service.find_person(unit, "officer-1")
        service.check_kept(unit, acted.assertion, person, acted.act)
        row = unit.connection.execute(sa.select(screens.access_session.c.opened_by)).scalar_one()
        forgeries: list[JsonObject] = [row | {"nonce": "00" * 32}, row | {"passkey": "0" * 64}, row | {"act": {}}, {}]
        for forged in forgeries:
            unit.connection.execute(screens.access_session.update().values(opened_by=forged))
            with pytest.raises(Tampered):
                service.check_kept(unit, acted.assertion, person, acted.act)
