"""Somebody looks out of curiosity: without a need to know, without a basis, too often; and the auditor sees it all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.conftest import Line
from tests.journeys.federation import Scene, copied

CASE, THEFT = "XA-2026-0117", "XA-2026-0118"


@pytest.fixture
def curious(line: Line, scene: Scene, tmp_path: Path) -> Iterator[Line]:
    """XA with an officer whom no case concerns, an auditor, and a lawyer who may limit searches."""
    with copied(scene, tmp_path, ("XA", "XB")) as made:
        yield staffed(line.at(made["XA"].home))


def staffed(furnished: Line) -> Line:
    """The node with these people added."""
    for person, role in (("officer-2", "officer"), ("auditor-1", "auditor"), ("lawyer-1", "lawyer")):
        furnished.ask("person", "add", person, "--unit", f"unit-of-{person}", "--role", role, "--as", "admin-1")
    return furnished


def feed(line: Line, after: int) -> list[dict[str, Any]]:
    """What the data-protection officer reads: everything since entry `after`, without opening anything."""
    found: list[dict[str, Any]] = line.ask("log", "show", "--after", str(after), "--limit", "1000")
    return found


def test_every_reading_has_an_entry_and_a_stranger_reads_nothing(curious: Line) -> None:
    last = feed(curious, -1)[-1]["index"]
    assert curious.ask("case", "show", CASE, "--as", "officer-1")["reference"] == CASE
    assert curious.fails("case", "show", CASE, "--as", "officer-2") == (2, "cases.unknown")
    assert [entry["type"] for entry in feed(curious, last)] == ["case.shown", "act.refused"]
    refused = feed(curious, last)[1]["index"]
    opened = curious.ask(
        "log", "show", "--entry", str(refused), "--open", "actor", "--as", "auditor-1", "--reason", "yearly check"
    )
    assert opened["actor"]["value"]["person"] == "officer-2"
    assert feed(curious, refused)[-1]["type"] == "log.opened", "who opens is seen, too"
    assert curious.fails(
        "log", "show", "--entry", str(refused), "--open", "actor", "--as", "officer-2", "--reason", "curious"
    )[0] == 3  # fmt: skip


def ask(scene: Scene, person: str, case: str = CASE) -> tuple[str, ...]:
    """The command with which a person asks XB."""
    return ("search", "ask", "--case", case, "--profile", scene.profile, "--to", "XB", "--yes", "--as", person)


def test_a_search_needs_a_case_of_ones_own_and_a_basis_for_it(curious: Line, scene: Scene) -> None:
    assert curious.fails(*ask(scene, "officer-2")) == (2, "cases.unknown")
    assert curious.fails(*ask(scene, "officer-1", "no such case"))[0] == 2
    (refused,) = curious.ask(*ask(scene, "officer-1", THEFT))["queries"]
    assert refused["status"] == "refused", "of a theft the law tells nothing"
    assert "search.asked" in {entry["type"] for entry in feed(curious, -1)}, "and the attempt is on record"


def test_a_quota_trips_and_the_attempt_is_told(curious: Line, scene: Scene) -> None:
    quota = ("outgoing", "person", "officer-1", "--measure", "hit_no_hit", "--per-day", "1", "--then", "refuse")
    curious.ask("legal", "quota", "set", *quota, "--as", "lawyer-1")
    last = feed(curious, -1)[-1]["index"]
    (first,) = curious.ask(*ask(scene, "officer-1"))["queries"]
    (second,) = curious.ask(*ask(scene, "officer-1"))["queries"]
    assert (first["status"], second["status"]) == ("pending", "refused")
    (used,) = curious.ask("legal", "quota", "list")
    assert (used["name"], used["used"], used["per_day"]) == ("officer-1", 1, 1)
    types = [entry["type"] for entry in feed(curious, last)]
    assert types.count("message.sent") == 1
    assert types.count("search.asked") == 2, "both attempts, one message"
