"""Access tokens: what a program may do by one, until when, and how what it did is proven."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from comity.access import rules, service
from comity.access.model import AccessToken, NewPerson, TokenToIssue
from comity.access.store.tokens import access_token
from comity.base.errors import BadInput, ComityError, Conflict, NotAllowed, NotFound, Tampered, Unconfirmed
from comity.base.model import Issuer
from comity.kit.database.unit import Database
from tests.access.test_browsers import does, with_passkey
from tests.clock import FixedClock
from tests.people import CHEAP, enrol, signed_in

ASKED = TokenToIssue("laboratory", frozenset({"search.ask", "case.read"}), 30)


def refused(code: str, error: type[ComityError] = NotAllowed) -> "pytest.RaisesExc[ComityError]":
    return pytest.raises(error, check=lambda found: found.code == code)


def issued(database: Database, person: str = "officer-1", asked: TokenToIssue = ASKED) -> tuple[AccessToken, str]:
    """A token that `person`, an officer by then, has issued; and its text."""
    secret = service.new_secret()
    with database.unit("test.issue") as unit:
        issuer = enrol(unit, person, "officer") if person != "admin-1" else signed_in(unit, person)
        return service.issue_token(unit, issuer, asked, secret), secret


def system(database: Database, name: str = "lims-1", *roles: str) -> None:
    with database.unit("test.system") as unit:
        enrol(unit, "admin-1")
        new = NewPerson(name, "laboratory", frozenset(roles or ("officer",)), service.no_passphrase(), system=True)
        service.add_person(unit, new, signed_in(unit, "admin-1"), CHEAP)


def test_a_program_acts_in_the_name_of_its_person_and_it_is_proven(database: Database) -> None:
    token, secret = issued(database)
    program = service.by_token(database, secret)
    acted = does(database, program)
    assert (acted.assertion.kind, acted.assertion.key_id, acted.actor.person) == ("token", token.key_id, "officer-1")
    with database.read("test.kept") as unit:
        kept = service.find_assertion(unit, acted.auth_hash)
        officer = service.find_person(unit, "officer-1")
        service.check_kept(unit, kept, officer, acted.act)
        for person, act in ((service.find_person(unit, "admin-1"), acted.act), (officer, acted.act | {"verb": "x.y"})):
            with pytest.raises(Tampered):
                service.check_kept(unit, kept, person, act)


@pytest.mark.parametrize(
    "change",
    [{"scopes": ["log.read", "search.ask"]}, {"expires": None}, {"name": "another"}, {"public_key": bytes(32)}],
)
def test_a_token_that_was_widened_behind_the_nodes_back_proves_nothing(
    database: Database, change: dict[str, object], clock: FixedClock
) -> None:
    token, secret = issued(database)
    acted = does(database, service.by_token(database, secret))
    with database.unit("test.forge") as unit:
        values = {name: unit.now if value is None else value for name, value in change.items()}
        unit.connection.execute(access_token.update().values(**values))
        with pytest.raises(Tampered):
            kept = service.find_assertion(unit, acted.auth_hash)
            service.check_kept(unit, kept, service.find_person(unit, token.person), acted.act)


@pytest.mark.parametrize("verb", ["search.withdraw", "evidence.take-in", "search.confirm", "person.passphrase"])
def test_what_is_beyond_its_scopes_is_refused(database: Database, verb: str) -> None:
    _, secret = issued(database)
    program = service.by_token(database, secret)
    with refused("access.scope"):
        program.require(verb)
    with refused("access.scope"):
        does(database, program, verb)


@pytest.mark.parametrize("verb", sorted(rules.CONFIRMED))
def test_what_a_person_confirms_no_token_does(database: Database, verb: str) -> None:
    assert not any(verb in verbs for verbs in rules.SCOPES.values())
    with refused("access.by-hand"):
        rules.require_scope(rules.SCOPES, verb)
    with refused("access.scope-unknown", BadInput):
        rules.check_asked(replace(ASKED, scopes=frozenset({verb})))


def test_the_issuer_alone_widens_nothing(database: Database) -> None:
    _, secret = issued(database)
    program = replace(service.by_token(database, secret), scopes=("search.withdraw",))
    with refused("access.scope"):
        does(database, program, "search.withdraw")


def test_a_token_ends_by_its_day_by_revocation_and_with_its_person(database: Database, clock: FixedClock) -> None:
    first, secret = issued(database)
    program = service.by_token(database, secret)
    clock.advance(30 * 86_400)
    for late in (lambda: service.by_token(database, secret), lambda: does(database, program)):
        with refused("access.token-over"):
            late()
    second, other = issued(database, "officer-2")
    with database.unit("test.revoke") as unit:
        admin, officer = signed_in(unit, "admin-1"), signed_in(unit, "officer-1")
        with refused("access.token-none", NotFound), unit.act():
            service.revoke_token(unit, officer, second.id)
        assert service.revoke_token(unit, admin, second.id).ended_at == unit.now
        for over in (first, second):
            with refused("access.token-ended", Conflict), unit.act():
                service.revoke_token(unit, admin, over.id)
    with refused("access.token-over"):
        service.by_token(database, other)
    _, third = issued(database, "officer-3")
    with database.unit("test.leave") as unit:
        service.deactivate(unit, "officer-3", signed_in(unit, "admin-1"))
    with refused("access.token-over"):
        service.by_token(database, third)


def test_who_loses_a_passkey_loses_the_tokens(database: Database) -> None:
    _, secret = issued(database)
    with database.unit("test.recover") as unit:
        for name in ("approver-1", "approver-2"):
            service.recover(unit, enrol(unit, name, "approver"), "officer-1", "lost")
    with refused("access.token-over"):
        service.by_token(database, secret)


def test_a_system_acts_by_tokens_of_a_security_administrator_alone(database: Database) -> None:
    system(database)
    for_system = replace(ASKED, holder="lims-1")
    with database.unit("test.refused") as unit:
        officer = enrol(unit, "officer-1", "officer")
        with refused("access.role"), unit.act():
            service.issue_token(unit, officer, for_system, service.new_secret())
        admin = signed_in(unit, "admin-1")
        with refused("access.token-own"), unit.act():
            service.issue_token(unit, admin, replace(ASKED, holder="officer-1"), service.new_secret())
        with refused("access.is-system", Conflict), unit.act():
            service.link(unit, admin, "lims-1")
    with refused("access.passphrase"):
        service.enter(database, "lims-1", "whatever it may be")
    _, secret = issued(database, "admin-1", for_system)
    assert does(database, service.by_token(database, secret)).actor.person == "lims-1"


@pytest.mark.parametrize("role", ["judge", "approver", "lawyer", "security_admin", "operator"])
def test_a_system_decides_nothing(database: Database, role: str) -> None:
    with refused("access.system-role", BadInput):
        system(database, "lims-1", role)


def test_the_passkey_confirms_the_token_that_is_issued(database: Database) -> None:
    officer = with_passkey(database, "officer-1", "officer").sign_in()
    secret = service.new_secret()

    def issue(issuer: Issuer, text: str) -> AccessToken:
        with database.unit("test.issue") as unit:
            return service.issue_token(unit, issuer, ASKED, text)

    with pytest.raises(Unconfirmed) as asked:
        issue(officer.issuer(), secret)
    confirmed = officer.confirm(asked.value)
    with pytest.raises(Unconfirmed):
        issue(confirmed, service.new_secret())
    issue(confirmed, secret)
    acted = does(database, service.by_token(database, secret))
    with database.read("test.kept") as unit:
        person = service.find_person(unit, "officer-1")
        service.check_kept(unit, service.find_assertion(unit, acted.auth_hash), person, acted.act)
    with database.unit("test.again") as unit, refused("access.token-known", Conflict), unit.act():
        service.issue_token(unit, signed_in(unit, "officer-1"), ASKED, secret)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": " "}, "access.token-name"), ({"name": "x" * 101}, "access.token-name"),
        ({"name": "a\u202eb"}, "access.token-name"), ({"name": "a\nb"}, "access.token-name"),
        ({"scopes": frozenset()}, "access.scope-missing"), ({"scopes": frozenset({"*"})}, "access.scope-unknown"),
        ({"days": 0}, "access.token-days"), ({"days": 91}, "access.token-days"), ({"days": -1}, "access.token-days"),
    ],
)  # fmt: skip
def test_what_nobody_can_ask_for(change: dict[str, object], code: str) -> None:
    with refused(code, BadInput):
        rules.check_asked(replace(ASKED, **change))  # type: ignore[arg-type]  # the wrong values are the point


@pytest.mark.parametrize("text", ["", "comity_", "comity_" + "a" * 43, "x" * 10_000, "é\x00", "comity_\ud800"])
def test_no_other_text_is_a_token(database: Database, text: str) -> None:
    issued(database)
    with refused("access.token"):
        service.by_token(database, text)


def test_unknown_tokens_are_counted_and_then_put_off(
    database: Database, monkeypatch: pytest.MonkeyPatch, clock: FixedClock
) -> None:
    _, secret = issued(database)
    monkeypatch.setattr(rules, "STRANGERS_MOST", 2)
    for code in ("access.token", "access.token", "access.token", "access.token-wait", "access.token-wait"):
        with refused(code):
            service.by_token(database, service.new_secret())
    assert service.by_token(database, secret).actor.person == "officer-1"
    clock.advance(61)
    with refused("access.token"):
        service.by_token(database, service.new_secret())


def test_the_use_of_a_token_is_noted_once_a_minute(database: Database, clock: FixedClock) -> None:
    token, secret = issued(database)
    seen = []
    for _ in range(3):
        service.by_token(database, secret)
        with database.read("test.seen") as unit:
            (found,) = service.tokens(unit, service.by_token(database, secret).actor)
            seen.append(found.used_at)
        clock.advance(31)
    assert seen[0] == seen[1] != seen[2]
    assert token.used_at is None


def test_everybody_sees_their_own_and_a_security_administrator_all(database: Database) -> None:
    issued(database)
    issued(database, "officer-2")
    with database.read("test.list") as unit:
        seen = {
            name: sorted(one.person for one in service.tokens(unit, signed_in(unit, name).actor))
            for name in ("officer-1", "officer-2", "admin-1")
        }
        assert sorted(one.person for one in service.tokens(unit, None)) == seen["admin-1"] == ["officer-1", "officer-2"]
    assert (seen["officer-1"], seen["officer-2"]) == (["officer-1"], ["officer-2"])


def test_what_ended_long_ago_is_listed_no_more(database: Database, clock: FixedClock) -> None:
    issued(database)
    for seen in (1, 0):
        clock.advance((30 + rules.TOKEN_DAYS) * 86_400 - seen)
        with database.read("test.list") as unit:
            assert len(service.tokens(unit, None)) == seen
        clock.advance(-(30 + rules.TOKEN_DAYS) * 86_400 + seen)


def test_the_database_alone_signs_nothing(database: Database) -> None:
    _, secret = issued(database)
    with database.read("test.rows") as unit:
        for table in sa.inspect(unit.connection).get_table_names():
            for row in unit.connection.exec_driver_sql(f"SELECT * FROM {table}"):
                assert secret not in str(row)
