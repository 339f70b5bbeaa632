"""Versioned state: items that a node tells partners, and that hold until it says otherwise.

`telling` makes versions and withdrawals, `following` takes those of partners, `repairing` asks since a number, lists
and says again. A message may be lost with a restored database, a passed deadline or a refusal; what is held comes right
by itself, and only what is missing is sent again.
"""
