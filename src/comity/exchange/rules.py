"""Pure decisions of the exchange: what needs a permit, what a header must say, how long to try, what a receipt changes.

Source of the urgencies: Directive (EU) 2023/977, article 5 (8 hours, 3 days, 7 days).
"""

from collections.abc import Mapping, Set
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

from comity.base.errors import BadInput, ComityError, Conflict, NotAllowed
from comity.base.model import JsonObject
from comity.exchange.model import (
    DeliveryState,
    Directory,
    Header,
    Member,
    Pace,
    ReceiptKind,
    Spate,
    Urgency,
    Versions,
    WitnessPolicy,
)

VERSION: Final = 1
SPOKEN: Final[Versions] = (1, VERSION)
"""The oldest and the newest version that this release speaks: from the second version on, N-1 and N."""

CAPABILITIES: Final = ("batch", "files", "items")
"""What this release can take beyond plain messages; it says so in its entry."""
FIRST_CAPABILITIES: Final = ("batch", "files")
"""Those of the first release: an entry that says nothing of capabilities has them."""

ITEMS: Final = frozenset({"items.withdrawal", "items.asked", "items.listed", "items.wanted", "dna.terms"})
"""Types by which versioned state is told and repaired, as far as it is no case data."""

ASKED: Final[Mapping[str, str]] = MappingProxyType(
    {"search.batch": "batch", "search.answers": "batch", **dict.fromkeys(ITEMS, "items")}
)
"""By type of message, the capability that a recipient must announce."""

SUITE: Final = "CX1-HYBRID"
"""HPKE (ML-KEM-768 + X25519, HKDF-SHA256, AES-256-GCM) for the key, AES-256-GCM for the payload, Ed25519 to sign."""

UNDERSTOOD: Final[frozenset[str]] = frozenset({"files"})
"""Critical header members that this version understands beyond those that it requires."""

MESSAGE_BYTES: Final = 32 * 1024 * 1024
"""The largest request body a member takes unless its directory entry says less."""

SMALL_BYTES: Final = 64 * 1024
"""The largest request body where nothing but a receipt or a proof travels."""

RATE: Final = "exchange.rate"
"""The signed error for requests beyond a partner's allowance: whoever gets it waits, with everything it owes."""

PIECE: Final = 1024 * 1024
CHUNK: Final = 4 * PIECE
"""Bytes of a file that travel together, unless a test wants less: then any smaller multiple of a piece."""
CHUNK_BYTES: Final = CHUNK + 16
"""The longest chunk on the wire: with its tag."""

RELAY: Final = "relay"
"""The service of a member that keeps envelopes for others."""
BOX_BYTES: Final = 512 * PIECE
"""What a relay keeps for one member, and a quarter of it from one sender."""

MOST_FILES: Final = 16
FILE_BYTES: Final = 1 << 40
"""The largest file that one message may bring."""

PARTNER_BYTES: Final = 1 << 40
"""How much one partner may have on its way to this node at a time."""

DEADLINES: Final[Mapping[Urgency, timedelta]] = MappingProxyType(
    {"immediate": timedelta(hours=8), "urgent": timedelta(days=3), "normal": timedelta(days=7)}
)
CLOCK_TOLERANCE: Final = timedelta(minutes=15)
"""How far ahead a partner's clock may run before its messages are refused."""

SPATE: Final = timedelta(minutes=1)
MOST_ENTERED: Final = 30
"""Refused requests of one peer that are all logged within a `SPATE`."""

REFUSAL: Final = "refusal"
"""The one type that `refuse` sends: findings of a decision, never data."""

FOLLOW_UPS: Final = frozenset({
    "search.status", "search.withdrawal", "evidence.key", "evidence.acceptance", "evidence.countersigned", *ITEMS,
})  # fmt: skip
"""Types without case data: they name an earlier message and say what became of it. Every other type needs a permit."""

