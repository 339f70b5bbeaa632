"""Bring a node's database to the schema of this release, by Alembic, on the node's own connection.

The schema is compared with the rooms' tables by a test, so that a column without a migration cannot be released.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from comity.app.migrations import revisions


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's settings for these migrations; `env.py` takes `connection` from them."""
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    found.set_main_option("path_separator", "os")
    found.attributes["connection"] = connection
    return found


def upgrade(connection: sa.Connection) -> None:
    """Create or migrate every table, in the transaction that the caller has begun and commits.

    Misconfigured for a database of a newer release.
    """
    revisions.require_known(revisions.revision(connection))
    command.upgrade(config(connection), "head")


def all_revisions() -> list[str]:
    """The migrations' revisions, oldest first."""
    return [script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()][::-1]
