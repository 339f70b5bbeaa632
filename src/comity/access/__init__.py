"""Who may act here, and the proof that they did.

A person has an Ed25519 key sealed under a passphrase that only they know. Each act is signed by that key: the
signature covers the act's hash and nothing else, and its own hash goes into the act's log entry. What needs a second
person (four eyes) is kept apart by the database itself: another person, another key, another unit.
"""
