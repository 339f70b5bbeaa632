"""What a new case must have, and who may read one."""

from datetime import UTC, datetime

import pytest

from comity.access.model import Person
from comity.base.errors import BadInput, NotAllowed
from comity.cases import rules
from comity.cases.model import Case, NewCase


@pytest.mark.parametrize(
    "new",
    [
        NewCase("", "A title", "homicide"),
        NewCase("  ", "A title", "homicide"),
        NewCase("R" * 65, "A title", "homicide"),
        NewCase("XA-1 ", "A title", "homicide"),
        NewCase("XA\n1", "A title", "homicide"),
        NewCase("XA\u202e1", "A title", "homicide"),
        NewCase("XA-1", "", "homicide"),
        NewCase("XA-1", "T" * 201, "homicide"),
        NewCase("XA-1", "A title", ""),
        NewCase("XA-1", "A title", "somebody was killed"),
    ],
)
def test_an_unfit_case_is_refused(new: NewCase) -> None:
    with pytest.raises(BadInput):
        rules.check_new(new)


def test_a_fit_case_may_be_written_in_any_script() -> None:
    rules.check_new(NewCase("القضية 12/2026", "Überfall – Çarşı", "vcn:robbery/2"))


def test_only_members_read() -> None:
    case = Case(
        "id-1", "XA-1", "Secret title", "homicide", "u", ("officer-1",), datetime(2026, 3, 2, tzinfo=UTC), "open"
    )
    rules.check_readable(case, "officer-1")
    for stranger in ("officer-2", ""):
        with pytest.raises(NotAllowed) as caught:
            rules.check_readable(case, stranger)
        assert "Secret" not in str(caught.value)
        assert "XA-1" not in str(caught.value)


@pytest.mark.parametrize(
    ("role", "active", "sound"),
    [("officer", True, True), ("officer", False, False), ("operator", True, False), ("security_admin", True, False)],
)
def test_who_runs_the_node_or_has_left_cannot_be_admitted(role: str, active: bool, sound: bool) -> None:
    person = Person("p-1", "u", frozenset({role}), "k", bytes(32), None, active)
    if sound:
        rules.check_admissible(person)
    else:
        with pytest.raises(BadInput):
            rules.check_admissible(person)