MEASURES: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    "search.query": frozenset({"hit_no_hit"}),
    "search.answer": frozenset({"hit_no_hit"}),
    "search.batch": frozenset({"hit_no_hit"}),
    "search.answers": frozenset({"hit_no_hit"}),
    "search.confirmation": frozenset({"hit_no_hit", "core_data"}),
    "search.note": frozenset({"hit_no_hit"}),
    "search.correction": frozenset({"hit_no_hit"}),
    "search.core_request": frozenset({"core_data"}),
    "search.core_data": frozenset({"core_data"}),
    "evidence.request": frozenset({"evidence_information"}),
    "evidence.package": frozenset({"evidence_information"}),
})  # fmt: skip
"""The measures under which a type may travel; a type not listed travels under any, but never without a permit."""

PADDED: Final = frozenset({"search.answer", "search.answers"})
"""Types whose size would tell what they say: their payload is padded to a `padded_size`."""

SMALLEST: Final = 4096
"""Bytes of the smallest padded payload: a no-hit, and an answer with a few candidates."""

ROOM: Final = 1024
"""Bytes that a padded payload has for each of several answers: a no-hit, and an answer with one candidate or two."""

WITHDRAWALS: Final = frozenset({"search.withdrawal"})
CORRECTIONS: Final = frozenset({"search.correction"})

Need = Literal["revocations", "membership", "nothing"]
"""What of the directory must be fresh for a service: who is revoked, who is a member, or neither."""

NEEDS: Final[Mapping[str, Need]] = MappingProxyType({"search": "revocations", "evidence": "revocations"})
"""By service, the first part of a message's type: what gives data away asks for the strictest. Others: membership."""

_RANK: Final[Mapping[DeliveryState, int]] = MappingProxyType({
    "queued": 0, "waiting": 0, "held": 0, "non_delivery": 1, "accepted": 2, "delivered": 3, "handled": 4, "rejected": 4,
})  # fmt: skip
_REACHED: Final[Mapping[ReceiptKind, DeliveryState]] = MappingProxyType({
    "ACCEPTED": "accepted", "DELIVERED": "delivered", "HANDLED": "handled", "REJECTED": "rejected",
    "NON_DELIVERY": "non_delivery", "HELD": "held",
})  # fmt: skip

_LASTING: Final = frozenset({
    "exchange.body", "exchange.header", "exchange.version", "exchange.critical", "exchange.suite", "exchange.sender",
    "exchange.recipient", "exchange.expired", "exchange.signature", "exchange.digest", "exchange.seal",
    "exchange.payload", "exchange.proof", "exchange.too-large", "exchange.head", "exchange.receipt-unknown",
})  # fmt: skip
"""Signed errors that sending the same bytes again cannot cure."""


def common_version(ours: Versions, theirs: Versions) -> int | None:
    """The highest version that both speak, where each speaks all from its low to its high one; None for none."""
    highest = min(ours[1], theirs[1])
    return highest if highest >= max(ours[0], theirs[0]) else None


def version_with(one: Member) -> int:
    """The version in which this node talks to a member; Conflict (``exchange.version``) where there is none."""
    found = common_version(SPOKEN, one.versions)
    if found is None:
        raise Conflict(
            "exchange.version", f"{one.code} speaks {spoken(one.versions)}, this node {spoken(SPOKEN)}",
            todo="Nothing is sent in a version that one side does not speak: update the node that is behind.",
        )  # fmt: skip
    return found


def spoken(versions: Versions) -> str:
    """A range of versions for people: ``version 1``, or ``versions 2 to 3``."""
    low, high = versions
    return f"version {low}" if low == high else f"versions {low} to {high}"


def check_able(one: Member, type: str, files: int) -> None:
    """Conflict (``exchange.capability``) where a member does not announce what a message asks of it."""
    asked = {ASKED.get(type, ""), "files" if files else ""} - {""}
    lacking = sorted(asked - set(one.capabilities))
    if lacking:
        what = "no files that follow a message" if "files" in lacking else f"no {type}"
        raise Conflict(
            "exchange.capability", f"{one.code} takes {what}: its entry does not announce {', '.join(lacking)}",
            todo="Send less at once, or agree with its operator on another way; see `comity partners`.",
        )  # fmt: skip


