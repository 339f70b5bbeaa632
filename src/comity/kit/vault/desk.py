"""What a face needs of the node it serves: app builds one `Desk` and hands it to every command line and web route."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from comity.base.model import Issuer
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault


@dataclass(frozen=True)
class Desk:
    """One node's open database and vault, and the way in for its people."""

    code: str
    """The node's code, such as ``XA``."""
    home: Path
    """The folder that holds the node's settings, keys and data."""
    database: Database
    vault: Vault
    sign_in: Callable[[Unit, str, str], Issuer]
    """(unit, person, pass-phrase) to the person's `Issuer`; NotAllowed when they do not belong together."""
