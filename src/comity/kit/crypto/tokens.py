"""The session with a PKCS #11 token, such as a hardware security module, in which keys of the node stay.

Promises: nothing is asked of the token, and no PIN of anybody, before a key is used; a PIN that the token refused is
never tried again, because tokens lock themselves; a call that fails is made once more after the module was started
anew, so a token that was away is found again; one thread at a time speaks with a module. The keys: `tokenkeys`.
"""

import contextlib
import importlib
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from comity.base.errors import BadInput, ComityError, Misconfigured, NotAllowed, Unavailable

if TYPE_CHECKING:
    from pkcs11 import Session

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where a token is: the path of its maker's PKCS #11 module, and the token's label."""

    module: str
    label: str


@dataclass
class _Line:
    """This process's line to one module, which keeps one state for the whole process: slots, sessions, log-ins."""

    turn: threading.RLock = field(default_factory=threading.RLock)
    starts: int = 0


_lines: Final[defaultdict[str, _Line]] = defaultdict(_Line)


class Token:
    """The token at `place`; `ask` is told its label and answers the PIN, when a key is first used."""

    def __init__(self, place: Place, ask: Callable[[str], str]) -> None:
        self.place = place
        self._ask = ask
        self._pin = ""
        self._refused = False
        self._line = _lines[place.module]
        self._session: Session | None = None
        self._start = -1
        self._found: dict[tuple[str, bytes], Any] = {}
        self._made: list[bytes] = []

    # --- keys ---

    def keep_count(self, id: bytes) -> None:
        """The key `id` was made here; `destroy_made` goes by it."""
        self._made.append(id)

    def destroy(self, id: bytes) -> None:
        """Destroy the key `id`, both halves; nothing happens where there is none."""

        def deed(session: "Session") -> None:
            for one in list(session.get_objects({driver().Attribute.ID: id})):
                one.destroy()

        self.use(deed)
        self._found.clear()

    def destroy_made(self) -> None:
        """Destroy every key that was made here: whoever asked for them has failed."""
        while self._made:
            self.destroy(self._made.pop())

    def find(self, kind: str, id: bytes) -> Any:
        """The key object of `kind` (PRIVATE_KEY, SECRET_KEY) in the session that is open; for `use` only."""
        if (kind, id) not in self._found:
            api = driver()
            assert self._session is not None
            made = self._session.get_key(object_class=getattr(api.ObjectClass, kind), id=id)
            self._found[kind, id] = made
        return self._found[kind, id]

    # --- the session ---

    def use(self, deed: Callable[["Session"], T]) -> T:
        """What `deed` answers to an open session; Unavailable ``keys.token`` when the token is away.

        NotAllowed ``keys.token-pin`` when it refuses the PIN, Misconfigured ``keys.token-key`` when it lacks the key.
        """
        failure: type[Exception] = driver().PKCS11Error
        with self._line.turn:
            with contextlib.suppress(failure):
                return deed(self._opened())
            try:
                self._restart()
                return deed(self._opened())
            except failure as error:
                raise self._told(error) from error

    def close(self) -> None:
        """Log out; the next use logs in again."""
        with self._line.turn:
            if self._session is not None and self._start == self._line.starts:
                with contextlib.suppress(driver().PKCS11Error):  # it is away: nobody is logged in
                    self._session.close()
            self._session = None

    def _opened(self) -> "Session":
        if self._session is None or self._start != self._line.starts:
            self._found.clear()
            self._session, self._start = None, self._line.starts
            self._session = self._logged_in()
        return self._session

    def _logged_in(self) -> "Session":
        api = driver()
        if self._refused:
            raise self._wrong_pin()
        self._pin = self._pin or self._asked()
        token = api.lib(self.place.module).get_token(token_label=self.place.label)
        try:
            session: Session = token.open(rw=True, user_pin=self._pin)
        except api.UserAlreadyLoggedIn:  # something else in this process has shown the PIN: it counts for all of it
            session = token.open(rw=True)
        except (api.PinIncorrect, api.PinInvalid, api.PinLenRange, api.PinLocked, api.PinExpired) as error:
            self._refused = True
            raise self._wrong_pin() from error
        return session

    def _asked(self) -> str:
        try:
            return self._ask(self.place.label)
        except BadInput as error:  # whatever is being read is sound: what lacks is the PIN
            raise Misconfigured(error.code, error.what, where=error.where, todo=error.todo) from error

    def _restart(self) -> None:
        """Start the module anew, unless another token's user has done so since: it then looks at its slots again."""
        if self._start == self._line.starts:
            self._line.starts += 1  # in any case: the sessions are gone with the attempt
            driver().lib(self.place.module).reinitialize()

    # --- what to say ---

    def _told(self, error: Exception) -> ComityError:
        if isinstance(error, driver().NoSuchKey):
            return Misconfigured(
                "keys.token-key", "The token does not hold a key that the node's files name", where=self.place.label,
                todo="Insert the token with which this node was made, or restore the token from its own backup.",
            )  # fmt: skip
        return Unavailable(
            "keys.token", f"The token does not answer: {error or type(error).__name__}", where=self.place.label,
            todo="Nothing was done. Connect it, check `token_module` and `token_label` in comity.toml, and try again.",
        )  # fmt: skip

    def _wrong_pin(self) -> ComityError:
        return NotAllowed(
            "keys.token-pin", "The token refused the PIN, which is not tried again", where=self.place.label,
            todo="Start again with the right PIN; tokens lock themselves after a few wrong ones.",
        )  # fmt: skip


def driver() -> Any:
    """The package that speaks PKCS #11, loaded when it is first needed: it is an extra, and takes its time."""
    try:
        return importlib.import_module("pkcs11")
    except ImportError as error:
        raise Misconfigured(
            "keys.token-driver", "This installation cannot speak with tokens: python-pkcs11 is missing",
            todo="Install what requirements/pkcs11.txt lists, or the extra comity[pkcs11].",
        ) from error  # fmt: skip
