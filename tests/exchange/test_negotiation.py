"""Versions and capabilities: the highest common version, never a silent downgrade, no member that costs the others."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput, Conflict
from comity.base.model import Json, JsonObject
from comity.exchange import cli, rules, service
from comity.exchange.model import Versions
from comity.exchange.service.members import read_entry
from comity.exchange.store import sent
from comity.exchange.wire.directory import member_dict
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from comity.kit.vault.blobs import Vault
from tests.exchange.federation import entry, federation, send_query
from tests.faces import Line, desk_over

Make = Callable[[str], Database]
Capture = pytest.CaptureFixture[str]
ranges = st.tuples(st.integers(1, 9), st.integers(1, 9)).map(lambda ends: (min(ends), max(ends)))


@given(ranges, ranges)
def test_the_highest_version_that_both_speak_is_taken(ours: Versions, theirs: Versions) -> None:
    both = set(range(ours[0], ours[1] + 1)) & set(range(theirs[0], theirs[1] + 1))
    assert rules.common_version(ours, theirs) == (max(both) if both else None)
    assert rules.common_version(ours, theirs) == rules.common_version(theirs, ours)
    assert rules.common_version(ours, ours) == ours[1]


def test_an_entry_is_read_whatever_its_member_speaks(keyring: Callable[[str], KeyRing]) -> None:
    made = entry(keyring("XB"))
    for low, high in ((1, 1), (1, 2), (2, 3), (7, 7)):
        assert read_entry("XB", canonical(made | {"versions": [low, high]})).versions == (low, high)
    wrong: list[Any] = [[], [1], [0, 1], [2, 1], [True, True], ["1", "1"], [1, 2, 3], None, [1, 2**40]]
    for versions in wrong:
        with pytest.raises(BadInput):
            read_entry("XB", canonical(made | {"versions": versions}))


def test_capabilities_that_nobody_knows_are_kept_and_ignored(keyring: Callable[[str], KeyRing]) -> None:
    made = entry(keyring("XB"))
    assert made["capabilities"] == ["batch", "files", "items"]
    told: JsonObject = {"capabilities": ["files", "telepathy", "files", 7, "No Code"]}
    found = read_entry("XB", canonical(made | told))
    assert found.capabilities == ("files", "telepathy")
    assert read_entry("XB", canonical(member_dict(found))) == found
    for bad in ("files", list[Json](map(str, range(300)))):
        with pytest.raises(BadInput):
            read_entry("XB", canonical(made | {"capabilities": bad}))


def test_an_entry_of_the_first_release_has_the_capabilities_of_that_release(keyring: Callable[[str], KeyRing]) -> None:
    first = {name: value for name, value in entry(keyring("XB")).items() if name != "capabilities"}
    assert read_entry("XB", canonical(first)).capabilities == ("batch", "files")


def test_a_future_member_is_kept_and_the_others_go_on(make_database: Make, tmp_path: Path, capsys: Capture) -> None:
    with federation(make_database, ("XA", "XB", "XC"), listening=("XB", "XC")) as world:
        a = world.nodes["XA"]
        world.publish(told={"XB": {"versions": [2, 3]}, "XC": {"versions": [1, 2]}})
        with pytest.raises(Conflict, match="XB speaks versions 2 to 3, this node version 1") as caught:
            send_query(a.station, "XB")
        assert caught.value.code == "exchange.version"
        message = send_query(a.station, "XC")
        service.deliver_due(a.station)
        with a.database.read("test") as unit:
            assert service.sent(unit, message).deliveries[0].state == "accepted"
            assert not sent.open_rows(unit, "XB", "queued"), "nothing is owed to it"
            future, next_one = service.partners(unit)
        assert (future.version, future.barred) == (None, "no common version: it speaks 2 to 3")
        assert (next_one.version, next_one.barred, next_one.capabilities) == (1, "", ("batch", "files", "items"))
        assert [report.partner for report in service.verify_partners(a.station)] == ["XC"]
        line = Line("exchange", cli.partners_command(lambda: desk_over(a.database, tmp_path), dict), capsys)
        _, out, _ = line.run("exchange", "partners")
        assert "no common version" in out and "batch files" in out and "CAPABILITIES" in out
        _, out, _ = line.run("exchange", "partners", "--json")
        assert [(p["versions"], p["version"]) for p in json.loads(out)] == [([2, 3], None), ([1, 2], 1)]


def test_what_was_owed_waits_until_the_partner_speaks_our_version_again(make_database: Make) -> None:
    with federation(make_database, listening=("XB",)) as world:
        a = world.nodes["XA"]
        message = send_query(a.station, "XB")
        world.publish(told={"XB": {"versions": [2, 2]}})
        service.deliver_due(a.station)
        with a.database.read("test") as unit:
            stands = service.sent(unit, message).deliveries[0]
        assert (stands.state, stands.reason) == ("waiting", "exchange.version")
        world.publish(told={"XB": {"versions": [1, 2]}})
        with a.database.unit("test") as unit:
            service.retry(unit, "XB")
        service.deliver_due(a.station)
        with a.database.read("test") as unit:
            assert service.sent(unit, message).deliveries[0].state == "accepted"


@pytest.mark.parametrize(("type", "lacks"), [("search.batch", "batch"), ("search.query", "files")])
def test_nobody_is_sent_what_it_does_not_announce(make_database: Make, tmp_path: Path, type: str, lacks: str) -> None:
    with federation(make_database) as world:
        a = world.nodes["XA"]
        world.publish(told={"XB": {"capabilities": list[Json]({"batch", "files", "later"} - {lacks})}})
        files: tuple[Any, ...] = ()
        if lacks == "files":
            vault, key = Vault(tmp_path / "vault"), a.database.keys.data_key("test")
            with a.database.unit("test.file") as unit:
                ref = vault.put(unit, b"content", key)
            files = (service.prepare(a.database, vault, ("a.bin", ref), key),)
        with pytest.raises(Conflict, match=lacks) as caught:
            send_query(a.station, "XB", type=type, files=files)
        assert caught.value.code == "exchange.capability"
        with a.database.read("test") as unit:
            assert not service.takes(unit, "XB", lacks) and service.takes(unit, "XB", "later")
