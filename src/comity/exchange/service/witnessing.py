"""A node as a witness of its partners' logs: it cosigns a checkpoint only when it extends what it cosigned before.

The rules are those of C2SP tlog-witness; the peer of the connection must be the log's own node. Nothing of it is
logged: an entry would grow our own log, whose new checkpoint our partners would cosign, and so on for ever.
"""

from dataclasses import dataclass

from comity.base.errors import BadInput, NotAllowed, NotFound, Tampered
from comity.base.model import Json, JsonObject
from comity.exchange.model import Member, Submission
from comity.exchange.service.heads import freeze, keep_head, not_frozen, two_histories
from comity.exchange.service.members import log_key, witness_name
from comity.exchange.service.peers import Reply, guarded, identify
from comity.exchange.service.station import Station
from comity.exchange.store import partners, witnesses
from comity.exchange.wire import witness as wire
from comity.kit.codec.jcs import canonical
from comity.kit.codec.notes import cosign
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Head

ADD_CHECKPOINT = "/cx/1/log/add-checkpoint"
SHOWN = "/cx/1/log/shown"


@dataclass(frozen=True)
class Judged:
    """What a submission is answered with: a line by us, or the size that was expected, or what it contradicts."""

    line: str = ""
    expected: int | None = None
    histories: Tampered | None = None


def add_checkpoint(station: Station, body: bytes, certificate: bytes) -> Reply:
    """A partner hands in its checkpoint; the reply is our cosignature, or why not. Never raises ComityError.

    1. The peer is a listed member, and not frozen (else 403, signed). 2. The body parses (400). 3. The checkpoint is of
    the peer's own log (404) and signed by its key (403). 4. The old size is not above the new one (400) and is that of
    the checkpoint cosigned last (409 with that size). 5. The proof holds (422, and 409 for another root at the same
    size): otherwise an alarm, and nothing is exchanged any more. 6. One transaction compares, keeps and signs.
    """
    return guarded(station, body, certificate, lambda: _add(station, body, certificate))


def _add(station: Station, body: bytes, certificate: bytes) -> Reply:
    with station.database.read("exchange.check") as unit:
        peer = not_frozen(unit, identify(unit, certificate))
    made = wire.parse_submission(body)
    head = _head(made, peer)
    if made.old > head.size:
        raise BadInput("exchange.witness", f"The old size {made.old} is above the new one, {head.size}",
                       todo="Hand in a checkpoint of the present log.")  # fmt: skip
    with station.database.unit("exchange.witness") as unit:
        judged = _judge(unit, peer, made, head)
    if judged.histories is not None:
        raise judged.histories
    if judged.expected is not None:
        return Reply(wire.size_body(judged.expected), type="witness", status=409, media=wire.SIZE_TYPE)
    return Reply(judged.line.encode(), type="witness", media=wire.LINES_TYPE)


def _head(made: Submission, peer: Member) -> Head:
    origin = made.note.partition("\n")[0]
    if origin != log_key(peer.log).name:
        raise NotFound("exchange.witness-origin", f"{peer.code} hands in a checkpoint of {origin[:80]!r}",
                       todo="A node hands in its own log, in the epoch that the directory lists.")  # fmt: skip
    try:
        return log.check_checkpoint(made.note, log_key(peer.log))
    except Tampered as error:
        raise NotAllowed(
            "exchange.witness-key", error.what, todo="Sign it with the log key of the directory."
        ) from error


def _judge(unit: Unit, peer: Member, made: Submission, head: Head) -> Judged:
    """Step 4 to 6, in the transaction that keeps the outcome."""
    before = witnesses.last_witnessed(unit, head.origin) or log.empty_head(head.origin)
    if before.size != made.old:
        return Judged(expected=before.size)
    try:
        log.check_consistency(before, made.note, made.hashes, log_key(peer.log))
        if not keep_head(unit, peer.code, head, made.note):
            raise two_histories(peer.code, head)
    except Tampered as error:
        freeze(unit, peer.code, head, made.note, error.what)
        return Judged(histories=error)
    at = int(unit.now.timestamp())
    line = cosign(made.note, witness_name(unit.node), unit.keys.witness, at)
    witnesses.keep_witnessed(unit, head, made.note)
    return Judged(line)


def show_shown(station: Station, certificate: bytes) -> Reply:
    """A partner asks, before it signs anything, for the largest checkpoint of its own log that we hold, of the newest
    epoch that we know; where its log showed two histories, for the notes of both, too."""

    def shown() -> Reply:
        with station.database.read("exchange.shown") as unit:
            code = identify(unit, certificate).code
            largest, frozen = partners.largest_head(unit, code), witnesses.freeze_row(unit, code)
            detail = partners.alarm_detail(unit, frozen.alarm) if frozen is not None else {}
        told = {"contradicted": [detail["note"], *_kept(detail)]} if "kept" in detail else {}
        return Reply(canonical({"checkpoint": largest.note if largest is not None else None, **told}), type="shown")

    return guarded(station, b"", certificate, shown)


def _kept(detail: JsonObject) -> list[Json]:
    """The notes of an alarm."""
    found = detail["kept"]
    return found if isinstance(found, list) else []
