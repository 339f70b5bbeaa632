"""Having this node's checkpoints cosigned by its partners, and by the witnesses that its policy names."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from comity.base.errors import BadInput, ComityError, Misconfigured, PartnerError, Tampered
from comity.exchange.model import CosignReport, Member, Outsider, Pace, Submission
from comity.exchange.service.delivering import read_refusal
from comity.exchange.service.directory import reachable
from comity.exchange.service.hearing import check_standing
from comity.exchange.service.lines import Line, ask_each
from comity.exchange.service.members import witness_key
from comity.exchange.service.posting import Post, post
from comity.exchange.service.quorum import outsiders
from comity.exchange.service.station import Station
from comity.exchange.service.witnessing import ADD_CHECKPOINT
from comity.exchange.store import witnesses
from comity.exchange.wire.fields import bad
from comity.exchange.wire.witness import parse_size, submission_body
from comity.kit.codec.jcs import parse_object
from comity.kit.codec.notes import VerifierKey, open_note
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Head

_ANSWER: Final = 4096
"""Characters of a witness's answer that are looked at."""


@dataclass(frozen=True)
class _Witness:
    """Whom to ask, however it is reached."""

    code: str
    key: VerifierKey
    ask: Callable[[bytes], tuple[int, bytes]]
    """Hands in a submission; the answer's status and body."""
    refused: Callable[[bytes, int, bytes], ComityError]
    """Of a submission and its answer: why it was refused."""


def gather(station: Station) -> list[CosignReport]:
    """Hand the present checkpoint to every partner that cosigns and has not cosigned it yet. Raises nothing.

    Then to the witnesses outside the federation that the node's policy names, by the same rules.
    """
    with station.database.read("exchange.gather") as unit:
        partners, sizes = _witnesses(unit), witnesses.cosigned_sizes(unit)
        size = log.head(unit).size
    found = ask_each(partners, lambda one: _gathered(station, one, sizes.get(one.code, 0), size))
    try:
        neutral = outsiders(station.witness_policy)
    except Misconfigured as error:
        return [*found, CosignReport("(policy)", False, 0, error.what)]
    return [*found, *ask_each(neutral, lambda one: _gathered(station, one, sizes.get(one.code, 0), size))]


def _witnesses(unit: Unit) -> list[Member]:
    frozen = witnesses.freezes(unit)
    try:
        return [one for one in reachable(unit) if one.witness and one.code not in frozen]
    except Misconfigured:  # no directory yet: only the witnesses of our own policy are there
        return []


def _gathered(station: Station, one: Member | Outsider, last: int, size: int) -> CosignReport:
    if last == size:
        return CosignReport(one.code, True, size, "cosigned already")
    try:
        with closing(Line(station.database.keys, station.pace)) as line:
            witness = _neutral(one, station.pace) if isinstance(one, Outsider) else _partner(one, line)
            return CosignReport(one.code, True, _cosigned(station, witness, last), "cosigned")
    except ComityError as error:
        return CosignReport(one.code, False, last, f"not cosigned: {error.what}")


def _partner(one: Member, line: Line) -> _Witness:
    return _Witness(
        one.code, witness_key(one.witness), lambda body: line.request(one, "POST", ADD_CHECKPOINT, body),
        lambda body, _status, answer: _refused(one, body, answer),
    )  # fmt: skip


def _neutral(one: Outsider, pace: Pace) -> _Witness:
    url = f"{one.url}/add-checkpoint"
    return _Witness(
        one.code, VerifierKey.parse(one.key, cosigns=True),
        lambda body: post(Post(url, body, "text/plain; charset=utf-8", pace.response)),
        lambda _body, status, _answer: PartnerError("exchange.witness", f"{one.code} answered {status}", where=url,
                                                    todo="Ask its operator; 404: it does not know this log yet."),
    )  # fmt: skip


def _cosigned(station: Station, one: _Witness, last: int) -> int:
    """Hand it in; once more with the size that the witness names, when it remembers another than we do."""
    for _ in range(2):
        made, head = _submission(station, last)
        status, answer = one.ask(submission_body(made))
        if status == 200:
            return _keep(station, one, made, head, answer)
        if status != 409:
            raise one.refused(submission_body(made), status, answer)
        last = parse_size(answer)
        if last > head.size:
            check_standing(station)
            raise PartnerError("exchange.witness", f"{one.code} says that it cosigned {last} entries",
                               todo="Run `comity log monitor`.")  # fmt: skip
    raise bad("witness", f"{one.code} names {last} entries, and another size when told so")


def _submission(station: Station, last: int) -> tuple[Submission, Head]:
    with station.database.read("exchange.submit") as unit:
        head = log.head(unit)
        hashes = log.consistency(unit, last, head.size) if last <= head.size else []
        return Submission(last, tuple(hashes), log.checkpoint(unit)), head


def _keep(station: Station, one: _Witness, made: Submission, head: Head, answer: bytes) -> int:
    """The first line that is the witness's and holds, beside our own signature; Tampered where there is none."""
    with station.database.read("exchange.cosigned") as unit:
        own = log.verifier(unit)
    for line in answer[:_ANSWER].decode("utf-8", "replace").splitlines(keepends=True):
        if _holds(made.note + line, own, one.key):
            with station.database.unit("exchange.cosigned") as unit:
                witnesses.add_cosigned(unit, one.code, head.size, made.note + line, unit.now)
            return head.size
    raise Tampered("exchange.witness", f"{one.code} answered without its cosignature", todo="It is asked again.")


def _holds(note: str, own: VerifierKey, witness: VerifierKey) -> bool:
    try:
        return witness.name in open_note(note, [own, witness]).times
    except (BadInput, Tampered):
        return False


def _refused(one: Member, body: bytes, answer: bytes) -> PartnerError:
    """The partner's signed error."""
    error = parse_object(answer, where=one.code).get("error")
    if not isinstance(error, str):
        raise bad("witness", f"{one.code} gives no reason")
    refusal = read_refusal(error, one, body)
    return PartnerError(refusal.code, f"{one.code}: {refusal.what}", todo=refusal.todo)
