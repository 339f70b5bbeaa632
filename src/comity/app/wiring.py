"""Build a node from its settings: the one place where rooms are handed to each other.

`create_node` opens nothing that listens and starts no thread; the command line and the servers share what it builds.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Final

from comity.access import service as access
from comity.app import headlock
from comity.app.homes import seal, sealed_because
from comity.app.settings import Settings
from comity.base.clock import Clock, rfc3339, system_clock
from comity.base.errors import BadInput, ComityError, Conflict, NotAllowed, NotFound
from comity.base.model import Actor, DataKey
from comity.cases import service as cases
from comity.dna import service as dna
from comity.evidence import service as evidence
from comity.exchange import service as exchange
from comity.exchange.model import Allowance, Pace, Received
from comity.exchange.service import Handler, Station, Watcher
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.passkeys import Site
from comity.kit.crypto.signing import VerifyKey
from comity.kit.crypto.tokens import Token
from comity.kit.database.unit import Database, Observer, Unit
from comity.kit.shell import pin
from comity.kit.vault.blobs import Vault
from comity.kit.vault.desk import Desk
from comity.legal import service as legal
from comity.log import service as log
from comity.log.model import Record
from comity.search import service as search
from comity.search.model import Matcher

Matchers = dict[str, Matcher[Unit]]

TOPICS: Final = {topic.kind: topic for topic in (dna.TOPIC,)}
"""The versioned state that nodes tell each other, by kind."""


@dataclass(frozen=True)
class Node:
    """Everything of one node, wired; close it with `close`."""

    settings: Settings
    keys: KeyRing
    database: Database
    vault: Vault
    station: Station
    desk: Desk
    matchers: Matchers

    def close(self) -> None:
        """Let go of the database, and of the token."""
        self.database.dispose()
        if self.keys.token is not None:
            self.keys.token.close()


def create_node(
    settings: Settings, *, clock: Clock = system_clock, observer: Observer | None = None, token: Token | None = None
) -> Node:
    """The node of these settings; `observer` is told every commit and HTTP step (tests kill the process there).

    `token` is the node's, where whoever calls has opened it already; otherwise the settings say which one it is.
    """
    keys = KeyRing.load(settings.keys_folder, settings.code, token or token_of(settings))
    database = Database(settings.database_url, node=settings.code, keys=keys, clock=clock, observer=observer)
    _guard(settings, database)
    vault = Vault(settings.vault_folder)
    known = matchers(settings.home)
    return Node(
        settings, keys, database, vault, _station(settings, database, vault, known, observer),
        _desk(settings, database, vault), known,
    )  # fmt: skip


def matchers(home: Path | None = None) -> Matchers:
    """What this release can search with; under `home` they keep what would take long to make anew."""
    return {"dna": dna.DnaMatcher(None if home is None else home / dna.INDEX)}


def token_of(settings: Settings) -> Token | None:
    """The token that the settings name; its PIN is asked for as the command line was told, when a key is used."""
    return Token(settings.token, pin) if settings.token is not None else None


def _guard(settings: Settings, database: Database) -> None:
    """Read-only for a node that is sealed, or whose database went back in time; else its head is remembered."""
    lock = settings.home / headlock.FILE
    database.sealed = bool(sealed_because(settings.home))
    if reason := headlock.contradiction(database, lock):
        _halt(settings, database, reason)
    headlock.keep(database, lock)


def _halt(settings: Settings, database: Database, reason: str) -> None:
    """Read-only from now on, and after every start."""
    seal(settings.home, reason)
    database.sealed = True


def _station(
    settings: Settings, database: Database, vault: Vault, matchers: Matchers, observer: Observer | None
) -> Station:
    pace = Pace(first_retry=settings.retry_first_s, longest_retry=settings.retry_most_s)
    allowance = Allowance(settings.partner_per_s, settings.partner_at_once)
    halt = partial(_halt, settings, database)
    station = Station(database, handlers(matchers, vault), watchers(), pace, allowance, seal=halt, topics=TOPICS)
    keepers = {"evidence.package": evidence.keep_package}
    station = replace(station, vault=vault, keepers=keepers, data_key=find_key, authority=settings.authority)
    patience = timedelta(minutes=settings.witness_minutes)
    station = replace(station, witness_policy=settings.witness_policy_path, witness_patience=patience)
    return replace(station, observe=observer) if observer is not None else station


def _desk(settings: Settings, database: Database, vault: Vault) -> Desk:
    return Desk(
        settings.code, settings.home, database, vault, access.enter, log_refusal, access.resume, access.by_token,
        partial(access.confirm, site=Site.at(settings.officer_address)),
        "" if settings.is_relay else settings.officer_address, settings.training,
        settings.name,
    )  # fmt: skip


def handlers(matchers: Matchers, vault: Vault) -> dict[str, Handler]:
    """What each kind of partner message makes this node do."""
    return {
        "search.query": _with(search.on_query, matchers),
        "search.batch": _with(search.on_batch, matchers),
        "search.correction": _with(search.on_correction, matchers),
        "search.withdrawal": search.on_withdrawal,
        "search.answer": search.on_answer,
        "search.answers": search.on_answers,
        "search.confirmation": search.on_confirmation,
        "search.note": search.on_note,
        "search.core_request": search.on_core_request,
        "search.status": search.on_status,
        "search.core_data": search.on_core_data,
        **exchange.item_handlers(TOPICS),
        "refusal": on_refusal,
        "evidence.request": evidence.on_request,
        "evidence.package": partial(evidence.on_package, vault=vault),
        "evidence.key": partial(evidence.on_key, vault=vault),
        "evidence.acceptance": partial(evidence.on_acceptance, vault=vault),
        "evidence.countersigned": partial(evidence.on_countersigned, vault=vault),
    }


def on_refusal(unit: Unit, received: Received) -> None:
    """A partner's refusal goes to the room whose question it answers."""
    room = evidence if evidence.speaks_of(unit, received) else search
    room.on_refusal(unit, received)


