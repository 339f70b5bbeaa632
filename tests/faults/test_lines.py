"""A network that cuts, garbles, delays, loses and reorders: nothing is lost or doubled, and it mends itself.

What dies on either side, at every step of a delivery, is shown in `tests/journeys/test_kill_points.py`.
"""

from collections.abc import Callable
from typing import Final

import pytest
import sqlalchemy as sa

from tests.faults.proxy import End, Fate, Hold, cut, garble, honest, lose_answers, swallow, trickle
from tests.faults.world import World, check_operator, status
from tests.journeys.nodes import LiveNode
from tests.journeys.story import Story, custody, look, query

pytestmark = pytest.mark.journey
Start = Callable[..., World]

BAD: Final[dict[str, Callable[[], Fate]]] = {
    "reset before the first byte": lambda: cut(0, 1),
    "closed in the handshake, on the way there": lambda: cut(500, 1, end=End.FIN),
    "reset in the handshake, on the way back": lambda: cut(600, 1, forth=False),
    "reset in the message": lambda: cut(3_000, 1),
    "closed in the message": lambda: cut(6_000, 1, end=End.FIN),
    "closed in the answer": lambda: cut(2_000, 1, forth=False, end=End.FIN),
    "the answer lost": lambda: lose_answers(1),
    "a byte of the handshake changed": lambda: garble(150, 1),
    "a byte of the message changed": lambda: garble(4_000, 1),
    "a byte of the answer changed": lambda: garble(2_000, 1, forth=False),
    "slow": lambda: trickle(512, 0.002),
}


def test_wherever_a_line_breaks_the_answer_comes_once(world: Start) -> None:
    made = world("XA", "XB")
    for name, fate in BAD.items():
        before = {code: line.spoilt for code, line in made.lines.items()}
        for line in made.lines.values():
            line.becomes(fate())
        (id,) = made.ask("XB")
        assert made.answered(id, "hit") == "hit", name
        made.rest()
        if name != "slow":
            assert all(line.spoilt > before[code] for code, line in made.lines.items()), f"{name} did not happen"
    for line in made.lines.values():
        line.becomes(honest)
    made.check()
    check_operator(made["XA"], "XB", "available", "0")


def test_the_main_job_over_a_bad_line(world: Start) -> None:
    made = world("XA", "XB", fates={"XA": cut(6_000, 4), "XB": garble(4_000, 4)})
    story = Story(made.federation)
    story.tell()
    assert custody(made["XA"], story.request) == "XA"
    made.check()


def attempts(node: LiveNode) -> list[tuple[str, str, int]]:
    """Type, state and attempts of what the node sent, oldest first."""
    query = "SELECT type, state, attempts FROM exchange_outbox WHERE what = 'message' ORDER BY n"
    return look(node, lambda unit: [tuple(row) for row in unit.connection.execute(sa.text(query))])  # type: ignore[no-any-return]  # look is untyped


def test_a_message_delivered_without_an_answer_is_settled_by_the_stored_receipt(world: Start) -> None:
    made = world("XA", "XB", patience=2.0)
    made.rest()
    made.lines["XB"].becomes(lose_answers(3))
    (id,) = made.ask("XB")
    made.answered(id, "hit")
    made.rest()
    assert made.lines["XB"].spoilt >= 3, "it was delivered again and again"
    ((kind, state, count), *_) = attempts(made["XA"])
    assert (kind, state) == ("search.query", "handled")
    carried = made.lines["XB"].connections
    made.check()
    assert ("search.query", "handled", count) in attempts(made["XA"]), "no retries of what is settled"
    assert made.lines["XB"].connections <= carried + 2, "only the look at the logs"


def test_an_answer_later_than_the_time_out(world: Start) -> None:
    made = world("XA", "XB", patience=1.0)
    made.rest()
    held = Hold(forth=False)
    made.lines["XB"].becomes(held)
    (id,) = made.ask("XB")
    made.until(lambda: made.stand("XA", "XB").reason == "exchange.timeout", "XA gives up waiting")
    check_operator(made["XA"], "XB", "exchange.timeout")
    assert status(made["XA"], "XB")["available"] is False
    held.release()
    made.answered(id, "hit")
    made.check()
    check_operator(made["XA"], "XB", "available", "0")


def test_an_answer_that_overtakes_the_receipt_for_its_question(world: Start) -> None:
    made = world("XA", "XB")
    made.rest()
    held = Hold(forth=False)
    made.lines["XB"].becomes(held)
    (id,) = made.ask("XB")
    made.answered(id, "hit")
    assert attempts(made["XA"])[-1][1] == "queued", "not even accepted yet, as far as XA knows"
    assert made.stand("XA", "XB").available
    held.release()
    made.until(lambda: attempts(made["XA"])[-1][1] == "handled", "the receipts are sorted out")
    made.check()


def test_a_dead_partner_slows_nobody_else_and_is_served_when_it_answers_again(world: Start) -> None:
    made = world("XA", "XB", "XC", patience=1.0)
    made.rest()
    made.lines["XC"].becomes(swallow)
    (first,) = made.ask("XC")
    for _ in range(8):
        (id,) = made.ask("XB")
        assert made.answered(id, "hit") == "hit"
        assert made.status(first) in ("pending", "unavailable"), "and never no-hit"
    made.until(lambda: not made.stand("XA", "XC").available, "XC counts as away")
    check_operator(made["XA"], "XC", "exchange.timeout")
    check_operator(made["XA"], "XB", "available")
    assert query(made["XA"], first).reason["reason"] == "exchange.timeout"
    made.lines["XC"].becomes(honest)
    assert made.answered(first, "near_match"), "nobody had to do anything"
    made.check()
    check_operator(made["XA"], "XC", "available", "0")
