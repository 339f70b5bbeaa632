"""From the steps of a matter to its clocks: what started them, for whom they run, when what was due was done."""

from datetime import UTC, date, datetime, timedelta

import pytest

from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.legal.model import DayOff, Deadline, Lifecycle, Party, Proceeding, Step, Transition
from comity.legal.rules import coursing

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
H = timedelta(hours=1)
DECIDE = Deadline(
    "decide", "12", ("opened",), days=30, restarted_by=("completed",), suspended_by=("returned",),
    until=("agreed", "refused"), obliges="asked", working_days=True,
)  # fmt: skip
HEARING = Deadline("hearing", "24", ("opened",), fixed="hearing_day", when={"measure": ("hearing_video",)})
MACHINE = Lifecycle(
    "mla", "studied", frozenset({"over"}),
    {
        (state, event): Transition(state, event, after, human=True)
        for state, event, after in (
            ("studied", "return", "returned"), ("returned", "completed", "studied"), ("studied", "agreed", "over"),
        )
    },
    {clock.clock: clock for clock in (DECIDE, HEARING)},
)  # fmt: skip
OFF = (DayOff("XB", "monday", date(2020, 1, 1), None, "rest", "act"),)


def matter(side: Party = "asking", partner: str = "XB", facts: JsonObject | None = None) -> Proceeding:
    return Proceeding("m", "mla", "paper:1", side, partner, None, facts or {}, "studied", AT, "lawyer-1", None)


def steps(*events: str) -> tuple[Step, ...]:
    after = {"return": "returned", "completed": "studied", "agreed": "over"}
    return tuple(
        Step("m", n, "", event, after[event], "", "", "", "", (), "", AT + n * H, n)
        for n, event in enumerate(events, start=1)
    )


@pytest.mark.parametrize(
    ("side", "partner", "bound"), [("asking", "XB", "XB"), ("asked", "XB", "XA"), ("asking", "", "XA")]
)
def test_a_clock_binds_the_side_that_it_obliges_and_counts_by_its_calendar(
    side: Party, partner: str, bound: str
) -> None:
    (clock, course, who), *more = coursing.courses(MACHINE, matter(side, partner), (), {"XB": OFF}, "XA")
    assert (clock, who, more) == (DECIDE, bound, [])
    assert course.days_off == (OFF if bound == "XB" else ())
    assert course.events == {"opened": AT} and course.done is None


def test_what_happened_is_in_the_course_with_the_stays_in_each_state() -> None:
    taken = steps("return", "completed", "agreed")
    _, course, _ = coursing.courses(MACHINE, matter(), taken, {}, "XA")[0]
    assert course.events == {"opened": AT, "return": AT + H, "completed": AT + 2 * H, "agreed": AT + 3 * H}
    assert course.delays["returned"] == [(AT + H, AT + 2 * H)]
    assert course.delays["studied"] == [(AT, AT + H), (AT + 2 * H, AT + 3 * H)]
    assert course.delays["over"] == [(AT + 3 * H, None)]
    assert course.done == AT + 3 * H


def test_what_was_done_before_a_new_start_does_not_count() -> None:
    assert coursing.done(DECIDE, steps("agreed", "completed")) is None
    assert coursing.done(DECIDE, steps("completed", "agreed")) == AT + 2 * H


@pytest.mark.parametrize("said", ["2026-12-01", "2026-12-01T09:00:00Z"])
def test_a_clock_is_for_matters_with_its_facts_and_ends_when_the_act_says(said: str) -> None:
    facts: JsonObject = {"measure": "hearing_video", "hearing_day": said}
    coursing.check_facts(MACHINE, facts)
    found = {clock.clock: course for clock, course, _ in coursing.courses(MACHINE, matter(facts=facts), (), {}, "XA")}
    assert found["hearing"].fixed == said and found["decide"].fixed == ""
    facts["hearing_day"] = 7
    found = {clock.clock: course for clock, course, _ in coursing.courses(MACHINE, matter(facts=facts), (), {}, "XA")}
    assert found["hearing"].fixed == ""


@pytest.mark.parametrize("said", ["soon", "2026-02-30", "2026-12-01T25:00:00Z", "", 7, None])
def test_an_end_that_is_no_moment_is_refused(said: str | int | None) -> None:
    with pytest.raises(BadInput, match="no day and no moment"):
        coursing.check_facts(MACHINE, {"hearing_day": said})
    coursing.check_facts(MACHINE, {})
