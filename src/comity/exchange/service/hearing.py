"""Asking others how far this node's own log was: before it signs anything, and before it goes on in another epoch.

A partner that holds a larger signed checkpoint of this log than the node itself is the proof that the database went
back in time: whatever it signed now would be a second history. The node is sealed then.
"""

from contextlib import closing
from dataclasses import replace
from typing import Final

from comity.base.errors import BadInput, ComityError, Misconfigured, Tampered, Unavailable
from comity.base.model import JsonObject
from comity.exchange.model import HeadReport, Hearing, Holding, Member, Outsider, Pace, Submission
from comity.exchange.service.directory import reachable
from comity.exchange.service.lines import Line, ask_each
from comity.exchange.service.posting import Post, post
from comity.exchange.service.quorum import outsiders
from comity.exchange.service.station import Station
from comity.exchange.service.witnessing import SHOWN
from comity.exchange.wire.fields import bad, listing
from comity.exchange.wire.witness import LINES_TYPE, parse_size, submission_body
from comity.kit.codec.jcs import parse_object
from comity.kit.database.unit import Unit
from comity.log import service as log

_PATIENCE: Final = 5.0
"""Seconds that a silent partner may hold up this node's start."""

_MOST: Final = 32
"""Notes of two histories that are looked at."""

_Heard = tuple[str, Holding | None, str]
"""Who was asked, what it holds (None: nothing), and why it could not be asked."""


def check_standing(station: Station) -> list[HeadReport]:
    """Ask every partner for the largest checkpoint of our own log that it holds, and whether ours extends it.

    Where one does not, the node is sealed. A partner that is away, or says what our log's key has not signed, proves
    nothing: it is reported, not ok.
    """
    return [_judged(station, *heard) for heard in _ask_partners(station)]


def hear(station: Station) -> Hearing:
    """The same, asked of the neutral witnesses of the node's policy, too; nothing is sealed. Raises nothing.

    A neutral witness tells only a size, by refusing a checkpoint that it holds already or is behind.
    """
    found = [*_ask_partners(station), *_ask_neutral(station)]
    return Hearing(
        tuple(holding for _, holding, _ in found if holding is not None),
        tuple((code, why) for code, _, why in found if why),
    )


def _judged(station: Station, code: str, holding: Holding | None, why: str) -> HeadReport:
    if why:
        return HeadReport(code, False, 0, 0, f"not asked: {why}")
    if holding is None:
        return HeadReport(code, True, 0, 0, "holds no checkpoint of this log")
    if holding.beyond:
        what = f"{code} holds a checkpoint of {holding.size} entries that this log does not extend: {holding.beyond}"
        station.seal(what)
        return HeadReport(code, False, holding.size, 1, what)
    return HeadReport(code, True, holding.size, 1, f"holds our checkpoint of {holding.size} entries")


def _ask_partners(station: Station) -> list[_Heard]:
    with station.database.read("exchange.standing") as unit:
        try:
            partners = reachable(unit)
        except Misconfigured:  # no directory yet: nobody can hold anything
            partners = []
    return ask_each(partners, lambda one: _ask_partner(station, one))


def _ask_partner(station: Station, one: Member) -> _Heard:
    pace = replace(station.pace, response=min(station.pace.response, _PATIENCE))
    try:
        with closing(Line(station.database.keys, pace)) as line:
            _, answer = line.request(one, "GET", SHOWN)
        notes = _notes(parse_object(answer, where=one.code))
        with station.database.read("exchange.standing") as unit:
            found = [_compared(unit, one.code, note) for note in notes]
        return one.code, next((held for held in found if held.beyond), found[0] if found else None), ""
    except (Unavailable, BadInput, Tampered) as error:
        return one.code, None, error.what


def _notes(answer: JsonObject) -> list[str]:
    """The largest checkpoint that the partner holds, and those of two histories that it was shown."""
    note, others = answer.get("checkpoint"), listing(answer.get("contradicted", []), "answer", "contradicted", _MOST)
    notes = [one for one in (note, *others) if one is not None]
    if not all(isinstance(one, str) for one in notes):
        raise bad("answer", "a checkpoint is no text")
    return [str(one) for one in notes]


def _compared(unit: Unit, code: str, note: str) -> Holding:
    """Within one epoch our log must extend what is shown; a later epoch than ours is the proof of a loss."""
    shown, number = log.check_own(unit, note)
    ours = log.head(unit)
    present, beyond = log.epoch_of(ours.origin, unit.node), ""
    if number > present:
        beyond = f"it is of epoch {number}, and this log is in epoch {present}"
    elif number == present:
        try:
            hashes = log.consistency(unit, shown.size, ours.size) if shown.size <= ours.size else []
            log.check_consistency(shown, log.checkpoint(unit), hashes, log.verifier(unit))
        except Tampered as error:
            beyond = f"it has {ours.size}; {error.what}"
    return Holding(code, note, number, shown.size, beyond)


def _ask_neutral(station: Station) -> list[_Heard]:
    try:
        found = outsiders(station.witness_policy)
    except Misconfigured as error:
        return [("(policy)", None, error.what)]
    with station.database.read("exchange.standing") as unit:
        ours, note = log.head(unit), log.checkpoint(unit)
        number = log.epoch_of(ours.origin, unit.node)
    body = submission_body(Submission(ours.size, (), note))  # says nothing new, so that it may be handed to anybody

    def ask(one: Outsider) -> _Heard:
        try:
            size, other = _told_size(one, body, station.pace, ours.size)
        except ComityError as error:
            return one.code, None, error.what
        beyond = "it cosigned other entries" if other else f"it has {ours.size}" if size > ours.size else ""
        return one.code, Holding(one.code, "", number, size, beyond), ""

    return ask_each(found, ask)


def _told_size(one: Outsider, body: bytes, pace: Pace, ours: int) -> tuple[int, bool]:
    """How many entries of our log, in its present epoch, a neutral witness has cosigned; whether they are others."""
    status, answer = post(Post(f"{one.url}/add-checkpoint", body, LINES_TYPE, min(pace.response, _PATIENCE)))
    if status not in (200, 404, 409, 422):
        raise bad("witness", f"{one.code} answered {status}")
    return (parse_size(answer) if status == 409 else 0 if status == 404 else ours), status == 422
