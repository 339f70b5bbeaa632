"""Checking what another log proves. No database: whoever holds the log's public key can do it, years later."""

from collections.abc import Mapping, Sequence

from comity.base.errors import BadInput, Tampered
from comity.base.model import Json
from comity.kit.codec import jcs
from comity.kit.codec.notes import Checkpoint, VerifierKey, open_note
from comity.kit.codec.tlogproof import Proof, parse_proof
from comity.log import rules, wire
from comity.log.model import FIELDS, Entry, Head, Inclusion, Stretch
from comity.log.service.openings import check


def parse_inclusion(bundle: Mapping[str, Json]) -> Inclusion:
    """The proof in a partner's ``{entry, opening, tlog_proof}`` (as `Inclusion.as_dict` writes); else BadInput."""
    proof = bundle.get("tlog_proof")
    return wire.inclusion(bundle, parse_proof(proof).index if isinstance(proof, str) else 0)


def named_key(text: str) -> VerifierKey:
    """A log's public key from its line in C2SP form, ``name+hash+key``; BadInput for anything else."""
    return VerifierKey.parse(text.strip())


def empty_head(origin: str) -> Head:
    """The head of the log called `origin` before its first entry: what everybody may take as known."""
    return Head(origin, 0, rules.EMPTY_ROOT)


def check_checkpoint(note: str, verifier: VerifierKey) -> Head:
    """The head that `verifier`'s log signed; Tampered for another log's or nobody's signature.

    1. The note carries a valid signature of `verifier` (C2SP signed-note).
    2. It is a checkpoint of the log that the key is named after (C2SP tlog-checkpoint).
    """
    opened = open_note(note, [verifier])
    if verifier.name not in opened.verified_names:
        raise _refuse("the checkpoint is not signed by this log")
    head = Checkpoint.parse(opened.text)
    if head.origin != verifier.name:
        raise _refuse(f"the checkpoint belongs to {head.origin}")
    return Head(head.origin, head.size, head.root)


def check_inclusion(inclusion: Inclusion, verifier: VerifierKey, expected: Mapping[str, Json] | None = None) -> Head:
    """The signed head that contains the entry. BadInput for misshapen proofs, Tampered for those that do not hold.

    1. The tlog-proof parses and speaks of `inclusion.index`.
    2. Its checkpoint is signed by `verifier` and belongs to that log.
    3. The hash of the entry's exact bytes leads to the checkpoint's root.
    4. The entry is one of ours, in canonical form, and written by the node that the log belongs to, in whichever epoch.
    5. Every opening agrees with the entry's commitment.
    6. Every field of `expected` is opened, to exactly that value.
    """
    proof: Proof = parse_proof(inclusion.proof)
    if proof.index != inclusion.index:
        raise _refuse(f"the proof speaks of entry {proof.index}")
    head = check_checkpoint(proof.checkpoint_note, verifier)
    leaf = rules.leaf_hash(inclusion.entry)
    rules.verify_inclusion(leaf, proof.index, head.size, head.root, proof.hashes)
    entry = wire.decode(proof.index, inclusion.entry, leaf)
    if not rules.epoch_of(head.origin, entry.node):
        raise _refuse(f"the entry was written by {entry.node}")
    _check_values(entry, inclusion, expected or {})
    return head


def check_proof(text: str, verifier: VerifierKey, entry: bytes | None = None) -> tuple[Head, Entry]:
    """The signed head and the entry that a tlog-proof shows to be in it; as `check_inclusion`, without openings.

    `entry`: its exact bytes, where the proof's `extra` line does not hold them; BadInput when neither does.
    """
    proof = parse_proof(text)
    data = proof.extra if entry is None else entry
    if data is None:
        raise BadInput("log.proof-entry", "The proof does not carry its entry",
                       todo="Give the entry's exact bytes as well: --entry FILE.")  # fmt: skip
    head = check_inclusion(Inclusion(proof.index, data, text, {}), verifier)
    return head, wire.decode(proof.index, data, rules.leaf_hash(data))


def check_consistency(earlier: Head, note: str, hashes: Sequence[bytes], verifier: VerifierKey) -> Head:
    """The later head in `note`; Tampered unless it is signed by `verifier` and extends `earlier`.

    1. As `check_checkpoint`; 2. both heads are of one log; 3. the proof holds (from the empty log, it must be empty).
    """
    later = check_checkpoint(note, verifier)
    if earlier.origin != later.origin:
        raise _refuse(f"the earlier head is of {earlier.origin}")
    if earlier.size == 0 and (hashes or earlier.root != rules.EMPTY_ROOT):
        raise _refuse("an empty log has one root and needs no proof")
    if earlier.size:
        rules.verify_consistency(earlier.size, later.size, earlier.root, later.root, hashes)
    return later


def check_stretch(heads: Sequence[Head], shown: Stretch) -> None:
    """Tampered unless each of `heads`, smallest first and of one log, is a prefix of the next; `shown` leads from the
    first to the last (the sender's `stretch`)."""
    first = heads[0]
    if any(head.origin != first.origin for head in heads):
        raise _refuse(f"the earlier head is of {first.origin}")
    frontier = rules.frontier_at(first.size, first.root, shown.peaks)
    made = rules.roots(frontier, shown.leaves, [head.size for head in heads])
    if wrong := next((head for head, root in zip(heads, made, strict=True) if head.root != root), None):
        raise _refuse(f"the head of {wrong.size} entries has another root")


def _check_values(entry: Entry, inclusion: Inclusion, expected: Mapping[str, Json]) -> None:
    for field, opening in inclusion.opening.items():
        if field not in FIELDS:
            raise BadInput("log.field-unknown", f"An entry has no field {field}", todo="Ask for the proof again.")
        check(entry, field, opening)
    for field, value in expected.items():
        shown = inclusion.opening.get(field)
        if shown is None or not _same(shown.value, value):
            raise _refuse(f"the entry's {field} is not the expected one")


def _same(left: Json, right: Json) -> bool:
    """Equality as JSON: True is not 1."""
    return jcs.canonical(left) == jcs.canonical(right)


def _refuse(why: str) -> Tampered:
    return Tampered("log.proof", f"A log proof does not hold: {why}",
                    todo="Keep the proof as evidence and ask the log's keeper to explain.")  # fmt: skip
