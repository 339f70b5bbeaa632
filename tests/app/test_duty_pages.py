"""The duty desk at a browser: planned, handed over, taken over, alarms seen; what is wrong is said in the form."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from comity.base.clock import system_clock
from comity.exchange.service.heads import raise_alarm
from tests.app.visitors import Office, office


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with office(tmp_path_factory.mktemp("duty") / "home") as made:
        for person, role, of in (
            ("officer-1", "officer", "desk"), ("officer-2", "officer", "desk"), ("officer-3", "officer", "elsewhere"),
            ("operator-1", "operator", "desk"),
        ):  # fmt: skip
            made.enrol(person, role, of=of)
        yield made


def at(hours: float) -> str:
    """A time as a browser's field sends it, in UTC."""
    return f"{system_clock() + timedelta(hours=hours):%Y-%m-%dT%H:%M}"


def test_a_day_at_the_desk(there: Office) -> None:
    one, two, other = (there.visitor(f"officer-{n}") for n in (1, 2, 3))
    assert "Nobody of your unit is on duty now." in one.text("/duty")
    assert "not on duty" in one.refused("/duty/notes", 409, text="kept <b>words</b>", id="")
    assert "kept <b>words</b>" in one.refused("/duty/notes", 409, text="kept <b>words</b>", id="")
    assert one.done("/duty/shifts", person="officer-1", begins=at(-0.5), ends=at(7)) == "/duty"
    assert "on duty already" in two.refused("/duty/shifts", 409, person="officer-1", begins=at(1), ends=at(2))
    assert "cannot be on duty" in two.refused("/duty/shifts", 400, person="officer-3", begins=at(1), ends=at(2))
    assert "no day and time" in two.refused("/duty/shifts", 400, person="officer-2", begins="soon", ends=at(2))
    two.done("/duty/shifts", person="officer-2", begins=at(7), ends=at(12))
    page = one.text("/duty")
    assert "On duty now:" in page and "officer-2" in page
    (cancel,) = re.findall(r'action="(/duty/shifts/[^"]+/cancellation)"', page)
    assert other.send(cancel).status_code == 404
    one.done(cancel)
    assert one.send(cancel).status_code == 409 and "called off" in one.text("/duty")
    fresh = re.search(r'name="id" value="([^"]+)"', page)
    assert fresh
    for _ in range(2):  # a double click
        one.done("/duty/notes", text="<script>alert(1)</script> \u202etsud", id=fresh[1])
    page = two.text("/duty")
    assert page.count("I have read this") == 1 and "<script>alert" not in page
    (take,) = re.findall(r'action="(/duty/notes/[^"]+/taking-over)"', page)
    assert "/taking-over" not in one.text("/duty") and other.send(take).status_code == 404
    assert one.send(take).status_code == 409
    two.done(take)
    assert two.send(take).status_code == 409 and "taken over" in one.text("/duty")
    assert "No shift of your unit is over yet" in one.text("/duty/past?before=none")
    assert one.send("/duty/shifts", "forged", person="officer-1").status_code == 403


def test_alarms_are_seen(there: Office) -> None:
    with there.node.database.unit("test.alarm") as unit:
        alarm = raise_alarm(unit, "inconsistent-log", "XB", {})
    operator = there.visitor("operator-1")
    page = operator.text("/duty")
    assert f"/duty/alarms/{alarm}" in page and "nobody" in page and "Hand over to" not in page
    assert "Say in 1 to" in operator.refused(f"/duty/alarms/{alarm}", 400, note="")
    operator.done(f"/duty/alarms/{alarm}", note="rang XB")
    assert operator.send(f"/duty/alarms/{alarm}", note="rang XB").status_code == 409
    assert 'value="xxxx' in there.visitor("officer-1").refused(f"/duty/alarms/{alarm}", 400, note="x" * 2001)
    page = operator.text("/duty")
    assert "rang XB" in page and f"/duty/alarms/{alarm}" not in page
    assert operator.send("/duty/alarms/none", note="rang XB").status_code == 404
