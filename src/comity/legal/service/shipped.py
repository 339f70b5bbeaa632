"""What the package ships as law: instruments, the training states' tables, life cycles; read and parsed once."""

from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from comity.base.errors import NotFound
from comity.legal.model import DatedTable, Form, Instrument, Vocabulary
from comity.legal.rules.vocabulary import check
from comity.legal.wire.dated import read_table
from comity.legal.wire.fields import bad
from comity.legal.wire.instruments import read_instrument
from comity.legal.wire.vocabulary import read_forms, read_vocabulary

SHIPPED_TABLES: Final = ("participations.csv", "declarations.csv", "offences.csv", "recipients.csv")

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


@cache
def vocabulary() -> Vocabulary:
    """The closed lists of codes, with periods of retention and duties to log and to count; read and checked once."""
    return check(read_vocabulary((_data() / "vocabulary.yaml").read_bytes(), "vocabulary.yaml"))


@cache
def state_codes() -> dict[str, str]:
    """ISO 3166-1 codes by the names, in small letters, that depositaries use for states; several names may share one.

    Names of ISO 3166-1 and of the United Nations' list of members, and of the training states. No other name is known.
    """
    lines = (_data() / "states.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {name.lower(): code for code, _, name in (line.partition(",") for line in lines)}


@cache
def forms() -> tuple[Form, ...]:
    """The official forms with their mandatory blocks; BadInput for a form of an instrument that nobody knows."""
    read = read_forms((_data() / "forms.yaml").read_bytes(), "forms.yaml")
    known = {"", *(instrument.code for instrument in shipped_instruments())}
    for form in read:
        if form.instrument not in known:
            raise bad(f"unknown instrument {form.instrument!r}", form.where)
    return read
