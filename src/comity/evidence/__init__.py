"""Evidence: take in, hash, seal, keep the custody chain, release a package, accept only after one's own re-hash.

Custody moves when the receiver has signed, never when the sender has sent. A package can be verified by a court's
expert who trusts neither node: see `wire.verify` and ``docs/protocol/package.md``.
"""
