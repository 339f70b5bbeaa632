"""How the exchange with each partner stands, and whether its log still extends everything that it showed us."""

from contextlib import closing
from functools import partial
from typing import Final

from comity.base.errors import ComityError, Tampered, Unavailable
from comity.exchange.model import Gap, HeadReport, Member, PartnerStatus
from comity.exchange.rules import SPOKEN, common_version
from comity.exchange.service.directory import directory, reachable
from comity.exchange.service.extending import ask, check_extends
from comity.exchange.service.heads import contradicts, freeze, frozen_told, keep_head, two_histories
from comity.exchange.service.lines import Line, ask_each
from comity.exchange.service.members import log_epoch, log_key
from comity.exchange.service.peers import Reply, identify, needs_noting, note_seen, refuse_request
from comity.exchange.service.station import Station
from comity.exchange.service.turning import check_present, meet, unmet
from comity.exchange.store import followed, sent, witnesses
from comity.exchange.store import gaps as missing
from comity.exchange.store import partners as store
from comity.exchange.wire.fields import text
from comity.kit.codec.jcs import canonical
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Head

CHECKPOINT: Final = "/cx/1/log/checkpoint"
_MOST_HEADS: Final = 4096
"""How many are looked at in one go; further ones a minute later."""


def partners(unit: Unit) -> list[PartnerStatus]:
    """Every other member of the directory, by code: reachable or not, what waits or failed, its log's head."""
    stands, counts, heads = store.partner_rows(unit), sent.counts(unit), store.head_counts(unit)
    freezes, cosigned = witnesses.freezes(unit), witnesses.cosigned_sizes(unit)
    reasons, incomplete, due = sent.reasons(unit), missing.counts(unit), followed.due(unit)
    found = []
    for code, one in sorted(directory(unit).members.items()):
        if code == unit.node:
            continue
        stand, (size, unverified) = stands.get(code), heads.get(code, (0, 0))
        found.append(PartnerStatus(
            code=code, name=one.name, endpoint=one.endpoint, revoked=one.revoked,
            available=stand is None or not stand.failures,
            reason=(stand.reason if stand else "") or reasons.get(code, ""),
            next_try=stand.next_at if stand else None, last_seen=stand.seen_at if stand else None,
            queued=counts.get((code, "queued"), 0),
            waiting=counts.get((code, "waiting"), 0) + counts.get((code, "held"), 0),
            undelivered=counts.get((code, "non_delivery"), 0) + counts.get((code, "rejected"), 0),
            gaps=incomplete.get(code, 0), items_due=due.get(code, 0),
            frozen=freezes[code].at if code in freezes else None,
            frozen_why=frozen_told(freezes[code].reason) if code in freezes else "", epoch=log_epoch(one),
            head_size=size, heads_unverified=unverified, cosigned_size=cosigned.get(code, 0), versions=one.versions,
            version=common_version(SPOKEN, one.versions), capabilities=one.capabilities,
        ))  # fmt: skip
    return found


def gaps(unit: Unit, partner: str = "", most: int | None = None) -> list[Gap]:
    """The runs of numbers that later messages of a partner (of any, where none is named) show and this node has not
    seen, by partner; at most so many."""
    return [Gap(row.conversation, row.sender, row.first, row.last) for row in missing.rows(unit, partner, most)]


def verify_partners(station: Station) -> list[HeadReport]:
    """Ask every partner for its present checkpoint and check that it extends every head kept here. Raises nothing.

    A contradiction raises an alarm with both signed notes. A partner that is away is reported, not ok.
    """
    with station.database.read("exchange.partners") as unit:
        members = reachable(unit)
    return ask_each(members, lambda one: verify_partner(station, one))


def verify_partner(station: Station, one: Member) -> HeadReport:
    """`verify_partners` for one of them.

    1. Its checkpoint is signed by the directory's log key; what began another epoch than was known is looked at first
    (`turning.meet`). 2. It is not smaller than a head kept here before it was
    asked for, nor another root at the same size. 3. A consistency proof leads from every such head, not yet checked
    against a later one, to it. A head that comes with a message meanwhile may be newer than the answer: it waits for
    the next time.
    """
    try:
        with closing(Line(station.database.keys, station.pace)) as line:
            return _verify(station, one, line)
    except Unavailable as error:
        return HeadReport(one.code, False, 0, 0, f"not checked: {error.what}")
    except ComityError as error:
        return HeadReport(one.code, False, 0, 0, error.what)


def _verify(station: Station, one: Member, line: Line) -> HeadReport:
    with station.database.read("exchange.heads") as unit:
        rows, unknown = store.unverified_heads(unit, one.code, log_epoch(one), _MOST_HEADS), unmet(unit, one)
    note = text(ask(line, one, CHECKPOINT), "checkpoint", "answer", 16_384)
    check_present(one, note)
    head = log.check_checkpoint(note, log_key(one.log))
    if unknown:
        meet(station, one, note, partial(ask, line, one), partial(check_extends, line, one))
    with station.database.read("exchange.heads") as unit:
        split = contradicts(unit, one.code, head)
    try:
        if split:
            raise two_histories(one.code, head)
        # Of one size there is one root: `contradicts` has looked.
        earlier = [Head(row.origin, row.size, bytes(row.root)) for row in rows if row.size != head.size]
        check_extends(line, one, earlier, note)
    except Tampered as error:
        with station.database.unit("exchange.alarm") as unit:
            freeze(unit, one.code, head, note, error.what)
        return HeadReport(one.code, False, head.size, len(rows), error.what)
    if [row.size for row in rows] != [head.size]:  # a log that has not grown changes nothing here
        with station.database.unit("exchange.verified") as unit:
            keep_head(unit, one.code, head, note)
            store.mark_verified(unit, one.code, log_epoch(one), [one.size for one in earlier])
    return HeadReport(
        one.code, True, head.size, len(earlier), f"extends all that it showed; heads checked now: {len(earlier)}"
    )


def show_checkpoint(station: Station, certificate: bytes) -> Reply:
    """A partner asks for our signed checkpoint. A partner that counted as away is back: what waits for it is due."""
    try:
        with station.database.read("exchange.checkpoint") as unit:
            peer, note = identify(unit, certificate), log.checkpoint(unit)
            back = needs_noting(unit, peer.code)
        if back:
            with station.database.unit("exchange.back") as unit:
                note_seen(unit, peer.code)
    except ComityError as error:
        return refuse_request(station, error, b"", certificate)
    return Reply(canonical({"checkpoint": note}), type="checkpoint")


def show_epoch(station: Station, certificate: bytes) -> Reply:
    """A partner asks for the proven entry that began the present epoch of our log, opened; null in the first epoch."""
    try:
        with station.database.read("exchange.epoch") as unit:
            identify(unit, certificate)
            present = log.epochs(unit)[-1]
            fields = ("payload", "subject")
            shown = log.prove(unit, present.start, fields).as_dict() if present.number > 1 else None
    except ComityError as error:
        return refuse_request(station, error, b"", certificate)
    return Reply(canonical({"epoch": shown}), type="epoch")
