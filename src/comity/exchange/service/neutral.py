"""A neutral witness: it cosigns the checkpoints of the logs that it was told of, and is no node (C2SP tlog-witness).

It knows sizes and hashes, no partner, no message and no person. Two nodes that trust nobody in common need one: each
other's word is all they have otherwise.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.base.clock import Clock, system_clock
from comity.base.errors import BadInput, ComityError, Conflict, Misconfigured, NotAllowed, NotFound, Tampered
from comity.exchange.model import Submission
from comity.exchange.store import neutral as store
from comity.exchange.store.neutral import Book, Watched
from comity.exchange.wire import witness as wire
from comity.kit.codec.notes import VerifierKey, cosign
from comity.kit.crypto.durable import write_new
from comity.kit.crypto.signing import SigningKey
from comity.log import service as log
from comity.log.model import Head

_KEY: Final = "witness.pem"
_NAME: Final = "name"
_BOOK: Final = "witness.db"


@dataclass(frozen=True)
class Said:
    """An answer over HTTP."""

    status: int
    body: bytes
    media: str = wire.LINES_TYPE


@dataclass(frozen=True)
class Neutral:
    """A witness: its name and key, and its book."""

    name: str
    key: SigningKey
    book: Book
    clock: Clock = system_clock

    @property
    def verifier(self) -> VerifierKey:
        """What others list, so that its cosignatures count."""
        return VerifierKey(self.name, self.key.public, cosigns=True)

    def watch(self, key: str) -> str:
        """Cosign that log from now on; its origin. BadInput for no key; Conflict when another is listed for it."""
        listed = log.named_key(key)
        if not self.book.add(listed.name, listed.format(), log.empty_head(listed.name).root):
            raise Conflict("exchange.neutral-known", f"{listed.name} is watched already",
                           todo="See `comity witness list`.")  # fmt: skip
        return listed.name

    def add_checkpoint(self, body: bytes) -> Said:
        """The answer to a checkpoint handed in. Never raises ComityError.

        400 for what does not parse; 404 for a log that is not watched; 403 for a signature that is not its key's; 409,
        with the size, where another was cosigned last; 422 where it does not extend that. Two signed roots of one size
        are kept as evidence.
        """
        try:
            made = wire.parse_submission(body)
            return self._judged(made)
        except ComityError as error:
            status = next((number for kind, number in _STATUS if isinstance(error, kind)), 500)
            return Said(status, f"{error.what}\n".encode())

    def _judged(self, made: Submission) -> Said:
        origin, at = made.note.partition("\n")[0], int(self.clock().timestamp())
        with self.book.writing() as connection:
            known = store.watched(connection, origin)
            if known is None:
                raise NotFound("exchange.witness-origin", f"{origin[:80]!r} is not watched here",
                               todo="Have its key added: comity witness add KEY.")  # fmt: skip
            head = _head(made, log.named_key(known.key))
            if known.size != made.old:
                return Said(409, wire.size_body(known.size), wire.SIZE_TYPE)
            what = _contradiction(known, made)
            if what:
                if head.size == known.size:  # both signed notes say it; a proof that fails may be anybody's
                    store.contradict(connection, known, made.note, f"two logs of {head.size} entries", at)
                return Said(422, f"{what}\n".encode())
            store.keep(connection, origin, (head.size, head.root), made.note, at)
        return Said(200, cosign(made.note, self.name, self.key, at).encode())


_STATUS: Final[tuple[tuple[type[ComityError], int], ...]] = (
    (BadInput, 400), (NotFound, 404), (NotAllowed, 403), (Tampered, 422),
)  # fmt: skip


def found_witness(folder: Path, name: str) -> Neutral:
    """A new witness in `folder`, with a fresh key; BadInput for a name that no key can have, Conflict for a second."""
    key = SigningKey.generate()
    VerifierKey.parse(VerifierKey(name, key.public, cosigns=True).format(), cosigns=True)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        write_new(folder / _KEY, key.to_pem())
    except FileExistsError as error:
        raise Conflict("exchange.neutral-there", "There is a witness already", where=str(folder),
                       todo="Choose another folder for another witness.") from error  # fmt: skip
    (folder / _NAME).write_text(f"{name}\n", encoding="utf-8")
    return Neutral(name, key, Book.create(folder / _BOOK))


def open_witness(folder: Path, clock: Clock = system_clock) -> Neutral:
    """The witness in `folder`; Misconfigured where there is none."""
    try:
        name = (folder / _NAME).read_text(encoding="utf-8").strip()
        key = SigningKey.from_pem((folder / _KEY).read_bytes())
    except (OSError, UnicodeDecodeError, BadInput) as error:
        raise Misconfigured("exchange.neutral-none", "There is no witness here", where=str(folder),
                            todo="Make one with `comity witness init`.") from error  # fmt: skip
    return Neutral(name, key, Book(folder / _BOOK), clock)


def _head(made: Submission, key: VerifierKey) -> Head:
    try:
        head = log.check_checkpoint(made.note, key)
    except Tampered as error:
        raise NotAllowed("exchange.witness-key", error.what, todo="Sign it with the log's key.") from error
    if made.old > head.size:
        raise BadInput("exchange.witness", f"The old size {made.old} is above the new one, {head.size}",
                       todo="Hand in a checkpoint of the present log.")  # fmt: skip
    return head


def _contradiction(known: Watched, made: Submission) -> str:
    """Why the checkpoint does not extend what was cosigned last; empty where it does."""
    try:
        before = Head(known.origin, known.size, known.root)
        log.check_consistency(before, made.note, made.hashes, log.named_key(known.key))
    except Tampered as error:
        return error.what
    return ""
