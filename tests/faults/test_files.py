"""A file whose sender dies in the middle: what has arrived stays, and at most the chunk in the air goes once more."""

import random
from collections.abc import Callable

import pytest

from tests.faults.world import World
from tests.journeys.process import Kill
from tests.journeys.story import Story, custody, stage

pytestmark = pytest.mark.journey

CHUNK = 4 << 20
COUNT = 5
REPORT = random.Random(7).randbytes(COUNT * CHUNK - CHUNK // 2)
"""A report that makes a package of so many chunks."""


@pytest.mark.parametrize("point", ["chunk:before:2", "chunk:after:2"])
def test_a_sender_that_is_killed_in_the_middle_of_a_file_goes_on_where_it_was(
    world: Callable[..., World], point: str
) -> None:
    made = world("XA", "XB")
    story, b = Story(made.federation), made["XB"]
    story.ask()
    story.judge()
    story.take_in(REPORT)
    story.ask_for_evidence()
    b.stop()
    b.start(Kill(point))
    story.offer()
    assert b.deaths == 1
    b.stop()
    sent = [label for label in b.points if label.startswith("chunk:before:")]
    assert sent == [f"chunk:before:{n}" for n in range(COUNT)][-len(sent) :], "it goes on, and not from the beginning"
    assert len(sent) in (COUNT - 2, COUNT - 3), "the two that came before stay; the one in the air may go again"
    b.start()
    story.accept()
    assert stage(b, story.request) == "accepted"
    assert custody(made["XA"], story.request) == custody(b, story.request) == "XA"
    made.check()