def check_measure(type: str, measure: str) -> None:
    """A permit's measure must be one under which the message's type may travel; NotAllowed otherwise."""
    if type in FOLLOW_UPS or type == REFUSAL:
        raise NotAllowed(
            "exchange.no-permit-needed", f"{type} carries no case data and takes no permit",
            todo="Use `follow_up` or `refuse`.",
        )  # fmt: skip
    allowed = MEASURES.get(type)
    if allowed is not None and measure not in allowed:
        raise NotAllowed(
            "exchange.measure", f"a permit for {measure} does not cover {type}",
            todo=f"Decide on {' or '.join(sorted(allowed))}.",
        )  # fmt: skip


def check_follow_up(type: str) -> None:
    """Only a type without case data may leave without a permit; NotAllowed otherwise."""
    if type not in FOLLOW_UPS:
        raise NotAllowed(
            "exchange.permit-needed", f"{type} carries case data", todo="Have the act decided and pass its permit."
        )


def manifest_problem(name: str, size: int, chunk: int, ids: bytes) -> str:
    """What is wrong with a file's manifest, whoever made it; empty when nothing is."""
    if not name.isprintable() or not 0 < len(name) <= 128:
        return "a file's name is empty, longer than 128 characters or not printable"
    if not 0 <= size <= FILE_BYTES:
        return f"a file of {size} bytes, where {FILE_BYTES} are taken"
    if not 0 < chunk <= CHUNK or chunk % PIECE:
        return f"chunks of {chunk} bytes, where multiples of {PIECE} up to {CHUNK} are taken"
    count = max(1, -(-size // chunk))
    if len(ids) != 32 * count:
        return f"{len(ids)} bytes of chunk ids, where {count} chunks have {32 * count}"
    if len({ids[at : at + 32] for at in range(0, len(ids), 32)}) != count:
        return "two chunks of a file have the same id"
    return ""


def need(type: str) -> Need:
    """What a message of this type needs of the directory. What takes back or puts right must always get through."""
    if type in FOLLOW_UPS or type in WITHDRAWALS or type in CORRECTIONS or type == REFUSAL:
        return "nothing"
    return NEEDS.get(type.partition(".")[0], "membership")


def overdue(found: Directory, what: Need, now: datetime) -> bool:
    """Whether the office has been silent for longer than the federation allows for what a service needs."""
    spans = {"revocations": found.freshness.revocations_hard, "membership": found.freshness.membership_hard}
    return what in spans and now - found.issued > spans[what]


def check_fresh(found: Directory, type: str, now: datetime) -> None:
    """Conflict (``exchange.directory-stale``) where a message of this type must wait for a fresher directory."""
    if overdue(found, need(type), now):
        raise Conflict(
            "exchange.directory-stale",
            f"The directory is of {found.issued:%Y-%m-%d %H:%M} UTC: too old for {type} without word from the office",
            todo="Have it refreshed: comity federation mirror --from SOURCE; see `comity status`.",
        )  # fmt: skip


def freshness_told(found: Directory, now: datetime) -> str:
    """How fresh the directory is, for the operator: ``fresh``, or what is late and since when; UTC."""
    spans, age = found.freshness, now - found.issued
    late = [
        name for name, soft in (("revocations", spans.revocations_soft), ("membership", spans.membership_soft))
        if age > soft
    ]  # fmt: skip
    if not late:
        return "fresh"
    refused = sorted(service for service, what in NEEDS.items() if overdue(found, what, now))
    stopped = f"; refused: {', '.join(refused)}" if refused else ""
    return f"no word from the office since {found.issued:%Y-%m-%d %H:%M} UTC: {' and '.join(late)} late{stopped}"


def check_protocol(header: JsonObject) -> None:
    """Version, critical members and suite come before anything else of a header. BadInput; never a downgrade."""
    if header.get("v") != VERSION:
        raise refused("version", f"the envelope is of version {header.get('v')!r}, this node speaks {VERSION}")
    critical = header.get("crit")
    if not isinstance(critical, list):
        raise refused("header", "`crit` is no list")
    unknown = [name for name in critical if not isinstance(name, str) or name not in UNDERSTOOD]
    if unknown:
        raise refused("critical", f"the envelope needs members this node does not understand: {unknown!r}")
    if header.get("suite") != SUITE:
        raise refused("suite", f"the suite {header.get('suite')!r} is unknown; this node speaks {SUITE}")


def check_addresses(header: Header, peer: str, me: str) -> None:
    """The sender is the peer of the connection, and this node is among the recipients; NotAllowed otherwise."""
    if header.sender != peer:
        raise not_allowed("sender", f"the envelope is from {header.sender}, the connection from {peer}")
    if me not in header.to:
        raise not_allowed("recipient", f"the envelope is for {', '.join(header.to)}, this node is {me}")


def check_time(header: Header, now: datetime) -> None:
    """Not issued in the future (but for the clocks' tolerance) and not expired; NotAllowed otherwise."""
    if header.issued > now + CLOCK_TOLERANCE:
        raise not_allowed("future", "the envelope was issued in the future: one of the clocks is wrong")
    if header.expires <= now:
        raise not_allowed("expired", "the envelope has expired")


def check_member(member: Member | None, peer: str, fingerprint: str) -> Member:
    """The peer is listed, not revoked, and shows the listed certificate or its announced next one; else NotAllowed."""
    if member is None:
        raise not_allowed("unlisted", f"{peer or 'the peer'} is not in this node's directory")
    if member.revoked:
        raise not_allowed("revoked", f"{member.code} is revoked in the directory")
    if fingerprint not in member.fingerprints:
        raise not_allowed("mismatch", f"the certificate is not the one that the directory lists for {member.code}")
    return member


def refused_again(before: Spate | None, now: datetime) -> Spate:
    """The peer's spate with one more refusal; a new one begins after a minute, and keeps what the old one missed."""
    if before is None or now - before.began >= SPATE:
        return Spate(now, 1, before.missed if before else 0)
    return replace(before, count=before.count + 1)


def is_entered(spate: Spate) -> bool:
    """Whether the newest refusal of a spate gets a log entry: the first thirty, then the 32nd, 64th, 128th and so on.

    So a hostile member cannot fill the log, and the log still tells, within a factor of two, how often it tried.
    """
    return spate.count <= MOST_ENTERED or spate.count & (spate.count - 1) == 0


def backoff(failures: int, jitter: float, pace: Pace) -> timedelta:
    """How long to wait after that many failures in a row: doubling, within the pace; `jitter` in [0, 1) spreads it."""
    longest = min(pace.longest_retry, pace.first_retry * 2 ** min(max(failures - 1, 0), 30))
    return timedelta(seconds=longest * (0.5 + jitter / 2))


def advanced(state: DeliveryState, kind: ReceiptKind) -> DeliveryState | None:
    """The state after a receipt, or None when it says nothing new. A late receipt still ends a non-delivery."""
    reached = _REACHED[kind]
    return reached if _RANK[reached] > _RANK[state] else None


def is_lasting(code: str) -> bool:
    """Whether a signed error with this code is final for these bytes, so that trying again is pointless."""
    return code in _LASTING


def padded_size(size: int, answers: int = 1) -> int:
    """The size to which a payload of `size` bytes is padded: 4096, more for many answers, above it what Padmé allows.

    Padmé (PURBs, Nikitin et al., 2019, 4.3) keeps the leading bits only: at most 6 % more here, and few sizes.
    """
    size = max(size, SMALLEST, answers * ROOM)
    exponent = size.bit_length() - 1
    mask = (1 << exponent - exponent.bit_length()) - 1
    return size + mask & ~mask


def refused(code: str, what: str) -> BadInput:
    """A partner's bytes cannot be used; they go back with a signed error."""
    return BadInput(f"exchange.{code}", what, todo="Mend or update the sending node, then send a new message.")


def not_allowed(code: str, what: str) -> ComityError:
    """A partner's message is well-formed, but this node must not take it."""
    return NotAllowed(f"exchange.{code}", what, todo="Compare both nodes' directories, clocks and addresses.")


def quorum_reached(policy: WitnessPolicy, signers: Set[str], name: str | None = None) -> bool:
    """Whether those who cosigned suffice for the policy's quorum, or for the witness or group called `name`."""
    wanted = policy.quorum if name is None else name
    if wanted in policy.groups:
        most, members = policy.groups[wanted]
        return sum(quorum_reached(policy, signers, one) for one in members) >= most
    return wanted == "none" or wanted in signers
