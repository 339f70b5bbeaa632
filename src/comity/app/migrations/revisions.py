"""At which revision a database stands, and at which this release does: asked by every command, so without Alembic."""

from typing import Final

import sqlalchemy as sa

from comity.base.errors import Misconfigured

NEWEST: Final = "0028"
"""The revision of this release; a test compares it with the newest migration."""

KNOWN: Final = frozenset(f"{number:04}" for number in range(1, int(NEWEST) + 1))
"""Every revision that this release can upgrade; a test compares them with the migrations."""

_version: Final = sa.table("alembic_version", sa.column("version_num", sa.String))


def revision(connection: sa.Connection) -> str | None:
    """The revision at which a database stands; None for one without Comity's tables."""
    if not sa.inspect(connection).has_table(_version.name):
        return None
    found: str | None = connection.scalar(sa.select(_version.c.version_num))
    return found


def require_known(found: str | None) -> None:
    """Misconfigured (``node.newer``) when a later release of Comity has already upgraded the database."""
    if found is not None and found not in KNOWN:
        raise Misconfigured(
            "node.newer", f"The database is at revision {found}, made by a newer release of Comity than this one",
            todo="Install that release, or a newer one; or restore the backup taken before the upgrade.",
        )  # fmt: skip


def require_newest(connection: sa.Connection) -> None:
    """Misconfigured unless the database stands at this release's revision."""
    found = revision(connection)
    require_known(found)
    if found != NEWEST:
        raise Misconfigured(
            "node.schema", f"The database is at revision {found or 'none'}, this release needs {NEWEST}",
            todo="Stop the node, take a copy of its data, then run `comity upgrade`.",
        )  # fmt: skip
