"""Pushing: porters carry a partner's files, beside its courier, so that no message waits for them.

The partner is asked which chunks are missing; those go, one at a time, each sealed anew from the vault. After a cut,
of the line or of either node, it is asked again: what it has stays, and at most the chunk in the air goes once more.
"""

import itertools
import logging
import random
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from comity.base.clock import monotonic
from comity.base.errors import BadInput, ComityError, NotFound, PartnerError, Tampered, Unavailable
from comity.exchange.model import FileManifest, Member
from comity.exchange.rules import backoff
from comity.exchange.service.delivering import non_delivery, read_refusal, tell
from comity.exchange.service.directory import directory, others
from comity.exchange.service.filing import ChunkRoom, opened_push, seal_chunk
from comity.exchange.service.lines import ChunkLine
from comity.exchange.service.sending import delivery_of
from comity.exchange.service.station import Station
from comity.exchange.store import files as store
from comity.exchange.store import sent, witnesses
from comity.exchange.wire.files import parse_standing
from comity.exchange.wire.receipts import parse_answer
from comity.kit.crypto.symmetric import Bytes
from comity.kit.database.unit import Unit
from comity.kit.vault.pieces import Pieces

logger = logging.getLogger(__name__)

CHUNKS: Final = "/cx/1/chunks"
FILES: Final = "/cx/1/files"
_SOON: Final = 1.0
_IDLE: Final = 60.0
_NOTE_SECONDS: Final = 2.0


@dataclass
class _Load:
    """A file in a porter's hands: what is missing, and how far it is."""

    row: store.Row
    to: Member
    file: FileManifest
    pieces: Pieces
    missing: Iterator[int]
    moved: int
    noted: float


_Sealed = tuple[int, memoryview]
"""A chunk's number, and the chunk as it travels."""


class Hands:
    """Which files are in a porter's hands, where several work for one partner."""

    def __init__(self) -> None:
        self._taken: set[tuple[str, int]] = set()
        self._choosing = threading.Lock()

    def take(self, rows: Iterable[store.Row]) -> store.Row | None:
        """The first of these files that nobody has in hand; None where there is none."""
        with self._choosing:
            found = next((row for row in rows if (row.message, row.n) not in self._taken), None)
            if found is not None:
                self._taken.add((found.message, found.n))
            return found

    def lay_down(self, row: store.Row) -> None:
        """Whoever comes next may take it."""
        with self._choosing:
            self._taken.discard((row.message, row.n))