def _with(verb: Callable[[Unit, Matchers, Received], None], matchers: Matchers) -> Handler:
    return lambda unit, received: verb(unit, matchers, received)


def watchers() -> dict[str, Watcher]:
    """Who is told what became of each kind of sent message."""
    return {**dict.fromkeys(search.WATCHED, search.on_delivery), "evidence.package": evidence.on_delivery}


def partner_key(unit: Unit, code: str) -> VerifyKey:
    """The key by which a partner's node signs, as the directory in force has it."""
    return VerifyKey.from_raw(exchange.member(unit, code).signing)


def find_key(unit: Unit, name: str) -> DataKey | None:
    """The data key of that name as log entries name it: a case's, unless destroyed, or one of the node's own."""
    if not name.startswith("case:"):
        return unit.keys.data_key(name)
    try:
        return cases.data_key(unit, name.removeprefix("case:"))
    except NotFound:
        return None


def upstairs(station: Callable[[], Station] | None = None) -> log.Upstairs:
    """What an export from the log needs of other rooms; `station` asks for time stamps, where one is at hand."""
    above = log.Upstairs(
        find_key, cases.find_id, exchange.surroundings, exchange.stamps_over, cosigned=exchange.cosigned_note
    )  # fmt: skip
    if station is None:
        return above
    return replace(
        above, stamp=lambda note: _stamp(station(), note),
        around=lambda unit, relied: exchange.surroundings(unit, relied, station().witness_policy),
    )  # fmt: skip


def _stamp(station: Station, note: str) -> log.Stamped:
    """A time stamp over an export's own checkpoint, or why the export goes without."""
    try:
        made = exchange.ask_stamp(station, note)
    except ComityError as error:
        return log.Stamped(why=error.what)
    return log.Stamped(made.token, rfc3339(made.stamped_at), keep=lambda unit: exchange.keep_stamp(unit, made))


def check_offence(unit: Unit, code: str) -> None:
    """BadInput for an offence that no table of this node's own state knows: nothing could ever be decided on it."""
    offences = legal.tables(unit).offences_of.get(unit.node, ())
    if any(offence.code == code for offence in offences):
        return
    see = f"See its codes: comity legal offences --state {unit.node}" if offences else "It has no offence list yet"
    raise BadInput(
        "cases.offence-unknown", f"No table of {unit.node} knows the offence {code[:40]!r}", where="offence",
        todo=f"{see}; or import its list: comity legal import FILE.",
    )  # fmt: skip


def own_offences(unit: Unit) -> list[tuple[str, str]]:
    """The codes of this state's own offences that hold today, with their text."""
    known, today = legal.tables(unit).offences_of.get(unit.node, ()), unit.now.date()
    holding = [
        one for one in known if one.valid_from <= today and (one.valid_until is None or today <= one.valid_until)
    ]
    return sorted({one.code: one.text for one in holding}.items())


def forget_case(desk: Desk) -> cases.Forget:
    """Destroys what rooms keep of a case under keys of the node, and the contents under its own key, which none opens
    any more."""

    def forget(unit: Unit, case: str) -> None:
        evidence.forget(unit, case)
        search.forget(unit, case)
        desk.vault.drop_under(unit, cases.key_id(case))

    return forget


def log_refusal(unit: Unit, actor: Actor, verb: str, error: NotAllowed | Conflict) -> None:
    """The log entry of an act that was refused: who tried what, and the reason's code."""
    record = Record(
        type="act.refused", actor=actor, subject={"verb": verb}, payload={"code": error.code, "what": error.what}
    )
    log.append(unit, record)
