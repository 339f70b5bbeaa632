"""Time stamps: an independent authority says daily that this node's signed checkpoint existed (RFC 3161).

It is asked only when the log grew: an idle node must not stamp, for ever, the entry about the stamp before. An
authority that is away is asked again, later and later; a token that comes late is as good for everything it covers.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from comity.base.errors import BadInput, ComityError, Misconfigured, PartnerError
from comity.base.model import Actor
from comity.exchange.model import Authority, Stamp, Stamping
from comity.exchange.service.posting import Post, post
from comity.exchange.service.station import Station
from comity.exchange.store import stamps
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit
from comity.log import service as log
from comity.log.model import Record

if TYPE_CHECKING:
    from comity.kit.crypto.timestamps import Trust

STAMPED: Final = "log.stamped"
_DAILY: Final = timedelta(days=1)
_FIRST: Final = timedelta(minutes=1)
_LONGEST: Final = timedelta(hours=6)
_MOST: Final = 1000


def stamp_due(station: Station) -> ComityError | None:
    """Ask for a token where one is due; the error where that failed, which is kept and shown in `stamping`."""
    if station.authority is None:
        return None
    with station.database.read("exchange.stamp-due") as unit:
        if not _due(unit):
            return None
    try:
        stamp_now(station)
    except ComityError as error:
        return error
    return None


def stamp_now(station: Station) -> Stamp:
    """A token over the present checkpoint, verified, kept and logged.

    Misconfigured without an authority or its certificates; Unavailable, PartnerError or Tampered as of `ask_stamp`,
    after which the next try is put off.
    """
    _authority(station)
    with station.database.read("exchange.stamp") as unit:
        note = log.checkpoint(unit)
    try:
        made = ask_stamp(station, note)
    except ComityError as error:
        with station.database.unit("exchange.stamp-away") as unit:
            failures = stamps.standing(unit)[0] + 1
            stamps.stand(unit, failures, error.what, unit.now + _pause(failures))
        raise
    with station.database.unit("exchange.stamped") as unit:
        keep_stamp(unit, made)
    return made


def ask_stamp(station: Station, note: str) -> Stamp:
    """The authority's verified token over `note`, a signed checkpoint of this log; nothing is kept.

    Unavailable when it is away, slow or says too much; PartnerError when it answers with an HTTP error; Tampered when
    the answer is no token that counts (`kit.crypto.timestamps.check`).
    """
    from comity.kit.crypto.timestamps import QUERY_TYPE, ask, check  # noqa: PLC0415  # loaded where a token is due

    authority = _authority(station)
    trust, data = _trust(authority), note.encode()
    question = ask(data)
    status, answer = post(Post(authority.url, question.query, QUERY_TYPE, authority.seconds))
    if status != 200:
        raise PartnerError("exchange.stamp", f"The time-stamping authority answered {status}", where=authority.url,
                           todo="It is asked again by itself; see `comity status`.")  # fmt: skip
    at = check(answer, data, question.nonce, trust)
    with station.database.read("exchange.stamp") as unit:
        size = log.check_own(unit, note)[0].size
        return Stamp(size, note, answer, at, unit.now, authority.url)


def keep_stamp(unit: Unit, made: Stamp) -> None:
    """Keep a verified token, with an entry in the log; once for each size."""
    if stamps.add(unit, made):
        log.append(unit, Record(
            type=STAMPED, actor=Actor.system(unit.node), subject={"size": made.size},
            payload={"token": sha256(made.token).hex(), "authority": made.authority, "skew_s": round(made.skew)},
        ))  # fmt: skip
    stamps.stand(unit, 0, "", None)


def stamping(unit: Unit, authority: Authority | None) -> Stamping:
    """How time stamps stand with that authority."""
    newest, (failures, reason, next_at) = stamps.newest(unit), stamps.standing(unit)
    return Stamping(authority.url if authority else "", newest, _grown(unit, newest), failures, reason, next_at)


def stamped(unit: Unit) -> list[Stamp]:
    """The newest tokens, newest first, a thousand at most."""
    return list(stamps.every(unit, _MOST))


def stamps_over(unit: Unit, size: int) -> list[tuple[str, bytes]]:
    """Checkpoints over at least `size` entries with their tokens: the first, which tells most, and the newest."""
    return [(one.note, one.token) for one in stamps.covering(unit, size)]


def _due(unit: Unit) -> bool:
    newest, (failures, _, next_at) = stamps.newest(unit), stamps.standing(unit)
    if next_at is not None and unit.now < next_at and next_at - unit.now <= _LONGEST:  # beyond: the clock was put back
        return False
    return (failures > 0 or _old(unit.now, newest)) and _grown(unit, newest)


def _old(now: datetime, newest: Stamp | None) -> bool:
    """A day old, or of a future that this clock has left again."""
    return newest is None or not timedelta() <= now - newest.asked_at < _DAILY


def _grown(unit: Unit, newest: Stamp | None) -> bool:
    """Whether the log holds more than was stamped, beside the one entry about that."""
    if newest is None:
        return log.head(unit).size > 0
    later = log.entries(unit, newest.size - 1, 2)
    return bool(later) and [one.type for one in later] != [STAMPED]


def _pause(failures: int) -> timedelta:
    return min(_LONGEST, _FIRST * (1 << min(failures - 1, 16)))


def _authority(station: Station) -> Authority:
    if station.authority is None:
        raise Misconfigured("exchange.stamp-off", "No time-stamping authority is set",
                            todo="Set timestamp_url and timestamp_trust in comity.toml.")  # fmt: skip
    return station.authority


def _trust(authority: Authority) -> "Trust":
    from comity.kit.crypto.timestamps import read_trust  # noqa: PLC0415  # as above

    try:
        return read_trust(Path(authority.trust).read_bytes(), authority.policy)
    except (OSError, BadInput) as error:
        what = error.what if isinstance(error, BadInput) else f"its certificates cannot be read: {error.strerror}"
        raise Misconfigured("exchange.stamp-trust", f"No token can be judged: {what}", where=authority.trust,
                            todo="Put the root's certificate (PEM) there; see timestamp_trust.") from error  # fmt: skip
