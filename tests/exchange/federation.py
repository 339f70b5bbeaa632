"""A small federation for tests: nodes on throwaway databases, a signed directory, real ports under mutual TLS."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from tuf.api.metadata import MetaFile, Snapshot, Targets, Timestamp

from comity.base.clock import rfc3339
from comity.base.errors import BadInput
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.exchange import service
from comity.exchange.api import serve
from comity.exchange.model import Freshness, Message, Pace
from comity.exchange.service import Station
from comity.exchange.service.federation.founding import Charter, found
from comity.exchange.service.federation.metadata import read, sign, until
from comity.exchange.service.federation.office import OFFICE_KEYS, ROOT, Office
from comity.exchange.service.federation.reading import fingerprint
from comity.exchange.service.federation.roles import role_over
from comity.exchange.service.members import read_entry
from comity.kit.codec.jcs import canonical
from comity.kit.crypto.certificates import to_der
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.signing import SigningKey
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Database, Unit
from comity.kit.web.servers import Server
from comity.legal import service as legal
from comity.legal.model import Permit, Question
from comity.log import service as log

FAST = Pace(first_retry=0.05, longest_retry=0.2, connect=2.0, response=5.0)
NOTHING: Mapping[str, JsonObject] = MappingProxyType({})
CLOSED = "https://127.0.0.1:9"
"""An address at which nobody listens."""
FACTS: JsonObject = {
    "offence": "XA-CC-101", "purpose": "criminal_investigation", "data_category": "dna_profile", "modality": "dna",
    "handling": {"code": "H1", "tlp": "AMBER", "pap": "AMBER", "classification": "UNCLASSIFIED"},
}  # fmt: skip


def _keys() -> dict[str, SigningKey]:
    return {role: SigningKey.generate() for role in (ROOT, *OFFICE_KEYS)}


OFFICE = _keys()
LONG = timedelta(days=1000)
MEMBERS = {code: SigningKey.generate() for code in ("XA", "XB", "XC", "XD", "XE", "XX", "XY", "XZ")}
"""By which key each code signs its entry; a snapshot names all of them, so that one may be left out again."""
FOUNDED = datetime.fromisoformat("2020-01-01T00:00:00+00:00")


def charter(**changes: Any) -> Charter:
    """A federation whose directory stays fresh for as long as a test may last."""
    patient = Freshness(LONG, LONG, LONG, LONG)
    return replace(Charter("training", freshness=patient, rooted=36_500), **changes)


def root_file(keys: dict[str, SigningKey]) -> bytes:
    """The one root of the federation that these keys make."""
    return found(charter(), keys, FOUNDED).root


PIN = fingerprint(root_file(OFFICE))


def directory_file(
    entries: list[JsonObject], version: int, now: datetime, keys: dict[str, SigningKey] = OFFICE, **changes: Any
) -> bytes:
    """A bundle of these members in which everything is of that version; entries marked `revoked` are."""
    office = found(charter(**changes), keys, now)
    office.files["metadata/1.root.json"] = root_file(keys)
    revoked = [str(one["code"]) for one in entries if one.get("revoked")]
    for one in entries:
        code = str(one["code"])
        data = canonical({name: value for name, value in one.items() if name != "revoked"})
        key = MEMBERS.setdefault(code, SigningKey.generate())
        office.delegate(code, key.public, now)
        role = sign(role_over(code, data, version, until(now, 365)), [key])
        if f"metadata/{code}.json" in office.files:
            raise BadInput("exchange.member", f"{code} is given twice", todo="Give each entry once.")
        read_entry(code, data)
        office.take(code, role, data)
    office.revoke(revoked, now)
    return renumbered(office, version, now)


def renumbered(office: Office, version: int, now: datetime) -> bytes:
    """The office's bundle with every version set, as if it had published that often."""
    names = ["targets", "revocations", *(code for code in MEMBERS if f"metadata/{code}.json" in office.files)]
    for name in ("targets", "revocations"):
        body = read(office.files[f"metadata/{name}.json"], Targets).signed
        body.version = version
        office.files[f"metadata/{name}.json"] = sign(body, [office.keys[name]])
    gone = {f"{code}.json": MetaFile(version) for code in MEMBERS}
    files = {f"{name}.json": office.files[f"metadata/{name}.json"] for name in names}
    meta = gone | {name: MetaFile.from_data(version, data, ["sha256"]) for name, data in files.items()}
    snapshot = sign(Snapshot(version, expires=until(now, 365), meta=meta), [office.keys["snapshot"]])
    office.files["metadata/snapshot.json"] = snapshot
    stamped = Timestamp(
        version, expires=until(now, 1000), snapshot_meta=MetaFile.from_data(version, snapshot, ["sha256"]),
        unrecognized_fields={"issued": rfc3339(now)},
    )  # fmt: skip
    office.files["metadata/timestamp.json"] = sign(stamped, [office.keys["timestamp"]])
    return office.bundle


