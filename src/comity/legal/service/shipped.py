"""What the package ships as law: instruments, the training states' tables, life cycles; read and parsed once."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from comity.base.errors import NotFound
from comity.legal.model import DatedTable, Instrument
from comity.legal.wire.dated import read_table
from comity.legal.wire.instruments import read_instrument

SHIPPED_TABLES: Final = ("participations.csv", "declarations.csv", "offences.csv")

_FOLDERS: Final = ("instruments", "training", "lifecycles")


def shipped_file(name: str) -> bytes:
    """A shipped text or table, such as ``instruments/TRAIN-REG.md`` or ``training/declaration-xc-2026.csv``."""
    folder, _, file = name.partition("/")
    found = {entry.name: entry for entry in (_data() / folder).iterdir()} if folder in _FOLDERS else {}
    if file not in found:
        raise NotFound("legal.file", f"no shipped file {name!r}", todo="See `comity legal show`.")
    return found[file].read_bytes()


def folder(name: str) -> Traversable:
    """The package folder of that name, such as ``lifecycles``."""
    return _data() / name


def _data() -> Traversable:
    return resources.files("comity.legal") / "data"


@cache
def shipped_instruments() -> tuple[Instrument, ...]:
    """All instruments of the package, by their codes."""
    files = sorted((_data() / "instruments").iterdir(), key=lambda f: f.name)
    return tuple(read_instrument(f.read_bytes(), f.name) for f in files if f.name.endswith(".yaml"))


@cache
def shipped_tables() -> tuple[DatedTable, ...]:
    """The dated tables of the training states."""
    return tuple(read_table(shipped_file(f"training/{name}"), name) for name in SHIPPED_TABLES)
