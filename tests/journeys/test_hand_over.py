"""Custody moves only on the receiver's own re-hash and both signatures; a refusal leaves it where it was (check 18)."""

from collections.abc import Callable

import pytest

from comity.evidence import service as evidence
from comity.kit.codec import zips
from tests.journeys.federation import Federation
from tests.journeys.pictures import check_sound
from tests.journeys.story import Story, custody, look, rest, stage
from tests.journeys.test_search_abroad import fails

pytestmark = pytest.mark.journey


@pytest.fixture
def story(federation: Callable[..., Federation]) -> Story:
    """The story up to the package's arrival at XA."""
    story = Story(federation("XA", "XB"))
    story.ask()
    story.judge()
    story.take_in()
    story.ask_for_evidence()
    story.offer()
    return story


def test_custody_moves_when_both_have_signed(story: Story) -> None:
    a, b = story.a, story.b
    assert custody(a, story.request) == custody(b, story.request) == "XB", "received is not accepted"
    assert fails(a, "officer-1", f"/evidence/{story.request}/acceptance").status == 403
    story.accept()
    assert custody(a, story.request) == custody(b, story.request) == "XA"
    assert fails(a, "examiner-1", f"/evidence/{story.request}/acceptance").status == 409, "accepted before"
    assert fails(b, "custodian-1", f"/evidence/requests/{story.request}/offer", {"items": [story.item]}).status == 409
    check_sound(story.federation)


def test_the_package_verifies_without_either_node(story: Story) -> None:
    story.accept()
    package = story.a.get("examiner-1", f"/evidence/{story.request}/package")
    receipt = story.a.ask("examiner-1", "GET", f"/evidence/{story.request}/receipt")
    assert evidence.verify(package, None, None, []).exit_code == 2, "integrity alone"
    files = zips.read_stored_zip(package)
    assert len(files) > 3
    broken = bytearray(package)
    broken[len(broken) // 2] ^= 1
    assert evidence.verify(bytes(broken), None, None, []).exit_code == 1
    assert receipt


def test_a_refused_package_stays_where_it_was_and_is_released_anew(story: Story) -> None:
    a, b = story.a, story.b
    a.post("examiner-1", f"/evidence/{story.request}/refusal", {"reason": "the wrong report"})
    story.settle(lambda: stage(b, story.request) in ("open", "refused"), "the refusal is there")
    rest(story.federation)
    standing = "SELECT standing FROM evidence_item"
    assert look(b, lambda unit: unit.connection.exec_driver_sql(standing).scalar()) == "held"
    assert custody(b, story.item) == "XB"
    b.post("custodian-1", f"/evidence/requests/{story.request}/offer", {"items": [story.item]})
    b.post("approver-1", f"/evidence/{story.request}/release")
    story.settle(lambda: stage(a, story.request) == "received", "the second package is there")
    story.accept()
    assert custody(a, story.request) == custody(b, story.request) == "XA"
    check_sound(story.federation)
