"""Custody chains under generated histories: what may follow what, and that no tampering goes unnoticed."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.errors import Conflict
from comity.evidence import rules
from comity.evidence.model.package import EVENT_TYPES, Digest, Link, Seal
from comity.evidence.wire import custody
from comity.kit.crypto.signing import SigningKey
from tests.evidence.scene import KEY_A, KEY_B, event

AGENCIES: dict[str, SigningKey] = {"XA": KEY_A, "XB": KEY_B}
STEPS = st.lists(st.tuples(st.sampled_from(EVENT_TYPES), st.sampled_from(sorted(AGENCIES))), max_size=12)


def history(steps: list[tuple[str, str]]) -> tuple[Link, ...]:
    """The chain of those steps that the rules let happen."""
    links: tuple[Link, ...] = custody_start()
    for type, agency in steps:
        other = "XB" if agency == "XA" else "XA"
        draft = event(type, agency=agency, to=other if type == "offered" else "")
        try:
            links = (*links, custody.sign(rules.next_event(links, draft), AGENCIES[agency]))
        except Conflict:
            continue
    return links


def custody_start() -> tuple[Link, ...]:
    return (custody.sign(rules.next_event((), event("collected")), KEY_B),)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_whatever_the_rules_allow_makes_a_sound_chain(steps: list[tuple[str, str]]) -> None:
    links = history(steps)
    assert rules.chain_problems(links) == []
    chains = {links[0].event.item: links}
    assert custody.read_lines(custody.write_lines(chains), "custody") == chains


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_the_holder_changes_by_acceptance_alone(steps: list[tuple[str, str]]) -> None:
    here = rules.Position()
    for link in history(steps):
        then = rules.after(here, link.event)
        if then.holder != here.holder and here.state != "none":
            assert link.event.type == "accepted"
            assert link.event.agency == here.offered_to == then.holder
        here = then


@settings(max_examples=150, deadline=None)
@given(STEPS, st.data())
def test_no_event_can_be_dropped_moved_or_rewritten(steps: list[tuple[str, str]], data: st.DataObject) -> None:
    links = history(steps)
    at = data.draw(st.integers(0, len(links) - 1))
    rewritten = custody.sign(replace(links[at].event, purpose="another"), KEY_B)
    for changed in (
        links[:at] + links[at + 1 :] if at + 1 < len(links) else (),
        (*links[:at], rewritten, *links[at + 1 :]) if at + 1 < len(links) else (),
        (*links[:at], links[at], *links[at:]),
        (*reversed(links),) if len(links) > 1 else (),
    ):
        assert rules.chain_problems(changed), at


@settings(max_examples=50, deadline=None)
@given(STEPS)
def test_a_cut_tail_shows_only_against_the_pinned_head(steps: list[tuple[str, str]]) -> None:
    links = history(steps)
    if len(links) > 1:
        assert rules.chain_problems(links[:-1]) == []
        assert rules.head_of(links[:-1]) != rules.head_of(links)


@pytest.mark.parametrize(
    ("steps", "state", "holder"),
    [
        ([("offered", "XB")], "offered", "XB"),
        ([("offered", "XB"), ("accepted", "XA")], "held", "XA"),
        ([("offered", "XB"), ("refused", "XA")], "held", "XB"),
        ([("offered", "XB"), ("returned", "XB")], "held", "XB"),
        ([("offered", "XB"), ("accepted", "XA"), ("accepted", "XA")], "held", "XA"),
        ([("offered", "XB"), ("returned", "XB"), ("accepted", "XA")], "held", "XB"),
        ([("offered", "XB"), ("copied", "XB"), ("offered", "XB")], "offered", "XB"),
        ([("offered", "XB"), ("accepted", "XA"), ("offered", "XA"), ("accepted", "XB")], "held", "XB"),
        ([("destroyed", "XB"), ("copied", "XB"), ("offered", "XB")], "destroyed", "XB"),
        ([("destroyed", "XA"), ("offered", "XA"), ("accepted", "XA")], "held", "XB"),
    ],
)
def test_where_an_item_stands(steps: list[tuple[str, str]], state: str, holder: str) -> None:
    here = rules.position(link.event for link in history(steps))
    assert (here.state, here.holder) == (state, holder)


def test_times_of_one_agency_do_not_run_backwards() -> None:
    links = custody_start()
    late = custody.sign(rules.next_event(links, event("sealed", recorded="2026-03-01T00:00:00.000Z")), KEY_B)
    assert any("recorded before" in text for text in rules.chain_problems((*links, late)))
    naive = custody.sign(rules.next_event(links, event("sealed", claimed="2026-03-02T09:31:00")), KEY_B)
    assert any("zone" in text for text in rules.chain_problems((*links, naive)))


def test_the_seal_is_the_tree_of_rfc_6962() -> None:
    # Leaf and node prefixes by hand for two leaves; order and repetition do not matter.
    one, two = "11" * 32, "22" * 32
    leaf = [rules.seal([digest]).root for digest in (one, two)]
    expected = hashlib.sha256(b"\x01" + bytes.fromhex(leaf[0]) + bytes.fromhex(leaf[1])).hexdigest()
    assert rules.seal([two, one, two]) == Seal(expected, 2)


def test_media_and_container_hash_are_two_things() -> None:
    container, other = Digest("11" * 32, 5), Digest("22" * 32, 9)
    assert rules.settled_media(container, "raw", None) == (container, "")
    assert rules.settled_media(container, "raw", other)[1]
    assert rules.settled_media(container, "ewf", other) == (other, "")
    assert rules.settled_media(container, "ewf", None) == (None, "")


@pytest.mark.parametrize("table", [rules.RELEASE_STEPS, rules.PARCEL_STEPS])
def test_no_step_leads_nowhere(table: dict[str, dict[str, str]]) -> None:
    for steps in table.values():
        assert set(steps.values()) <= set(table)


def test_an_answer_after_the_end_is_a_conflict() -> None:
    with pytest.raises(Conflict) as caught:
        rules.step(rules.RELEASE_STEPS, "accepted", "accept", "release")
    assert caught.value.code == "evidence.already-accepted"
