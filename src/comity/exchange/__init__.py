"""How nodes talk (CX/1): the directory of trust, sealed envelopes, the inbox, the outbox and signed receipts.

A message leaves in the transaction of the act that causes it, is tried until its deadline, has its effect at the
recipient exactly once, and ends in a receipt that the recipient signed. `docs/protocol/cx1.md` is the wire format.
"""
