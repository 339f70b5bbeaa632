"""The door of the room; the verbs by file:

    sending     send(unit, permit, message) -> message id               a message with case data, under a permit
                refuse(unit, decision, reply) -> message id             a refusal: the decision's findings, no permit
                follow_up(unit, message) -> message id                  only types of `rules.FOLLOW_UPS`: no case data
                sent(unit, message id) -> Sent                          what became of it at every recipient
    handling    handle_pending(station) -> int                          runs the wired handlers on accepted messages
                defer(unit, received)                                   a handler says: a person acts later
                handled(unit, sender, message id)                       that person has acted: the HANDLED receipt
                received(unit, sender, message id) -> Received          an accepted message, opened again
    receiving   receive(station, body, certificate) -> Reply            a partner's POST, in numbered steps
    receipts    take_receipt(station, body, certificate) -> Reply       a partner's receipt
    delivering  Courier(station, partner).deliver() -> seconds          one partner's outbox
                deliver_due(station) -> int                             every partner's, one after another
    directory   directory(unit) -> Directory; member(unit, code) -> Member
                import_directory(unit, data, root) -> Directory; sign_directory(entries, key, ...) -> bytes
                member_entry(keys, ...) -> JsonObject
    partners    partners(unit) -> list[PartnerStatus]; verify_partners(station) -> list[HeadReport]
                alarms(unit) -> list[Alarm]; gaps(unit) -> list[Gap]
"""
