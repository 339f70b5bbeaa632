"""The only place that asks which database is running: SQLite or PostgreSQL.

What both promise through `Dialect`:

* a *write* engine whose every transaction waits its turn: one writer a node at a time, across threads and processes
  (SQLite ``BEGIN IMMEDIATE``; PostgreSQL an advisory lock that ends with the transaction), durable when COMMIT returns;
* a *read* engine whose transactions see one consistent snapshot and cannot write;
* `announce` and `watch`: waking whoever waits for a commit, in this process or another.
"""

import sqlalchemy as sa

from comity.base.errors import Misconfigured
from comity.kit.database.dialects.dialect import Dialect as Dialect
from comity.kit.database.dialects.dialect import Watch as Watch
from comity.kit.database.dialects.errors import LOCK_SECONDS as LOCK_SECONDS
from comity.kit.database.dialects.errors import busy as busy
from comity.kit.database.dialects.errors import read_only as read_only
from comity.kit.database.dialects.errors import storage as storage
from comity.kit.database.dialects.postgresql import Postgresql
from comity.kit.database.dialects.sqlite import Sqlite


def dialect_for(url: str) -> Dialect:
    """The dialect of `url` (``sqlite:////folder/file`` or ``postgresql://...``); Misconfigured for any other."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        parsed = None
    backend = parsed.get_backend_name() if parsed else ""
    if parsed and backend == "sqlite" and parsed.database:
        return Sqlite(parsed.set(drivername="sqlite"))
    if parsed and backend == "postgresql":
        return Postgresql(parsed.set(drivername="postgresql+psycopg"))
    raise Misconfigured(
        "node.database-url", "The database address is neither an SQLite file nor PostgreSQL",
        todo="Write it as sqlite:////folder/file.db or postgresql://user@host/database.",
    )  # fmt: skip
