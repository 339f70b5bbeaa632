"""The thread of a near match: two laboratories tell each other what they found, and neither moves the other."""

from typing import Any

import pytest

from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.base.model import JsonObject
from comity.search import service
from comity.search.service.noting import MOST_NOTES
from tests.search.world import Agency, World

HELD = "TH01 typed twice: 6, 7"


def told(agency: Agency, query: str, person: str = "examiner-1") -> list[Any]:
    """The notes as a person sees them: (node, person, finding, words)."""
    notes = agency.sees(query, person)["notes"]
    return [(note["node"], note["person"], note["finding"], note["words"]) for note in notes]


def test_two_laboratories_tell_each_other_what_they_found(corvia: World) -> None:
    query = corvia.near()
    corvia.a.does("examiner-1", service.note, query, "asks", "Please look at TH01.")
    corvia.post()
    corvia.c.does("examiner-1", service.note, query, "typing_holds", HELD)
    corvia.post()
    assert told(corvia.a, query) == [
        ("XA", "examiner-1", "asks", "Please look at TH01."), ("XC", "", "typing_holds", HELD),
    ]  # fmt: skip
    assert told(corvia.c, query) == [
        ("XA", "", "asks", "Please look at TH01."), ("XC", "examiner-1", "typing_holds", HELD),
    ]  # fmt: skip
    assert corvia.a.where(query) == corvia.c.where(query) == ("both_laboratories", "near_match")
    assert "search.noted" in corvia.a.logged() and "search.noted_abroad" in corvia.a.logged()
    corvia.a.check()


def test_the_same_note_again_is_that_note(corvia: World) -> None:
    query = corvia.near()
    made = [corvia.a.does("examiner-1", service.note, query, "asks", "Please look.") for _ in range(2)]
    corvia.post()
    assert made[0] == made[1] and len(told(corvia.c, query)) == 1


@pytest.mark.parametrize(
    ("person", "finding", "words", "code"),
    [
        ("officer-1", "asks", "x", "access.role"), ("examiner-1", "guess", "x", "search.finding"),
        ("examiner-1", "asks", " ", "search.note"), ("examiner-1", "asks", "x" * 2001, "search.note"),
    ],
)  # fmt: skip
def test_what_is_no_note(corvia: World, person: str, finding: str, words: str, code: str) -> None:
    query = corvia.near()
    with pytest.raises((BadInput, NotAllowed)) as caught:
        corvia.a.does(person, service.note, query, finding, words)
    assert caught.value.code == code
    assert told(corvia.a, query) == [] and "search.noted" not in corvia.a.logged()


def test_notes_are_about_near_matches(two: World) -> None:
    hit = two.hit()
    with pytest.raises(Conflict) as caught:
        two.a.does("examiner-1", service.note, hit, "asks", "x")
    assert caught.value.code == "search.state"
    sent = two.b.forge(two.b.query(hit), "search.note", {"v": 1, "query": hit, "finding": "asks", "words": "x"})
    two.post()
    assert two.b.fate(sent).reason == "search.no-near-match"


def test_notes_are_written_while_it_is_open(corvia: World) -> None:
    near = corvia.near()
    corvia.a.does("examiner-1", service.near_match_explained, near, "a relative")
    with pytest.raises(Conflict):
        corvia.a.does("examiner-1", service.note, near, "asks", "x")
    corvia.c.does("examiner-1", service.note, near, "typing_wrong", "ours was wrong")
    corvia.post()
    assert told(corvia.a, near)[-1][2] == "typing_wrong", "what comes after the end is kept all the same"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"finding": "guess"}, "search.finding"), ({"finding": 7}, "search.body"), ({"words": ""}, "search.body"),
        ({"words": "x" * 2001}, "search.body"), ({"words": None}, "search.body"),
    ],
)  # fmt: skip
def test_a_partners_note_is_checked(corvia: World, change: JsonObject, code: str) -> None:
    query = corvia.near()
    body: JsonObject = {"v": 1, "query": query, "finding": "asks", "words": "x"}
    sent = corvia.c.forge(corvia.c.query(query), "search.note", body | change)
    corvia.post()
    assert (corvia.c.fate(sent).state, corvia.c.fate(sent).reason) == ("rejected", code)
    assert told(corvia.a, query) == []


def test_notes_fill_no_disk(corvia: World) -> None:
    near = corvia.near()
    for n in range(MOST_NOTES):
        corvia.c.does("examiner-1", service.note, near, "asks", f"note {n}")
    with pytest.raises(Conflict) as caught:
        corvia.c.does("examiner-1", service.note, near, "asks", "one more")
    assert caught.value.code == "search.notes"


def test_an_erased_case_keeps_no_words(corvia: World) -> None:
    query = corvia.near()
    corvia.a.does("examiner-1", service.note, query, "relative", "a brother")
    with corvia.a.database.unit("test.forget") as unit:
        service.forget(unit, corvia.a.case)
    assert [one[3] for one in told(corvia.a, query)] == [""]
