"""A partner shows one history of its log to us and another to somebody else, or to us a day later."""

import pytest

from comity.exchange import service as exchange
from tests.attacks.victim import Victim
from tests.journeys.story import look
from tests.simulator import SimulatedLog

pytestmark = pytest.mark.journey


def submission(log: SimulatedLog) -> bytes:
    """A first checkpoint, handed in to be cosigned (C2SP tlog-witness)."""
    return f"old 0\n\n{log.note()}".encode()


def test_two_heads_of_one_size_are_refused_with_422_an_alarm_and_a_freeze(victim: Victim) -> None:
    partner = victim.partner
    assert victim.post(partner.message(victim.us, {"n": 1}))[0] == 202
    assert "FROZEN" not in victim.status()
    partner.log = SimulatedLog(partner.keys)
    partner.log.append({"told": "another history"}, partner.now())
    status, error = victim.post(submission(partner.log), "/cx/1/log/add-checkpoint")
    assert (status, error["typ"]) == (422, "cx1-error")
    assert victim.alarms() == ["two-histories"]
    assert "FROZEN" in victim.status()
    inbox = victim.count("exchange_inbox")
    status, error = victim.post(partner.message(victim.us, {"n": 2}))
    assert (status, error["code"]) == (403, "exchange.frozen")
    assert victim.count("exchange_inbox") == inbox
    assert victim.alarms() == ["two-histories"], "what is known adds no further alarm"
    both_notes_are_kept(victim)


def both_notes_are_kept(victim: Victim) -> None:
    """The evidence: what the partner signed now, and what it signed before."""
    (alarm,) = look(victim.node, exchange.alarms)
    first = "comity.invalid/XA/log\n1\n"
    assert alarm.detail["note"].startswith(first)
    assert [note for note in alarm.detail["kept"] if note.startswith(first) and note != alarm.detail["note"]]