class Porter:
    """Pushes files to one partner; `push` is used by one thread at a time.

    Several porters of one partner share their `hands`, so that a small file need not wait for a large one.
    """

    def __init__(self, station: Station, partner: str, hands: Hands | None = None) -> None:
        self._station = station
        self._partner = partner
        self._hands = hands or Hands()
        self._line = ChunkLine(station.database.keys, station.pace)
        self._halted = False

    def push(self) -> float:
        """Push what is due; answers in how many seconds to come back at the latest."""
        tried: set[tuple[str, int]] = set()
        while True:
            rows, to, pause = self._look()
            row = self._hands.take(one for one in rows if (one.message, one.n) not in tried)
            if row is None:
                return pause
            tried.add((row.message, row.n))
            try:
                self._try(row, to)
            finally:
                self._hands.lay_down(row)

    def _try(self, row: store.Row, to: Member | None) -> None:
        if self._halted:
            return
        if row.deadline <= self._station.database.clock():
            self._give_up(row, row.reason or "exchange.deadline")
        elif to is not None:
            self._push(row, to)

    def halt(self) -> None:
        """Begin no other chunk: the node stops."""
        self._halted = True

    def close(self) -> None:
        """Hang up."""
        self._line.close()

    def _look(self) -> tuple[list[store.Row], Member | None, float]:
        """What is due, to whom it may go, and in how many seconds something else is."""
        with self._station.database.read("exchange.pushes") as unit:
            rows = list(store.due_pushes(unit, self._partner))
            moment = store.next_push(unit, self._partner)
            to = directory(unit).members.get(self._partner)
            barred = to not in others(unit) or witnesses.frozen(unit, self._partner) is not None
            pause = _IDLE if moment is None else min(_IDLE, max(_SOON, (moment - unit.now).total_seconds()))
        return rows, None if barred else to, pause

    def _push(self, row: store.Row, to: Member) -> None:
        """One file, as far as it goes now."""
        try:
            with self._opened(row) as (file, pieces):
                state = self._carry(row, to, file, pieces)
        except (Unavailable, PartnerError) as error:
            self._later(row, error.code)
        except (BadInput, Tampered) as error:
            logger.warning("%s answered about a file of %s: %s", to.code, row.message, error)
            self._later(row, "exchange.answer")
        except NotFound as error:  # the case's key, or the content, is gone
            self._give_up(row, error.code)
        else:
            self._settle(row, state)

    def _carry(self, row: store.Row, to: Member, file: FileManifest, pieces: Pieces) -> str:
        """Push what the partner says is missing, until it says that nothing is, or something else."""
        while True:
            state, missing = self._ask(row, to, file)
            if state != "open" or not missing or self._halted:
                return state
            moved = file.size - sum(end - start for start, end in map(file.span, missing))
            self._carry_all(_Load(row, to, file, pieces, iter(missing), moved, monotonic()))

    def _ask(self, row: store.Row, to: Member, file: FileManifest) -> tuple[str, list[int]]:
        status, answer = self._line.request(to, "GET", f"{FILES}/{row.message}/{row.n}")
        if status != 200:
            raise _refused(to, b"", answer)
        return parse_standing(answer, file.count)

    def _carry_all(self, load: _Load) -> None:
        """Every missing chunk, one in the air at a time: while it is, the next one is sealed."""
        rooms = itertools.cycle((ChunkRoom(), ChunkRoom()))
        with ThreadPoolExecutor(1, "sealing") as pool:
            ahead: Future[_Sealed] | None = None
            for number in itertools.chain(load.missing, (None,)):
                made = ahead
                ahead = None if number is None else pool.submit(self._seal, load, number, next(rooms))
                if made is not None and not self._halted:
                    self._carry_one(load, *made.result())

    @staticmethod
    def _seal(load: _Load, number: int, room: ChunkRoom) -> "_Sealed":
        data = load.pieces.read(*load.file.span(number), room)
        return number, seal_chunk(load.file, number, data, room)

    def _carry_one(self, load: _Load, number: int, body: memoryview) -> None:
        self._station.observe(f"chunk:before:{number}")
        status, answer = self._line.request(load.to, "PUT", f"{CHUNKS}/{load.file.id(number).hex()}", body)
        self._station.observe(f"chunk:after:{number}")
        if status != 200:
            raise _refused(load.to, body, answer)
        start, end = load.file.span(number)
        load.moved += end - start
        if monotonic() - load.noted >= _NOTE_SECONDS:
            load.noted = monotonic()
            self._note(load)

    # --- what became of it ----------------------------------------------------------------------------------------

    def _note(self, load: _Load) -> None:
        """How far it is, for the operator; what is in reach has not failed."""
        with self._station.database.unit("exchange.push") as unit:
            since = load.row.since or unit.now
            store.set_push(unit, load.row, {"moved": load.moved, "since": since, "failures": 0, "reason": ""})

    def _settle(self, row: store.Row, state: str) -> None:
        with self._station.database.unit("exchange.push") as unit:
            if state == "done":
                store.set_push(unit, row, {"state": "done", "moved": row.size, "reason": ""})
            elif state == "ended":  # why, the partner's signed receipt says
                store.set_push(unit, row, {"state": "ended", "reason": "exchange.files-ended"})
            else:
                store.set_push(unit, row, {"next_at": unit.now})
        self._station.observe(f"file:{state}")

    def _later(self, row: store.Row, code: str) -> None:
        with self._station.database.unit("exchange.push") as unit:
            pause = backoff(row.failures + 1, random.random(), self._station.pace)  # noqa: S311  # spread, no secret
            change = {"failures": row.failures + 1, "next_at": unit.now + pause, "reason": code[:128]}
            store.set_push(unit, row, change)

    def _give_up(self, row: store.Row, code: str) -> None:
        """The file will not come: its message counts as undelivered, which the recipient's later word may change."""
        with self._station.database.unit("exchange.push-ended") as unit:
            owed = sent.outbox_row(unit, row.message, row.recipient)
            if store.set_push(unit, row, {"state": "ended", "reason": code}) and owed is not None:
                self._undelivered(unit, owed, code)

    def _undelivered(self, unit: Unit, owed: sent.Row, code: str) -> None:
        if owed.state not in {"accepted", "delivered"}:
            return
        sent.settle(unit, owed.n, {"state": "non_delivery", "reason": code})
        after = sent.outbox_row(unit, owed.message, owed.recipient)
        non_delivery(unit, after)
        tell(self._station, unit, delivery_of(after))

    def _opened(self, row: store.Row) -> "_Contents":
        with self._station.database.read("exchange.push") as unit:
            out, vault = opened_push(unit.keys, row), self._station.vault
            key = self._station.data_key(unit, out.key_id)
            if key is None or vault is None:
                raise NotFound("exchange.file-key", "The key that opens the file was destroyed, or there is no vault",
                               todo="Withdraw the message.")  # fmt: skip
            path = vault.place(unit, out.manifest.sha256, key)
        return _Contents(out.manifest, Pieces(path, out.manifest.size, key))


class _Contents:
    """A file's manifest and its open content, closed on leaving."""

    def __init__(self, file: FileManifest, pieces: Pieces) -> None:
        self._both = (file, pieces)

    def __enter__(self) -> tuple[FileManifest, Pieces]:
        return self._both

    def __exit__(self, *_: object) -> None:
        self._both[1].close()


def _refused(to: Member, body: Bytes, answer: bytes) -> ComityError:
    """The partner's signed error; Tampered for an answer that proves nothing."""
    kind, text, _ = parse_answer(answer)
    if kind != "error":
        raise Tampered("exchange.answer", f"{to.code} gives no signed reason", todo="It is tried again.")
    refusal = read_refusal(text, to, body)
    return PartnerError(refusal.code, f"{to.code}: {refusal.what}", todo=refusal.todo)


def files_due(station: Station) -> list[str]:
    """Partners for whom a file is open or overdue."""
    with station.database.read("exchange.pushes") as unit:
        return store.pushed_to(unit)


def push_due(station: Station) -> int:
    """Push to every partner, one after another, in this thread; to how many there was something to push."""
    partners = files_due(station)
    for code in partners:
        with closing(Porter(station, code)) as porter:
            porter.push()
    return len(partners)
