"""The office's folder: ``metadata`` and ``targets`` for everybody, ``keys`` for nobody else, and who is invited.

Copy ``metadata`` and ``targets`` behind any web server, or hand out ``FEDERATION.zip``. The keys ``root.pem`` and
``targets.pem`` may lie elsewhere; only what needs them asks for them.
"""

import fcntl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from tuf.api.metadata import Root

from comity.base.errors import BadInput, Conflict, Misconfigured
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.exchange.service.federation import rooting
from comity.exchange.service.federation.founding import Charter, found
from comity.exchange.service.federation.joining import Invitation, Request, admit
from comity.exchange.service.federation.metadata import read
from comity.exchange.service.federation.office import OFFICE_KEYS, ROOT, Office
from comity.exchange.wire import directory as wire
from comity.exchange.wire.fields import node, thing
from comity.kit.codec.jcs import canonical, parse_object
from comity.kit.crypto.durable import PRIVATE, PUBLIC, replace, write_new
from comity.kit.crypto.signing import SigningKey, VerifyKey

_BOOK: Final = "office.json"
_KEYS: Final = "keys"
_LOCK: Final = "office.lock"
_FRESH: Final = timedelta(minutes=30)
_RENEWABLE: Final = ("targets", "snapshot", "timestamp")
_KINDS: Final = ("metadata", "targets", "federations")


@dataclass
class Folder:
    """An office on disk; `invited` are the invitations not used yet: id to code."""

    path: Path
    office: Office
    invited: dict[str, str] = field(default_factory=dict)
    coming: dict[str, SigningKey] = field(default_factory=dict)
    """Keys of the office that a proposed root names and that are not in use yet, by role."""

    @property
    def bundle(self) -> Path:
        """The whole federation as one file."""
        return self.path / wire.BUNDLE

    def renewed(self, roles: Iterable[str]) -> dict[str, VerifyKey]:
        """The public halves of the office's next keys for these roles; made where there are none yet."""
        for role in roles:
            if role not in _RENEWABLE:
                raise BadInput("exchange.office-role", f"The office has no key {role!r} that a root names",
                               todo=f"Name one of {', '.join(_RENEWABLE)}.")  # fmt: skip
            if role not in self.coming:
                self.coming[role] = SigningKey.generate()
                write_key(_next_key(self.path, role), self.coming[role])
        return {role: self.coming[role].public for role in roles}

    def take_root(self, proposed: bytes, now: datetime) -> None:
        """Take up the root that enough holders have signed, with the office's next keys that it names."""
        rooting.install(self.office, proposed, now, _named(proposed, self.coming))
        save(self)
        _bring_into_use(self.path, self.office.root, self.coming)

    def invite(self, code: str, now: datetime) -> Invitation:
        """An invitation for `code`, to be used once; for a member that has lost its membership key, too."""
        made = Invitation(self.office.federation, node(code, "code", "invitation"), uuid7(now), self.office.root)
        self.invited[made.id] = code
        return made

    def admit(self, made: Request, now: datetime) -> None:
        """Take a member's file in: a new key only by an invitation for that code, which is used up."""
        code = made.member.code
        known = self.office.member_keys().get(code)
        if known != made.key:
            if self.invited.get(made.invitation) != code:
                raise Conflict("exchange.not-invited", f"{code} is not invited with this file, or was and has joined",
                               todo=f"Invite it: comity federation invite {code} --dir {self.path}")  # fmt: skip
            del self.invited[made.invitation]
        admit(self.office, made, now)


def create(path: Path, charter: Charter, now: datetime) -> Folder:
    """A new federation in `path`, which must be empty or missing; its keys are made (mode 0600). Conflict otherwise."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise Conflict("exchange.office-exists", "The folder is in use", where=str(path), todo="Name an empty one.")
    keys = {role: SigningKey.generate() for role in (ROOT, *OFFICE_KEYS)}
    made = Folder(path, found(charter, keys, now))
    with _disk(path):
        (path / _KEYS).mkdir(mode=0o700, parents=True)
    for role, key in keys.items():
        write_key(path / _KEYS / f"{role}.pem", key)
    save(made)
    return made


def load(path: Path) -> Folder:
    """The office in `path` with the keys that lie there; Misconfigured when there is none."""
    require_office(path)
    with _disk(path):
        book = parse_object((path / _BOOK).read_bytes(), where=_BOOK)
        files = {
            str(file.relative_to(path)): file.read_bytes()
            for kind in _KINDS for file in sorted((path / kind).rglob("*")) if file.suffix in {".json", ".zip"}
        }  # fmt: skip
    coming = {role: read_key(file) for role in _RENEWABLE if (file := _next_key(path, role)).exists()}
    _bring_into_use(path, Office(files, {}).root, coming)
    keys = {role: read_key(file) for role in (ROOT, *OFFICE_KEYS) if (file := path / _KEYS / f"{role}.pem").exists()}
    invited = {id: str(code) for id, code in thing(book.get("invited"), "office", "invited").items()}
    return Folder(path, Office(files, keys), invited, coming)


def require_office(path: Path) -> None:
    """Misconfigured unless `path` is an office's folder."""
    if not (path / _BOOK).is_file():
        raise Misconfigured("exchange.no-office", "There is no federation's office in this folder", where=str(path),
                            todo="Make one: comity federation create NAME --dir DIR")  # fmt: skip


