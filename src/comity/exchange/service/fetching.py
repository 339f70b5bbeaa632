"""Large files that come: whether to take them at all, and what becomes of a message whose files never come.

A message with files has three stations: its room's keeper says under which key they would be kept, or refuses; the
chunks come (`docking`); then its handler gets the message as any other.
"""

from pathlib import Path

from comity.base.errors import Conflict, NotAllowed
from comity.base.ids import uuid7
from comity.base.model import Actor
from comity.exchange.model import Received
from comity.exchange.rules import PARTNER_BYTES
from comity.exchange.service.envelope import open_at_rest
from comity.exchange.service.receipts import later_receipt
from comity.exchange.service.station import Station
from comity.exchange.store import files as store
from comity.exchange.store import inbox
from comity.kit.database.unit import Unit
from comity.kit.vault.arriving import strays
from comity.log import service as log
from comity.log.model import Record


def complete(unit: Unit, received: Received) -> bool:
    """Whether every file of the message is in the vault; true for a message without any."""
    if not received.files:
        return True
    rows = store.arrivals(unit, received.sender, received.id)
    return len(rows) == len(received.files) and all(row.state == "done" for row in rows)


def expect(station: Station, unit: Unit, received: Received) -> None:
    """Be ready for the chunks of the message's files, under the key that its room's keeper names.

    NotAllowed where nobody here takes files with such a message, Conflict when the partner has too much on its way;
    and whatever the keeper says against it.
    """
    keeper = station.keepers.get(received.type)
    if keeper is None or station.vault is None:
        raise NotAllowed("exchange.no-files", f"This node takes no files with {received.type}",
                         todo="Send the message without files.")  # fmt: skip
    on_their_way = store.open_bytes(unit, received.sender) + sum(file.size for file in received.files)
    if on_their_way > PARTNER_BYTES:
        raise Conflict("exchange.files-quota", f"{received.sender} would have {on_their_way} bytes on their way here",
                       todo=f"At most {PARTNER_BYTES} are taken at a time: let the others come first.")  # fmt: skip
    key = keeper(unit, received)
    for n, file in enumerate(received.files):
        store.add_arrival(unit, {
            "sender": received.sender, "message": received.id, "n": n, "size": file.size, "moved": 0,
            "place": uuid7(unit.now), "key_id": key.id, "state": "open", "fresh": False,
            "deadline": received.expires, "since": None, "reason": "",
        })  # fmt: skip


def reject(station: Station, unit: Unit, row: inbox.Row, code: str) -> None:
    """The message in inbox row `row` is not taken: a signed receipt says so, and what came of its files goes."""
    inbox.settle(unit, row.sender, row.id, "rejected", code)
    later_receipt(unit, "REJECTED", row, code)
    log.append(unit, Record(
        type="message.rejected", actor=Actor.system(unit.node), peer=row.sender,
        subject={"message": row.id, "type": row.type}, payload={"code": code, "kind": "rejected"},
    ))  # fmt: skip
    store.end_arrivals(unit, row.sender, row.id, code)
    _drop(station, unit, row)


def _drop(station: Station, unit: Unit, row: inbox.Row) -> None:
    """Files of a rejected message that were whole already, and are nobody else's."""
    done = [one for one in store.arrivals(unit, row.sender, row.id) if one.state == "done" and one.fresh]
    if not done or station.vault is None:
        return
    files = open_at_rest(unit.keys, row.payload, row.sender, row.id).files
    for one in done:
        key = station.data_key(unit, one.key_id)
        if key is not None:
            station.vault.drop(unit, files[one.n].sha256, key)
        store.set_arrival(unit, one, {"state": "ended", "reason": row.code})


def stop(station: Station, unit: Unit, sender: str, message: str) -> None:
    """The sender has withdrawn or replaced a message whose files are still coming: no more of them is taken."""
    row = inbox.find(unit, sender, message)
    if row is not None and row.state == "fetching":
        reject(station, unit, row, "exchange.superseded")


def tidy(station: Station) -> None:
    """End what did not come in time, and remove the pieces of what comes no more."""
    with station.database.read("exchange.tidy") as unit:
        late = bool(store.overdue_arrivals(unit))
    if late:
        with station.database.unit("exchange.tidy") as unit:
            for one in store.overdue_arrivals(unit):
                row = inbox.find(unit, one.sender, one.message)
                if row is not None and row.state == "fetching":
                    reject(station, unit, row, "exchange.files-missing")
    for path in _strays(station):
        path.unlink(missing_ok=True)


def _strays(station: Station) -> list[Path]:
    if station.vault is None:
        return []
    found = set(strays(station.vault.arriving, set()))  # before the rows: a file begun meanwhile is no stray
    with station.database.read("exchange.tidy") as unit:
        known = {row.place for row in store.open_arrivals(unit)}
    return [path for path in found if path.name not in known]
