"""Signing in through an identity provider: a real one over HTTP, and what a hostile one or a hostile browser tries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from comity.access import rules, service
from comity.access.model import Federated, NewPerson
from comity.access.service import provider as providers
from comity.access.store import screens
from comity.app import officers, operating
from comity.app.settings import Settings, check
from comity.app.wiring import create_node
from comity.base.errors import (
    BadInput,
    ComityError,
    Conflict,
    Misconfigured,
    NotAllowed,
    Tampered,
    Unavailable,
    Unconfirmed,
)
from comity.kit.database.unit import Database
from comity.kit.web.servers import serve_in_thread
from tests import provider as simulated
from tests.access.test_browsers import SITE, does, refused, with_passkey
from tests.clock import FixedClock
from tests.people import CHEAP, PASSPHRASE, enrol, signed_in
from tests.provider import SECRET, ECKey, Provider, rsa_key, signed

ORIGIN = SITE.origin


@dataclass
class World:
    """A node's database, the provider, and the node's view of it."""

    database: Database
    there: Provider
    here: service.Provider
    clock: FixedClock

    def go(self) -> tuple[str, dict[str, str]]:
        """Begin, and sign in there: the browser's token, and what it comes back with."""
        token, address = service.begin_federated(self.database, self.here, ORIGIN)
        return token, self.there.authorise(address)

    def back(self, token: str, said: dict[str, str]) -> service.SessionIssuer:
        _, opened = service.enter_federated(self.database, self.here, ORIGIN, (token, said))
        return service.resume(self.database, opened)

    def enter(self) -> service.SessionIssuer:
        return self.back(*self.go())

    def sessions(self) -> int:
        with self.database.read("test.count") as unit:
            found = unit.connection.execute(sa.select(sa.func.count()).select_from(screens.access_session))
            return int(found.scalar_one())


