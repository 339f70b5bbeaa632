"""What a face needs of the node it serves: app builds one `Desk` and hands it to every command line and web route."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from comity.base.errors import Conflict, NotAllowed, Unconfirmed
from comity.base.model import Actor, Issuer
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault

REFUSED_EVERY: Final = timedelta(minutes=1)
"""A person's refused readings of one kind are logged at most this often: a program may try thousands of times."""


def _nobody(_database: Database, _token: str) -> Issuer:
    """Of a node that serves no browsers."""
    raise NotAllowed("access.session", "The session is over", todo="Sign in again with your passkey.")


def _no_bearer(_database: Database, _token: str) -> Issuer:
    """Of a node that takes no access tokens."""
    raise NotAllowed("access.token", "This access token is not known here", todo="Sign in with person and passphrase.")


def _none_confirms(database: Database, _issuer: Issuer, _answer: tuple[str, bytes]) -> Issuer:
    return _nobody(database, "")


@dataclass(frozen=True)
class Desk:
    """One node's open database and vault, and the way in for its people."""

    code: str
    """The node's code, such as ``XA``."""
    home: Path
    """The folder that holds the node's settings, keys and data."""
    database: Database
    vault: Vault
    sign_in: Callable[[Database, str, str], Issuer]
    """(database, person, passphrase) to the person's `Issuer`; NotAllowed when they do not belong together. It opens
    its own units and commits what it counts."""
    refused: Callable[[Unit, Actor, str, NotAllowed | Conflict], None]
    """(unit, actor, verb, error): keeps the log entry of an act that was refused."""
    resume: Callable[[Database, str], Issuer] = _nobody
    """(database, token) to the person of an open session at a browser; NotAllowed where there is none."""
    bearer: Callable[[Database, str], Issuer] = _no_bearer
    """(database, access token) to the person or system for whom a program acts; NotAllowed for any other text."""
    confirm: Callable[[Database, Issuer, tuple[str, bytes]], Issuer] = _none_confirms
    """(database, issuer, (ceremony, a passkey's answer)) to the person who has confirmed the act that was shown."""
    address: str = ""
    """The officers' origin, such as http://xa.localhost:8440; empty where no officer is served."""
    training: bool = False
    """Whether the node is synthetic."""
    name: str = ""
    """What the node's agency is called."""
    _refusals: dict[tuple[str, str], datetime] = field(default_factory=dict, repr=False, compare=False)
    """By person and verb, when a refused reading was logged last."""

    def enter(self, person: str, passphrase: str) -> Issuer:
        """`person`, signed in before any unit is open; NotAllowed is counted."""
        return self.sign_in(self.database, person, passphrase)

    @contextlib.contextmanager
    def acting(self, name: str, issuer: Issuer) -> Iterator[Unit]:
        """A write unit for one act of a signed-in person: an act that is refused undoes itself, and is logged; one that
        is yet to be confirmed leaves nothing.

        Refused is what the person may not do, and what the state of its matter forbids (twice, out of order, too late).
        """
        refusal: NotAllowed | Conflict | None = None
        with self.database.unit(name) as unit:
            try:
                with unit.act():
                    issuer.require(name)
                    yield unit
            except Unconfirmed:
                raise
            except (NotAllowed, Conflict) as error:
                self.refused(unit, issuer.actor, name, error)
                refusal = error
        if refusal is not None:
            raise refusal

    def require(self, name: str, issuer: Issuer) -> None:
        """NotAllowed unless `issuer` is for the verb of something that is read without an act; it is logged, once in
        `REFUSED_EVERY` for a person and a verb."""
        try:
            issuer.require(name)
        except NotAllowed as error:
            self._note(name, issuer, error)
            raise

    @contextlib.contextmanager
    def reading(self, name: str, issuer: Issuer) -> Iterator[Unit]:
        """A read unit for something that is shown without an act; where it is refused, that is logged as `require`
        does."""
        try:
            with self.database.read(name) as unit:
                yield unit
        except NotAllowed as error:
            self._note(name, issuer, error)
            raise

    def _note(self, name: str, issuer: Issuer, error: NotAllowed) -> None:
        key, now = (issuer.actor.person, name), self.database.clock()
        last = self._refusals.get(key)
        if not self.database.sealed and (last is None or now >= last + REFUSED_EVERY):
            self._refusals[key] = now
            with self.database.unit(name) as unit:
                self.refused(unit, issuer.actor, name, error)

    def chore(self, name: str, due: Callable[[Unit], object], work: Callable[[Unit], object]) -> None:
        """Does `work` in a write unit where `due` finds something to do: an idle node writes nothing."""
        with self.database.read(name) as unit:
            if not due(unit):
                return
        with self.database.unit(name) as unit:
            work(unit)
