"""The door of the room; the verbs by file:

    taking      stage(database, vault, issuer, case, content) -> Staged; take_in(unit, vault, issuer, ...); items
    requesting  request, refuse_request; on_request, on_refusal, speaks_of
    releasing   offer, withdraw, release, lapse; on_acceptance
    accepting   accept, refuse; on_package, on_countersigned
    showing     overview, detail, export: what a member of the case may see and carry away
    verifying   verify: a package, with receipts, against a federation's directory; needs no node

Handlers take `(unit, received)`; those that read or keep a package take the vault first, for `functools.partial`.
"""
