"""Witnesses as an operator meets them: no policy at first, one that asks for what nobody gives, and a broken one."""

import json
from typing import Any

from comity.app import settings
from comity.kit.codec.notes import VerifierKey
from comity.kit.crypto.signing import SigningKey
from tests.app.conftest import Line

KEY = VerifierKey("witness.invalid/w1", SigningKey.generate().public, cosigns=True).format()


def checked(line: Line) -> Any:
    return next(one for one in json.loads(line.run("doctor", "--json")[1])["checks"] if one["check"] == "witnesses")


def test_the_policy_of_a_node(line: Line) -> None:
    line.init()
    assert "witnesses: any one partner" in line.run("status")[1] and checked(line)["ok"]
    path = line.home / settings.FILE
    path.write_text(path.read_text().replace('witness_policy = ""', 'witness_policy = "policy"'))
    assert "cannot be used" in line.ask("status")["witnesses"]["fault"] and not checked(line)["ok"]
    (line.home / "policy").write_text(f"witness w1 {KEY} http://127.0.0.1:9/\nquorum w1\n")
    found = line.ask("status")["witnesses"]
    assert (found["covered"], found["late"], found["fault"]) == (0, False, "") and found["waiting_since"]
    assert "the quorum vouches for the first 0 entries; the next waits since" in line.run("status")[1]
    path.write_text(path.read_text().replace("witness_minutes = 15", "witness_minutes = 1"))
    assert "witness_minutes" in line.run("status")[2], "witnesses are asked once a minute"
    path.write_text(path.read_text().replace("witness_minutes = 1", "witness_minutes = 10080"))
    (line.home / "policy").write_text("quorum none\n")
    assert "no quorum is set" in line.run("status")[1]
