"""The registry of running clocks: kept, listed for those who need to know, and told of once at each level.

Rooms with clocks of their own keep theirs here by `watch` and `unwatch`; those of proceedings keep themselves. What is
told is a log entry, ``legal.reminded`` before the end and ``legal.overdue`` at it, never twice for the same alarm.
"""

from collections.abc import Callable
from dataclasses import replace

from comity.base.clock import rfc3339
from comity.base.codes import ADMINISTERING
from comity.base.errors import NotFound
from comity.base.model import Actor, DataKey, Json, JsonObject
from comity.cases import service as cases
from comity.kit.database.unit import Unit
from comity.legal.model import Alarm, Watch
from comity.legal.store import clocks as store
from comity.log import service as log
from comity.log.model import Record


def watch(unit: Unit, clock: Watch) -> None:
    """Keep a clock as it stands; what was told of this run of it stays told, and a new run begins anew."""
    before = store.find(unit, clock.holder, clock.clock)
    if before is None or before.started != clock.started:
        _save(unit, clock)
        return
    over = clock.ended_at is not None or clock.state == "ended"
    _save(unit, replace(clock, level=before.level, ended_at=(before.ended_at or clock.ended_at) if over else None))


def unwatch(unit: Unit, holder: str, clock: str, state: str) -> None:
    """The thing due is done, or the matter is over: the clock stops in `state`; nothing happens where none runs."""
    kept = store.find(unit, holder, clock)
    if kept is not None and kept.ended_at is None:
        late = state == "kept" and kept.due is not None and unit.now > kept.due
        _save(unit, replace(kept, state="breached" if late else state, ended_at=unit.now))


def _save(unit: Unit, clock: Watch) -> None:
    pending = clock.ended_at is None and clock.state != "extended"
    coming = [alarm.at for alarm in clock.alarms if alarm.level > clock.level]
    store.save(unit, clock, coming[0] if pending and coming else None)


def clocks_of(unit: Unit, holder: str) -> list[Watch]:
    """All clocks of one matter, ended ones too."""
    return store.of(unit, holder)


def deadlines_of(unit: Unit, viewer: Actor | None, *, ended: bool = False) -> list[Watch]:
    """What is due, the soonest first; with `ended` also what is over.

    A person sees the clocks of his or her own cases and, unless the role only runs the node, those that belong to no
    case here; an auditor sees all. Without a person nothing tells to which case a clock belongs.
    """
    found = store.listed(unit, ended=ended)
    if viewer is None:
        return [replace(clock, case=None) for clock in found]
    if "auditor" in viewer.roles:
        return found
    mine = {case.id for case in cases.list_cases(unit, viewer)}
    works = bool(viewer.roles - ADMINISTERING)
    return [clock for clock in found if (clock.case in mine if clock.case else works)]


def listed(clock: Watch) -> JsonObject:
    """One clock as JSON."""
    return {
        "due": rfc3339(clock.due) if clock.due else None, "state": clock.state, "clock": clock.clock,
        "matter": clock.holder, "title": clock.title, "article": clock.article, "turn": clock.turn,
        "effect": clock.effect, "consequence": clock.consequence, "case": clock.case,
        "started": rfc3339(clock.started), "told": clock.level,
        "ended": rfc3339(clock.ended_at) if clock.ended_at else None,
    }  # fmt: skip


def ringing(unit: Unit) -> list[Watch]:
    """The clocks of which somebody must be told by now; cheap enough to ask every minute."""
    return store.ringing(unit, unit.now)


def tell(unit: Unit, fire: Callable[[Unit, Watch], None]) -> int:
    """Tell of every alarm that is due, once, and let `fire` do what the end of a clock does; the number told.

    Each clock is an act of its own: one that cannot be told of holds nothing else up, and is tried again.
    """
    return sum(_told(unit, clock, fire) for clock in store.ringing(unit, unit.now))


def _told(unit: Unit, clock: Watch, fire: Callable[[Unit, Watch], None]) -> int:
    what = f"clock {clock.clock} of {clock.holder} could not be told of"
    return unit.attempt(what, lambda: _tell(unit, clock, fire))[0] or 0


def _tell(unit: Unit, clock: Watch, fire: Callable[[Unit, Watch], None]) -> int:
    due = [alarm for alarm in clock.alarms if alarm.level > clock.level and alarm.at <= unit.now]
    for alarm in due:
        _log(unit, clock, alarm)
    _save(unit, _aged(clock, due[-1], unit))
    if due[-1] == clock.alarms[-1] and clock.effect != "breach":
        fire(unit, clock)
    return len(due)


def _aged(clock: Watch, last: Alarm, unit: Unit) -> Watch:
    if last != clock.alarms[-1]:
        return replace(clock, level=last.level)
    if clock.effect == "breach":
        return replace(clock, level=last.level, state="breached")
    return replace(clock, level=last.level, state="ended", ended_at=unit.now)


def _log(unit: Unit, clock: Watch, alarm: Alarm) -> None:
    last = alarm == clock.alarms[-1]
    payload: JsonObject = {
        "clock": clock.clock, "article": clock.article, "level": alarm.level, "due": rfc3339(alarm.at),
        "to": list[Json](alarm.to), "text": clock.consequence if last else alarm.text, "turn": clock.turn,
    }  # fmt: skip
    log.append(unit, Record(
        type="legal.overdue" if last else "legal.reminded", actor=Actor.system(unit.node),
        subject={"matter": clock.holder}, payload=payload, case=clock.case, key=_key(unit, clock),
    ))  # fmt: skip


def _key(unit: Unit, clock: Watch) -> DataKey | None:
    """The case's key; the node's own once the case's is destroyed: an alarm holds codes only."""
    if clock.case is None:
        return None
    try:
        return cases.data_key(unit, clock.case)
    except NotFound:
        return None
