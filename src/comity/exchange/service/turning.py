"""Another epoch of a partner's log: which keys it had, and what is known before anything is exchanged with it again.

1. The directory lists it: from that edition's import on nothing is exchanged (`list_epochs`).
2. The monitor looks (`meet`): the partner shows the entry that began the epoch, in which two of its people say what was
   lost, and proves that its log extends all that was seen here and is said to be left.
3. Where all that was seen here is left, the exchange goes on by itself. Else there is an alarm with both signed notes,
   and it goes on when a security administrator here agrees (`heads.thaw`).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from comity.base.errors import Conflict, Tampered
from comity.base.model import Actor, JsonObject
from comity.exchange.model import Directory, Member
from comity.exchange.service.heads import freeze, let_go, raise_alarm
from comity.exchange.service.members import check_forward, log_epoch, log_key
from comity.exchange.service.station import Station
from comity.exchange.store import partners as store
from comity.exchange.store import witnesses
from comity.exchange.wire.fields import bad, thing
from comity.kit.codec.notes import VerifierKey
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import EPOCH, Head, Record

SEEN: Final = "epoch.seen"
BEGUN: Final = "/cx/1/log/epoch"
_MOST: Final = 2000
"""Characters of the partner's reason that are kept."""

Ask = Callable[[str], JsonObject]
"""The partner's answer to a GET of that path."""
Extends = Callable[[Sequence[Head], str], None]
"""Raises Tampered unless the partner proves that the log in that signed note extends those heads, smallest first."""


def list_epochs(unit: Unit, before: Directory | None, found: Directory) -> None:
    """Keep the log keys that an edition lists; a log that was seen here in an earlier epoch is looked at first.

    Conflict (``exchange.epoch-back``) where a log went back.
    """
    known = store.log_keys(unit)
    for code, one in found.members.items():
        earlier = before.members.get(code) if before else None
        if earlier is not None:
            check_forward(code, earlier.log, one.log)
            _keep(unit, earlier, known, met=True)
        last = store.largest_head(unit, code)
        turned = last is not None and last.epoch < log_epoch(one) and code != unit.node
        if _keep(unit, one, known, met=not turned) and turned and witnesses.freeze_row(unit, code) is None:
            witnesses.add_freeze(unit, code, "", witnesses.EPOCH)


def _keep(unit: Unit, one: Member, known: dict[tuple[str, int], str], *, met: bool) -> bool:
    """Whether the epoch is new."""
    place = (one.code, log_epoch(one))
    new, same = place not in known, known.get(place) == one.log
    if not same:
        store.put_log_key(unit, *place, one.log, met=met)
        known[place] = one.log
    return new


def key_at(unit: Unit, one: Member, note: str) -> VerifierKey:
    """The log key of that member under which a kept note must hold: of the epoch that the note names."""
    number = log.epoch_of(note.partition("\n")[0], one.code)
    row = store.log_key_row(unit, one.code, number) if number != log_epoch(one) else None
    return log_key(row.vkey if row is not None else one.log)


def check_present(one: Member, note: str) -> None:
    """Conflict (``exchange.epoch``) for a checkpoint of another epoch of the member's log than its entry lists.

    It settles nothing: the newer directory, or the newer proof, is on its way.
    """
    number = log.epoch_of(note.partition("\n")[0], one.code)
    if number and number != log_epoch(one):
        raise Conflict(
            "exchange.epoch", f"{one.code} shows epoch {number} of its log; the directory here lists {log_epoch(one)}",
            todo="Wait for the federation's next edition: comity federation mirror",
        )  # fmt: skip


def unmet(unit: Unit, one: Member) -> bool:
    """Whether what began the present epoch of the member's log has yet to be looked at."""
    row = store.log_key_row(unit, one.code, log_epoch(one))
    return row is not None and not row.met


def meet(station: Station, one: Member, note: str, ask: Ask, extends: Extends) -> None:
    """Step 2 and 3, for a partner that shows the checkpoint `note` of its present epoch.

    Tampered, with an alarm and the exchange frozen as for two histories, where its log does not extend what it says is
    left of what was seen here. Errors of `ask` change nothing: it is looked at again.
    """
    head = log.check_checkpoint(note, log_key(one.log))
    said, index = _said(one, ask)
    with station.database.read("exchange.epoch") as unit:
        last = store.largest_head(unit, one.code, log_epoch(one))
        rows = store.heads(unit, one.code, last.epoch) if last is not None else []
    left = [row for row in rows if 0 < row.size <= index]
    try:
        seen = [row for row in left if not row.verified] or left[-1:]
        extends([Head(head.origin, row.size, bytes(row.root)) for row in seen], note)
    except Tampered as error:
        with station.database.unit("exchange.alarm") as unit:
            freeze(unit, one.code, head, note, f"epoch {log_epoch(one)} does not keep what it says: {error.what}")
        raise
    with station.database.unit("exchange.epoch") as unit:
        _settle(unit, one, head, {
            "epoch": log_epoch(one), "start": index, "lost": max(0, (last.size if last else 0) - index),
            "seen": last.size if last else 0, "planned": said.get("planned") is True,
            "reason": str(said.get("reason"))[:_MOST], "before": last.note if last else None, "note": note,
        })  # fmt: skip


def _settle(unit: Unit, one: Member, head: Head, detail: JsonObject) -> None:
    """What was seen is logged, once; the exchange goes on where nothing of it is lost."""
    if not unmet(unit, one):  # another look was quicker
        return
    start, found = detail["start"], witnesses.freeze_row(unit, one.code)
    store.meet(unit, one.code, log_epoch(one), start if isinstance(start, int) else None)
    log.append(unit, Record(
        SEEN, Actor.system(unit.node), {"partner": one.code, "epoch": detail["epoch"]}, detail, peer=one.code,
        peer_head=head,
    ))  # fmt: skip
    if not detail["lost"] and found is not None and found.reason == witnesses.EPOCH:
        witnesses.end_freeze(unit, one.code)
        let_go(unit, one.code)
    elif detail["lost"] or found is not None:
        alarm = raise_alarm(unit, witnesses.EPOCH, one.code, detail)
        witnesses.add_freeze(unit, one.code, alarm, found.reason if found is not None else witnesses.EPOCH)


def _said(one: Member, ask: Ask) -> tuple[dict[str, Any], int]:
    """What the entry says that began the member's present epoch, and its index; Tampered where it is another's."""
    answer = ask(BEGUN)
    bundle = answer.get("epoch")
    if bundle is None:
        raise bad("answer", f"{one.code} does not show what began epoch {log_epoch(one)} of its log")
    inclusion = log.parse_inclusion(thing(bundle, "answer", "epoch"))
    check_present(one, inclusion.proof.partition("\n\n")[2])
    log.check_inclusion(inclusion, log_key(one.log))
    opened = inclusion.opening.get("payload")
    said = opened.value if opened is not None and isinstance(opened.value, dict) else {}
    before = said.get("before")
    sound = isinstance(before, dict) and before.get("size") == inclusion.index and said.get("key") == one.log
    if not sound or f'"type":"{EPOCH}"'.encode() not in inclusion.entry:
        raise Tampered("exchange.epoch-entry", f"{one.code} shows another entry than the one that began its epoch",
                       todo="Keep it; the operators of both nodes must talk.")  # fmt: skip
    return said, inclusion.index
