"""Whether a partner's log extends every head that it showed, asked with few requests however many heads came.

A consistency proof (RFC 6962, 2.1.2) leads from one head to another. Heads that stand close together, as those of a
minute's messages do, are checked in lots: the leaf hashes between the first and the last make the root of each.
"""

from collections.abc import Sequence
from typing import Final

from comity.base.errors import BadInput, ComityError, Tampered
from comity.base.model import Json, JsonObject
from comity.exchange.model import Member
from comity.exchange.service.delivering import read_refusal
from comity.exchange.service.lines import Line
from comity.exchange.service.members import log_key
from comity.exchange.service.peers import Reply, identify, refuse_request
from comity.exchange.service.station import Station
from comity.exchange.wire.fields import bad, binary, listing
from comity.kit.codec import b64
from comity.kit.codec.jcs import canonical, parse_object
from comity.log import service as log
from comity.log.model import Head, Stretch

_CONSISTENCY: Final = "/cx/1/log/consistency"
_STRETCH: Final = "/cx/1/log/stretch"
_HASH: Final = 32
_CLOSE: Final = 256
"""Up to so many entries between two heads, their leaf hashes are cheaper than a proof for the second one alone."""


def check_extends(line: Line, one: Member, earlier: Sequence[Head], note: str) -> None:
    """Tampered unless the partner's log in the signed `note` extends all of `earlier`, smallest first."""
    size = note.split("\n")[1]
    if earlier and (not size.isdigit() or earlier[-1].size > int(size)):
        raise Tampered(
            "exchange.head", f"{one.code} shows a log of {size} entries, and showed {earlier[-1].size} before",
            todo="Keep both checkpoints.",
        )  # fmt: skip
    for lot in lots(earlier, log.MOST_LEAVES):
        if len(lot) > 1:
            log.check_stretch(lot, _stretch(line, one, lot[0].size, lot[-1].size))
        answer = ask(line, one, f"{_CONSISTENCY}?first={lot[-1].size}&second={size}")
        log.check_consistency(lot[-1], note, _hashes(answer, "hashes"), log_key(one.log))


def lots(heads: Sequence[Head], most: int) -> list[list[Head]]:
    """Heads of one log, smallest first, in lots: each `_CLOSE` entries from the next at most, `most` in all."""
    found: list[list[Head]] = []
    for head in heads:
        lot = found[-1] if found else []
        if lot and head.size - lot[-1].size <= _CLOSE and head.size - lot[0].size <= most:
            lot.append(head)
        else:
            found.append([head])
    return found


def ask(line: Line, one: Member, path: str) -> JsonObject:
    """The partner's answer to a GET; BadInput with its words where it refuses."""
    status, body = line.request(one, "GET", path)
    answer = parse_object(body, where=f"{one.code} {path}")
    if isinstance(error := answer.get("error"), str):
        raise BadInput("exchange.partner", f"{one.code}: {read_refusal(error, one, b'').what}",
                       todo="Talk to its operator.")  # fmt: skip
    if status != 200:
        raise bad("answer", f"{one.code} answered {status}")
    return answer


def show_consistency(station: Station, certificate: bytes, first: int, second: int) -> Reply:
    """A partner asks for the hashes which show that our log of `second` entries extends the one of `first`."""
    try:
        with station.database.read("exchange.consistency") as unit:
            identify(unit, certificate)
            hashes = log.consistency(unit, first, second)
    except ComityError as error:
        return refuse_request(station, error, b"", certificate)
    return Reply(canonical({"hashes": [b64.encode(h) for h in hashes]}), type="consistency")


def show_stretch(station: Station, certificate: bytes, first: int, second: int) -> Reply:
    """A partner asks for the leaf hashes between two sizes of our log, and the peaks before them."""
    try:
        with station.database.read("exchange.stretch") as unit:
            identify(unit, certificate)
            shown = log.stretch(unit, first, second)
    except ComityError as error:
        return refuse_request(station, error, b"", certificate)
    peaks: list[Json] = [b64.encode(peak) for peak in shown.peaks]
    return Reply(canonical({"peaks": peaks, "leaves": b64.encode(b"".join(shown.leaves))}), type="stretch")


def _stretch(line: Line, one: Member, first: int, second: int) -> Stretch:
    answer = ask(line, one, f"{_STRETCH}?first={first}&second={second}")
    leaves = binary(answer, "leaves", "answer")
    if len(leaves) % _HASH:
        raise bad("answer", "its leaves are no hashes of 32 bytes")
    return Stretch(
        tuple(_hashes(answer, "peaks")), tuple(leaves[at : at + _HASH] for at in range(0, len(leaves), _HASH))
    )


def _hashes(answer: JsonObject, name: str) -> list[bytes]:
    return [b64.decode(h) for h in listing(answer.get(name), "answer", name, 128) if isinstance(h, str)]