@contextmanager
def working(path: Path) -> Iterator[Folder]:
    """The office in `path`, saved when the work on it succeeds; two at once take turns."""
    require_office(path)
    with _disk(path):
        book = (path / _LOCK).open("ab")
    with book:
        fcntl.flock(book, fcntl.LOCK_EX)
        made = load(path)
        yield made
        save(made)


def keep_fresh(path: Path, now: datetime) -> bool:
    """Say anew that nothing is newer, where the last word is half an hour old and the online keys lie in the folder.

    So a running node that mirrors from its own office's folder needs no timer beside it.
    """
    if not (path / _BOOK).is_file() or not (path / _KEYS / "timestamp.pem").is_file():
        return False
    with working(path) as made:
        if now - made.office.view().issued < _FRESH:
            return False
        made.office.refresh(now)
    return True


def make_holder(path: Path) -> str:
    """A root key for its holder in `path`, with its public half beside it (``.pub``); the fingerprint."""
    key = SigningKey.generate()
    write_key(path, key)
    with _disk(path):
        path.with_suffix(".pub").write_text(key.public.raw.hex() + "\n", encoding="ascii")
    return key.public.fingerprint


def read_public(data: bytes) -> VerifyKey:
    """The public key in a ``.pub`` file; BadInput for anything else."""
    try:
        return VerifyKey.from_raw(bytes.fromhex(data.decode("ascii").strip()))
    except ValueError as error:
        raise BadInput("exchange.public-key", "This is no public key of a root key holder",
                       todo="Name the .pub file that `comity federation holder` wrote.") from error  # fmt: skip


def save(made: Folder) -> None:
    """Write the repository and the bundle; the timestamp last, so that whoever reads meanwhile sees a whole edition."""
    book: JsonObject = {"v": 1, "invited": {**made.invited}}
    names = sorted(made.office.files, key=lambda name: (name.endswith("/timestamp.json"), name))
    with _disk(made.path):
        for gone in (made.path / "federations").glob("*.zip"):
            if f"federations/{gone.name}" not in made.office.files:
                gone.unlink()
        for name in names:
            _put(made.path / name, made.office.files[name])
        _put(made.path / _BOOK, canonical(book), PRIVATE)
        _put(made.bundle, made.office.bundle)


def _named(root: bytes, coming: Mapping[str, SigningKey]) -> dict[str, SigningKey]:
    """Those of the office's next keys that a root names."""
    roles = read(root, Root).signed.roles
    return {role: key for role, key in coming.items() if key.public.fingerprint in roles[role].keyids}


def _bring_into_use(path: Path, root: bytes, coming: dict[str, SigningKey]) -> None:
    """What the present root names is the office's key; the next `load` finishes what was interrupted here."""
    for role in _named(root, coming):
        _next_key(path, role).replace(path / _KEYS / f"{role}.pem")
        del coming[role]


def _next_key(path: Path, role: str) -> Path:
    return path / _KEYS / f"{role}.next.pem"


def read_key(path: Path) -> SigningKey:
    """A key file that `write_key` wrote; Misconfigured where it is open to others, BadInput where it is no key."""
    with _disk(path):
        if path.stat().st_mode & 0o077:
            raise Misconfigured("keys.open", "A key file is open to other users of this machine", where=str(path),
                                todo=f"Run: chmod 600 {path}")  # fmt: skip
        return SigningKey.from_pem(path.read_bytes())


def write_key(path: Path, key: SigningKey) -> None:
    """A new key file that only its owner can read. Conflict when it exists."""
    try:
        with _disk(path):
            write_new(path, key.to_pem())
    except FileExistsError as error:
        raise Conflict("exchange.key-exists", "There is a key already", where=str(path),
                       todo="Name another file; a key is never overwritten.") from error  # fmt: skip


def _put(path: Path, data: bytes, mode: int = PUBLIC) -> None:
    """What is there already stays as it is."""
    if not path.exists() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, data, mode)


@contextmanager
def _disk(path: Path) -> Iterator[None]:
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        raise BadInput("exchange.office-folder", f"The folder cannot be used: {error.strerror}", where=str(path),
                       todo="Name a folder that you may read and write.") from error  # fmt: skip
