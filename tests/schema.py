"""The schema of a node's database, built once a run into the template that each test copies."""

import importlib
import pkgutil

import sqlalchemy as sa

import comity
from comity.kit.database.schema import metadata

VAULT = "comity.kit.vault.blobs"


def build_schema(url: str) -> None:
    """Create the tables of every room and of the vault in the empty database at `url`."""
    for module in pkgutil.walk_packages(comity.__path__, "comity."):
        if module.name == VAULT or "store" in module.name.split(".")[2:]:
            importlib.import_module(module.name)
    engine = sa.create_engine(url)
    metadata.create_all(engine)
    engine.dispose()