def entry(keys: KeyRing, endpoint: str = CLOSED) -> JsonObject:
    """A member's entry."""
    return service.member_entry(keys, f"Agency of {keys.node}", endpoint, role=service.Role(("dna",)))


def certificate(keys: KeyRing) -> bytes:
    """What a node shows in the handshake (DER)."""
    return to_der(keys.tls_certificate.read_bytes())


def act_hash(text: str) -> str:
    """Stands for the hash of some act."""
    return sha256(text.encode()).hex()


def permit_for(unit: Unit, to: str, act: str, measure: str = "hit_no_hit") -> Permit:
    """A permit by the training instruments: XA asks about a homicide."""
    question = Question(measure, "XA", to, "TRAIN-REG", unit.now.date(), FACTS)
    if unit.node != "XA":
        question = replace(question, asked=unit.node)
    return legal.permit(unit, legal.decide(unit, question), act, (to,))


def query(to: str, number: int = 1, **changes: Any) -> Message:
    """A query message to one partner, in a conversation of its own unless told otherwise."""
    conversation = uuid7(datetime.fromisoformat("2026-03-02T09:30:00+00:00"))
    body: JsonObject = {"v": 1, "number": number}
    made = Message("search.query", (to,), conversation, body, act_hash(f"{to}-{number}"), "criminal_investigation")
    return replace(made, **changes)


def send_query(station: Station, to: str, number: int = 1, **changes: Any) -> str:
    """Send a query under a permit of its own; the message id."""
    with station.database.unit("test.send") as unit:
        message = query(to, number, **changes)
        return service.send(unit, permit_for(unit, to, message.act_hash), message)


@dataclass
class Node:
    """One node: its station and, once `open`ed, its partner port."""

    station: Station
    points: list[str] = field(default_factory=list)
    server: Server | None = None

    @property
    def database(self) -> Database:
        return self.station.database

    @property
    def endpoint(self) -> str:
        return f"https://127.0.0.1:{self.server.port}" if self.server else CLOSED

    @property
    def log_key(self) -> str:
        """The log's key, of its present epoch."""
        with self.database.read("test.key") as unit:
            return log.verifier(unit).format()

    def listen(self, port: int = 0) -> None:
        """Open the partner port."""
        self.server = serve(self.station, "127.0.0.1", port)

    def hang_up(self) -> None:
        """Close the partner port."""
        if self.server is not None:
            self.server.stop()


class Federation:
    """Nodes that list each other; `publish` signs the next version of the directory and imports it everywhere."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.version = 0
        self.nodes: dict[str, Node] = {}

    def publish(
        self, without: tuple[str, ...] = (), revoked: tuple[str, ...] = (), told: Mapping[str, JsonObject] = NOTHING
    ) -> bytes:
        """The next directory, in force on every node; `told`: what entries say otherwise than they would."""
        self.version += 1
        present = {code: node for code, node in self.nodes.items() if code not in without}
        entries = [
            entry(n.database.keys, n.endpoint) | {"log": n.log_key} | told.get(code, {}) for code, n in present.items()
        ]
        entries = [e | {"revoked": True} if e["code"] in revoked else e for e in entries]
        data = directory_file(entries, self.version, self.now)
        for node in self.nodes.values():
            with node.database.unit("test.directory") as unit:
                service.import_directory(unit, data, PIN)
        return data


@contextmanager
def federation(
    make_database: Callable[[str], Database], codes: tuple[str, ...] = ("XA", "XB"), *, listening: tuple[str, ...] = (),
    wiring: Mapping[str, Mapping[str, Any]] | None = None, joined: bool = True,
) -> Iterator[Federation]:  # fmt: skip
    """A federation of `codes`; those `listening` have their ports open. `wiring` gives a station's further fields.

    With `joined` False the nodes know no directory yet.
    """
    with ExitStack() as stack:
        made: Federation | None = None
        for code in codes:
            database = make_database(code)
            made = made or Federation(database.clock())
            points: list[str] = []
            further = (wiring or {}).get(code, {})
            made.nodes[code] = Node(Station(database, pace=FAST, observe=points.append, **further), points)
        assert made is not None
        if joined:
            made.publish()
        for code in listening:
            made.nodes[code].listen()
            stack.callback(made.nodes[code].hang_up)
        if listening and joined:
            made.publish()
        yield made
