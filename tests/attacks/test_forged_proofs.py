"""A partner sends proofs that are forged, misshapen or meant to tire the reader; corpora are in the rooms' tests."""

from typing import Any

import pytest

from comity.kit.codec import b64
from tests.attacks.victim import Victim
from tests.simulator import Hostility

pytestmark = pytest.mark.journey
HASH = b64.encode(b"\7" * 32)


def rewritten(change: Any) -> Hostility:
    """A proof whose tlog-proof text, in lines, was changed."""

    def apply(proof: dict[str, Any]) -> None:
        head, _, note = proof["tlog_proof"].partition("\n\n")
        proof["tlog_proof"] = "\n".join(change(head.split("\n"))) + "\n\n" + note

    return Hostility(proof=apply)


FORGED = {
    "a hash too many": rewritten(lambda lines: [*lines, HASH]),
    "sixty-four hashes": rewritten(lambda lines: lines[:2] + [HASH] * 64),
    "a million hashes": rewritten(lambda lines: lines[:2] + [HASH] * 20_000),
    "a short hash": rewritten(lambda lines: [*lines, b64.encode(b"\7" * 31)]),
    "base64 in another spelling": rewritten(lambda lines: [*lines, HASH[:-2] + "d="]),
    "another index": rewritten(lambda lines: [lines[0], "index 7000000", *lines[2:]]),
    "a number in another spelling": rewritten(lambda lines: [lines[0], "index 00", *lines[2:]]),
    "no checkpoint": Hostility(proof=lambda p: p.update(tlog_proof="c2sp.org/tlog-proof@v1\nindex 0\n\n")),
    "another entry": Hostility(proof=lambda p: p.update(entry=p["entry"].replace("message.sent", "message.lost"))),
    "an opening of something else": Hostility(proof=lambda p: p["opening"]["payload"].update(value={"kind": "sent"})),
    "nothing": Hostility(proof=lambda p: p.clear()),
    "a checkpoint that nobody signed": Hostility(
        proof=lambda p: p.update(tlog_proof=p["tlog_proof"].rsplit("\n", 2)[0] + "\n")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_no_forged_proof_is_taken(victim: Victim, name: str) -> None:
    kept = victim.count("exchange_inbox")
    status, error = victim.post(victim.partner.message(victim.us, {"n": 1}, FORGED[name]))
    assert (status in (400, 422), error["code"]) == (True, "exchange.proof")
    assert victim.count("exchange_inbox") == kept


def test_an_honest_one_is_taken_afterwards(victim: Victim) -> None:
    assert victim.post(victim.partner.message(victim.us, {"n": 2}))[0] == 202
