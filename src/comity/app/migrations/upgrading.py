"""Bring a node's database to the schema of this release, and say at which release it stands.

Uses Alembic with the node's own connection. The schema is compared with the rooms' tables by a test, so that a column
without a migration cannot be released.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from comity.base.errors import Misconfigured


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def upgrade(engine: sa.Engine) -> None:
    """Create or migrate every table of `engine`'s database, in one transaction."""
    with engine.connect() as connection, connection.begin():
        command.upgrade(_config(connection), "head")


def revision(connection: sa.Connection) -> str | None:
    """The revision at which a database stands; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The revision of this release."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    assert head is not None
    return head


def require_newest(connection: sa.Connection) -> None:
    """Misconfigured unless the database stands at this release's revision."""
    found = revision(connection)
    if found != newest():
        raise Misconfigured(
            "node.schema", f"The database is at revision {found}, this release needs {newest()}",
            todo="Back up, then run `comity doctor --migrate`.",
        )  # fmt: skip
