"""A message is replayed, changed or slipped in: one effect, and every other word is refused under a signature."""

import ssl
from pathlib import Path

import pytest

from comity.base.clock import system_clock
from comity.base.ids import uuid7
from comity.kit.crypto.keyring import KeyRing
from tests.attacks.victim import Victim
from tests.simulator import Hostility, Partner

pytestmark = pytest.mark.journey


def test_a_replay_gets_the_stored_receipt_and_one_entry(victim: Victim) -> None:
    body, received = victim.partner.message(victim.us, {"n": 1}), "type = 'message.received'"
    kept, logged = victim.count("exchange_inbox"), victim.count("log_entry", received)
    first, *again = (victim.partner.post(victim.us, body) for _ in range(5))
    assert first[0] == 202
    assert again == [first] * 4
    assert victim.count("exchange_inbox") == kept + 1
    assert victim.count("log_entry", received) == logged + 1


def test_other_bytes_under_a_known_id_are_refused_with_an_alarm(victim: Victim) -> None:
    header = victim.partner.header("XB")
    assert victim.post(victim.partner.message(victim.us, {"n": 1}, header=dict(header)))[0] == 202
    status, error = victim.post(victim.partner.message(victim.us, {"n": 2}, header=dict(header)))
    assert (status, error["code"]) == (409, "exchange.digest")
    assert "same-id-other-digest" in victim.alarms()
    assert f"{len(victim.alarms())} alarms" in victim.status()


def test_no_byte_can_be_changed_on_the_way(victim: Victim) -> None:
    kept = victim.count("exchange_inbox")
    body = victim.partner.message(victim.us, {"n": 3})
    for at in range(0, len(body), len(body) // 25):
        changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        status, error = victim.post(changed)
        assert 400 <= status < 500, (at, error)
        assert error["typ"] == "cx1-error"
    assert victim.count("exchange_inbox") == kept


@pytest.mark.parametrize(
    ("change", "code"), [({"from": "XC"}, "exchange.sender"), ({"to": ["XC"]}, "exchange.recipient")]
)
def test_nothing_is_taken_in_anothers_name_or_for_another(victim: Victim, change: dict[str, object], code: str) -> None:
    body = victim.partner.message(victim.us, {"n": 4}, Hostility(header=lambda h: h.update(change)))
    status, error = victim.post(body)
    assert (status, error["code"]) == (403, code)


def test_a_replay_in_another_conversation_is_another_message_and_does_not_verify(victim: Victim) -> None:
    def moved(envelope: dict[str, dict[str, object]]) -> None:
        envelope["header"]["conversation"] = uuid7(system_clock())

    status, error = victim.post(victim.partner.message(victim.us, {"n": 5}, Hostility(envelope=moved)))
    assert (status, error["code"]) == (422, "exchange.signature")


def test_a_stranger_who_has_seen_a_message_cannot_deliver_it(victim: Victim, tmp_path: Path) -> None:
    stranger = Partner(KeyRing.create(tmp_path / "stranger", "XA", system_clock), system_clock)
    entries = victim.count("log_entry")
    with pytest.raises((ssl.SSLError, ConnectionError)):
        stranger.post(victim.us, victim.partner.message(victim.us, {"n": 6}))
    assert victim.count("log_entry") == entries