@pytest.fixture
def world(database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[World]:
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    with database.unit("test.people") as unit:
        enrol(unit, "officer-1", "officer")
    with simulated.running(Provider(clock=clock)) as there:
        about = Federated(there.issuer, there.client, "comity", str(secret), ("high",), ("hwk",))
        yield World(database, there, service.Provider(about), clock)


def test_the_provider_opens_a_session_whose_key_signs(world: World) -> None:
    issuer = world.enter()
    assert (issuer.actor.person, issuer.visiting) == ("officer-1", False)
    acted = does(world.database, issuer)
    assert acted.assertion.kind == "session"
    with world.database.read("test.kept") as unit:
        person = service.find_person(unit, "officer-1")
        service.check_kept(unit, service.find_assertion(unit, acted.auth_hash), person, acted.act)
    world.there.keys = []  # the provider's keys may change: the one that vouched is kept
    with world.database.read("test.kept") as unit:
        service.check_kept(unit, service.find_assertion(unit, acted.auth_hash), person, acted.act)


@pytest.mark.parametrize("flaw", ["key", "nonce", "token", "claim", "person"])
def test_a_session_that_no_id_token_names_proves_nothing(world: World, flaw: str) -> None:
    acted = does(world.database, world.enter())
    with world.database.unit("test.forge") as unit:
        enrol(unit, "officer-2", "officer")
        found = screens.session(unit, key_id=acted.assertion.key_id)
        assert found is not None
        by: Any = found.opened_by
        forged = signed({"nonce": "x", "comity": "officer-1"}, rsa_key())
        word: Any = by["oidc"]
        changes: dict[str, Any] = {
            "key": {"oidc": {**word, "key": rsa_key("other").as_dict(private=False)}}, "nonce": {"nonce": "00" * 32},
            "token": {"oidc": {**word, "id_token": forged}}, "claim": {"claim": "sub"}, "person": {},
        }  # fmt: skip
        by |= changes[flaw]
        values = {"opened_by": by, "person": "officer-2" if flaw == "person" else "officer-1"}
        unit.connection.execute(screens.access_session.update().values(**values))
        kept = service.find_assertion(unit, acted.auth_hash)
        with pytest.raises(Tampered):
            service.check_kept(unit, kept, service.find_person(unit, values["person"]), acted.act)


def test_what_must_be_confirmed_takes_the_passkey(world: World) -> None:
    issuer = world.enter()
    with pytest.raises(Unconfirmed) as asked:
        does(world.database, issuer, "evidence.release")
    with world.database.unit("test.ask") as unit, refused("access.no-passkey"):
        service.ask_to_confirm(unit, SITE, "officer-1", asked.value.act)
    world.there.person = "approver-1"
    key = with_passkey(world.database, "approver-1", "approver").key
    opened = world.enter()
    with pytest.raises(Unconfirmed) as asked:
        does(world.database, opened, "evidence.release")
    with world.database.unit("test.ask") as unit:
        made, options = service.ask_to_confirm(unit, SITE, "approver-1", asked.value.act)
    with world.database.read("test.confirmed") as unit:
        given = service.confirmed(unit, SITE, "approver-1", (made.id, key.get(options)))
    assert does(world.database, replace(opened, confirmed=given), "evidence.release").assertion.kind == "passkey"


def test_it_ends_as_any_session(world: World) -> None:
    issuer = world.enter()
    world.clock.advance(rules.IDLE.total_seconds())
    with refused("access.session"):
        does(world.database, issuer)


# --- hostile browsers ------------------------------------------------------------------------------------------------


def test_an_answer_opens_one_session_in_the_browser_that_began(world: World) -> None:
    token, said = world.go()
    other, others = world.go()
    with refused("access.session"):
        world.back(other, said)
    with refused("access.used", Conflict):
        world.back(token, said)
    world.back(other, others)
    with refused("access.used", Conflict):
        world.back(other, others)
    assert world.sessions() == 1


@pytest.mark.parametrize(
    "change", [{"state": "x"}, {"state": ""}, {"code": "x"}, {"code": ""}, {"code": "c" * 5000}, {"iss": "http://evil"},
               {"error": "access_denied", "code": ""}],
    ids=str,
)  # fmt: skip
def test_what_the_provider_never_said(world: World, change: dict[str, str]) -> None:
    token, said = world.go()
    with pytest.raises((NotAllowed, Conflict)):
        world.back(token, said | change)
    assert world.sessions() == 0


def test_another_sign_ins_code_is_of_no_use(world: World) -> None:
    """A code that was stolen, or pushed into this browser: PKCE and nonce belong to the browser that began."""
    token, said = world.go()
    _, others = world.go()
    with refused("access.federated"):
        world.back(token, said | {"code": others["code"]})


def test_it_takes_ten_minutes_at_most(world: World) -> None:
    token, said = world.go()
    world.clock.advance(rules.FEDERATED.total_seconds())
    with refused("access.used", Conflict):
        world.back(token, said)


# --- hostile providers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"nonce": "another"}, "codec.id-token"), ({"iss": "http://evil.example"}, "codec.id-token"),
        ({"aud": "another"}, "codec.id-token"), ({"exp": 1}, "codec.id-token"), ({"iat": 1}, "codec.id-token"),
        ({"acr": "low"}, "codec.id-token"), ({"amr": ["pwd"]}, "codec.id-token"),
        ({"comity": "nobody"}, "access.federated-unknown"), ({"comity": None}, "access.federated-unknown"),
        ({"comity": ["officer-1"]}, "access.federated-unknown"), ({"comity": "x" * 9000}, "access.federated-unknown"),
        ({"comity": "lims-1"}, "access.federated-unknown"), ({"comity": "gone-1"}, "access.federated-unknown"),
    ],
    ids=str,
)  # fmt: skip
def test_a_word_that_does_not_hold(world: World, claims: dict[str, Any], code: str) -> None:
    with world.database.unit("test.people") as unit:
        admin = signed_in(unit, "admin-1")
        lims = NewPerson("lims-1", "lab", frozenset({"officer"}), service.no_passphrase(), system=True)
        service.add_person(unit, lims, admin, CHEAP)
        enrol(unit, "gone-1", "officer")
        service.deactivate(unit, "gone-1", admin)
    world.there.claims = claims
    with pytest.raises((NotAllowed, Tampered)) as found:
        world.enter()
    assert found.value.code == code
    assert world.sessions() == 0


def test_a_token_of_another_sign_in_is_not_taken_again(world: World) -> None:
    kept: list[str] = []

    def remembered(claims: dict[str, Any]) -> str:
        kept.append(signed(claims, rsa_key()))
        return kept[0]

    world.there.token = remembered
    world.enter()
    with refused("codec.id-token", Tampered):
        world.enter()


def test_a_new_key_is_fetched_once_and_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.enter()
    world.enter()
    assert world.there.asked.count("/jwks_uri") == 1
    assert world.there.asked.count(providers.DISCOVERY) == 1
    world.there.key, world.there.keys, world.there.alg = key_pair()
    with refused("codec.id-token", Tampered):
        world.enter()
    assert world.there.asked.count("/jwks_uri") == 1, "no more than once a minute"
    monkeypatch.setattr(providers, "AGAIN", 0.0)
    world.enter()
    assert world.there.asked.count("/jwks_uri") == 2


def key_pair() -> tuple[Any, list[Any], str]:
    key = ECKey.generate_key("P-256", {"kid": "e2"})
    return key, [rsa_key(), key], "ES256"


@pytest.mark.parametrize(
    ("about", "error"),
    [
        ({"issuer": "http://127.0.0.1:1"}, Misconfigured), ({"token_endpoint": "http://evil.example/"}, Misconfigured),
        ({"jwks_uri": "file:///etc/passwd"}, Misconfigured), ({"authorization_endpoint": None}, Misconfigured),
        ({"authorization_endpoint": "javascript:alert(1)"}, Misconfigured), ({"more": "x" * 300_000}, Unavailable),
        ({"token_endpoint": "https://127.0.0.1.evil.example@evil.example"}, Misconfigured),
    ],
)  # fmt: skip
def test_what_it_says_of_itself_is_checked(world: World, about: dict[str, Any], error: type[ComityError]) -> None:
    world.there.about = about
    with pytest.raises(error):
        world.go()


