"""Every exchanged message stands in two logs: prove it again, from what this node keeps, without asking anybody."""

from collections.abc import Iterator

from comity.base.errors import ComityError, NotFound
from comity.base.model import JsonObject
from comity.exchange.model import Member, MessageReport
from comity.exchange.service.directory import directory
from comity.exchange.service.receipts import check_kept
from comity.exchange.service.turning import key_at
from comity.exchange.store import inbox, sent
from comity.kit.codec.jcs import parse_object
from comity.kit.database.unit import Unit

_Side = tuple[Member, bytes]
"""Whose log must show a message, and by which proof."""


def verify_messages(unit: Unit) -> list[MessageReport]:
    """For each partner: how many exchanged messages are proven in both logs, and which are not.

    1. A message received: its entry `sent` in the sender's log and `received` in ours. 2. A message sent and accepted:
    `sent` in ours and `received` in the recipient's. Each proof is checked under that log's key from the directory, or
    from the one that listed it when the log was in an earlier epoch.
    """
    members = directory(unit).members
    me = members.get(unit.node)
    if me is None:
        raise NotFound(
            "exchange.unlisted", f"{unit.node} is not in its own directory", todo="Import a newer directory."
        )
    return [_report(unit, me, one) for code, one in sorted(members.items()) if code != unit.node]


def _report(unit: Unit, me: Member, one: Member) -> MessageReport:
    received = [(row, ((one, row.sent_proof), (me, row.proof))) for row in inbox.proofs(unit, one.code)]
    accepted = [(row, ((me, row.proof), (one, row.received_proof))) for row in sent.proofs(unit, one.code)]
    failures = tuple(text for row, sides in (*received, *accepted) for text in _failures(unit, row, sides))
    return MessageReport(one.code, len(received), len(accepted), failures)


def _failures(unit: Unit, row: sent.Row, sides: tuple[_Side, _Side]) -> Iterator[str]:
    """What does not hold of a message: `sides` are its sender's and its recipient's."""
    for kind, (member, proof) in zip(("sent", "received"), sides, strict=True):
        payload: JsonObject = {"digest": row.digest, "kind": kind}
        try:
            told = parse_object(proof or b"", where=row.id)
            note = str(told.get("tlog_proof")).partition("\n\n")[2]
            check_kept(told, member, payload, key_at(unit, member, note))
        except ComityError as error:
            yield f"{row.id}: not shown as {kind} in {member.code}'s log: {error.what}"
