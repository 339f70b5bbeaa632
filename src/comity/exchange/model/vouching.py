"""Who vouches for a log: partners and witnesses that cosign it, authorities that stamp it, and what they said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from comity.base.clock import rfc3339
from comity.base.model import JsonObject


@dataclass(frozen=True)
class HeadReport:
    """The outcome of checking that a partner's present checkpoint extends every head kept here."""

    partner: str
    ok: bool
    size: int
    checked: int
    """Number of earlier heads checked."""
    detail: str

    def as_dict(self) -> JsonObject:
        """The report as JSON."""
        return {
            "partner": self.partner, "ok": self.ok, "size": self.size, "checked": self.checked, "detail": self.detail,
        }  # fmt: skip


@dataclass(frozen=True)
class Holding:
    """The largest checkpoint of this node's own log that somebody else says it holds."""

    witness: str
    note: str = field(repr=False)
    """As it was shown, signed by this log; empty where a neutral witness only told a size."""
    epoch: int
    size: int
    beyond: str
    """Why this log does not extend it; empty where it does, or where its epoch has ended."""


@dataclass(frozen=True)
class Hearing:
    """What everybody who could know said about how far this node's log was."""

    holdings: tuple[Holding, ...] = ()
    silent: tuple[tuple[str, str], ...] = ()
    """Who could not be asked, and why."""

    @property
    def beyond(self) -> tuple[Holding, ...]:
        """The checkpoints that this log signed and does not extend: it went back in time, or has two histories."""
        return tuple(one for one in self.holdings if one.beyond and one.note)


@dataclass(frozen=True)
class EpochWish:
    """What the operator says about the epoch to begin."""

    reason: str
    planned: bool = False
    """Whether nothing was lost: then only the key, or nothing but the name, changes."""
    new_key: bool = False
    number: int | None = None
    """The number, where it must be higher than this node can know; None: the next one."""


@dataclass(frozen=True)
class CosignReport:
    """What a partner said, as a witness, to this node's present checkpoint."""

    partner: str
    ok: bool
    size: int
    """Size of this node's largest checkpoint that the partner has cosigned."""
    detail: str

    def as_dict(self) -> JsonObject:
        """The report as JSON."""
        return {"partner": self.partner, "ok": self.ok, "size": self.size, "detail": self.detail}


@dataclass(frozen=True)
class Outsider:
    """A witness outside the federation."""

    code: str
    """Its name in the policy; a small letter in it tells it from a node's code."""
    key: str
    """Its key in C2SP form."""
    url: str
    """Where ``/add-checkpoint`` is put behind."""


@dataclass(frozen=True)
class WitnessPolicy:
    """Who must have cosigned this node's log (C2SP tlog-policy); partners stand in it by their codes."""

    outsiders: tuple[Outsider, ...]
    groups: Mapping[str, tuple[int, tuple[str, ...]]]
    """By name: how many, of which witnesses and groups."""
    quorum: str
    """A witness's or group's name, or ``none``."""


@dataclass(frozen=True)
class QuorumStanding:
    """How far the policy's quorum vouches for this node's log."""

    covered: int
    """Entries for which it does."""
    since: datetime | None
    """When the first entry was written for which it does not; None where it vouches for all."""
    late: bool
    """Whether that entry has waited for longer than a quorum may take."""

    def as_dict(self) -> JsonObject:
        """The standing as JSON."""
        return {"covered": self.covered, "waiting_since": rfc3339(self.since) if self.since else None,
                "late": self.late}  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """A checkpoint handed to a witness (C2SP tlog-witness, add-checkpoint): the note, and why it extends `old`."""

    old: int
    """Size of the checkpoint that the witness cosigned last; 0 for none."""
    hashes: tuple[bytes, ...]
    """The consistency proof from `old` to the note's size (RFC 6962, 2.1.2)."""
    note: str


@dataclass(frozen=True)
class Authority:
    """A time-stamping authority (RFC 3161): where it is asked, and by what its tokens are judged."""

    url: str
    trust: str
    """Path of a PEM file: the certificates to one of which a token must lead."""
    policy: str = ""
    """The policy that a token must name, as a dotted OID; empty for any."""
    seconds: float = 15.0
    """How long an answer may take as a whole."""


@dataclass(frozen=True)
class Stamp:
    """An authority's verified token over one signed checkpoint of this node's log."""

    size: int
    note: str = field(repr=False)
    token: bytes = field(repr=False)
    """The TimeStampResp (DER) as it came."""
    stamped_at: datetime
    """The authority's time."""
    asked_at: datetime
    """This node's own time when the token came."""
    authority: str

    @property
    def skew(self) -> float:
        """Seconds by which this node's clock was ahead of the authority's; an answer's time on the way is in it."""
        return (self.asked_at - self.stamped_at).total_seconds()

    def as_dict(self) -> JsonObject:
        """The stamp as JSON, without the token."""
        return {
            "size": self.size, "stamped_at": rfc3339(self.stamped_at), "asked_at": rfc3339(self.asked_at),
            "skew_s": round(self.skew), "authority": self.authority, "bytes": len(self.token),
        }  # fmt: skip


@dataclass(frozen=True)
class Stamping:
    """How time stamps stand: the newest, and what waits."""

    authority: str
    """Its address; empty where none is set, and none is asked."""
    newest: Stamp | None
    grown: bool
    """Whether the log holds more than the newest stamp covers, its own entry aside."""
    failures: int
    reason: str
    next_at: datetime | None
    """When it is asked again, after it was away."""

    def as_dict(self) -> JsonObject:
        """The standing as JSON."""
        return {
            "on": bool(self.authority), "authority": self.authority, "grown": self.grown, "failures": self.failures,
            "reason": self.reason, "next_try": rfc3339(self.next_at) if self.next_at else None,
            "newest": self.newest.as_dict() if self.newest else None,
        }  # fmt: skip