@pytest.mark.parametrize("status", [302, 400, 500])
def test_an_answer_that_is_none(world: World, status: int) -> None:
    world.there.status = status
    with pytest.raises((NotAllowed, Unavailable)):
        world.enter()


def test_a_provider_that_is_away(world: World) -> None:
    away = service.Provider(replace(world.here.settings, issuer="http://127.0.0.1:9"))
    with refused("access.federated-away", Unavailable):
        service.begin_federated(world.database, away, ORIGIN)


def test_the_secret_is_read_by_its_owner_alone(world: World) -> None:
    Path(world.here.settings.secret_file).chmod(0o644)
    with refused("access.federated-settings", Misconfigured):
        world.enter()
    world.there.about = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    Path(world.here.settings.secret_file).chmod(0o600)
    posting = replace(world, here=service.Provider(world.here.settings))
    assert posting.enter().actor.person == "officer-1"


# --- settings, and at a browser --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change", [{"oidc_issuer": "http://id.example"}, {"oidc_issuer": "id.example"}, {"oidc_client": ""},
               {"oidc_claim": ""},
               {"oidc_issuer": ""}, {"oidc_acr": "a\nb"}, {"oidc_issuer": "https://id.example?x"}],
    ids=str,
)  # fmt: skip
def test_settings_that_cannot_be(tmp_path: Path, change: dict[str, Any]) -> None:
    good: dict[str, Any] = {
        "oidc_issuer": "https://id.example/realm",
        "oidc_client": "comity-xa",
        "oidc_claim": "comity",
    }
    sound = replace(Settings(tmp_path, "XA", "Agency"), **good)
    check(sound)
    assert Settings(tmp_path, "XA", "Agency").federated is None
    with pytest.raises(BadInput):
        check(replace(sound, **change))


def test_there_and_back_at_a_browser(tmp_path: Path) -> None:
    with simulated.running(Provider()) as there:
        (tmp_path / "home").parent.mkdir(exist_ok=True)
        settings = Settings(tmp_path / "home", "XA", "Agency")
        made = operating.init(settings, operating.FirstPerson("admin-1", "s", PASSPHRASE))
        with made.database.unit("test.people") as unit:
            enrol(unit, "officer-1", "officer")
        secret = tmp_path / "home" / "oidc"
        secret.touch(mode=0o600)
        secret.write_text(SECRET, encoding="utf-8")
        made.close()
        node = create_node(replace(settings, oidc_issuer=there.issuer, oidc_client=there.client, oidc_claim="comity",
                                   oidc_secret_file="oidc"))  # fmt: skip
        server = serve_in_thread(officers.application(node), "127.0.0.1", 0)
        headers = {"Accept": "text/html"}
        with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, headers=headers) as browser:
            at_a_browser(browser, there)
        server.stop()
        node.close()


def at_a_browser(browser: httpx.Client, there: Provider) -> None:
    assert 'action="/enter/federated"' in browser.get("/enter?next=/admin").text
    sent = browser.post("/enter/federated", data={"token": "", "next": "/admin?x=1"})
    assert sent.status_code == 200
    began = sent.headers["set-cookie"]
    assert "SameSite=lax" in began and "HttpOnly" in began and "Secure" in began
    address = sent.headers["refresh"].removeprefix("0; url=")
    assert address.startswith(f"{there.issuer}/authorization_endpoint?")
    cookie = {"Cookie": began.partition(";")[0], "Sec-Fetch-Site": "cross-site"}
    back = browser.get("/enter/federated", params=there.authorise(address), headers=cookie)
    assert back.status_code == 200, back.text
    assert back.headers["refresh"] == "0; url=/admin?x=1"
    (session,) = (one for one in back.headers.get_list("set-cookie") if one.startswith("__Host-comity="))
    assert "SameSite=strict" in session
    page = browser.get("/admin", headers={"Cookie": session.partition(";")[0]})
    assert page.status_code == 200 and "officer-1" in page.text
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}):
        answer = browser.post("/enter/federated", data={"next": "//evil.example"}, headers=headers)
        assert answer.status_code == (403 if headers else 200)
    denied = browser.get("/enter/federated", params={"error": "access_denied", "state": "x"}, headers=cookie)
    assert denied.status_code in (403, 409)
    assert not re.search(r"__Host-comity=\w", str(denied.headers))


def test_without_a_provider_there_is_no_button(tmp_path: Path) -> None:
    node = operating.init(Settings(tmp_path / "home", "XA", "A"), operating.FirstPerson("admin-1", "s", PASSPHRASE))
    server = serve_in_thread(officers.application(node), "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as browser:
        assert 'action="/enter/federated"' not in browser.get("/enter").text
        assert browser.post("/enter/federated", data={"next": "/"}).status_code == 404
    server.stop()
    node.close()
