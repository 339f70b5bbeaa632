"""Every node is a mirror of its federation: it fetches newer editions from anybody, and shows its own to its partners.

Nobody need be trusted for it: what comes is verified as ever (`federation.verifying`). A node looks every minute at the
place it was told of, and at one partner by chance, so that news spreads though the office is silent.
"""

import random
import ssl
import urllib.error
import urllib.request
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from comity.base.errors import BadInput, ComityError, Conflict, NotFound, Unavailable
from comity.base.model import Actor
from comity.exchange.model import Directory, Member
from comity.exchange.service.directory import import_directory, reachable
from comity.exchange.service.lines import Line
from comity.exchange.service.peers import Reply, guarded, identify
from comity.exchange.service.station import Station
from comity.exchange.store import partners as kept
from comity.exchange.wire import directory as wire
from comity.kit.crypto.symmetric import sha256
from comity.kit.database.unit import Unit

DIRECTORY: Final = "/cx/1/directory"
_ARCHIVE: Final = "application/zip"
_SECONDS: Final = 30.0
_MOST: Final = 2 * wire.DIRECTORY_BYTES


@dataclass(frozen=True)
class Looked:
    """What a look for a newer edition found: where it looked, whether that was reached, which edition is in force."""

    place: str
    ok: bool
    version: int
    detail: str


def read_place(place: str) -> bytes:
    """The bundle at a place: a file, an office's folder, or an address (https). BadInput or Unavailable otherwise."""
    if urlsplit(place).scheme in ("http", "https"):
        return _fetch(place)
    path = Path(place)
    try:
        with (path / wire.BUNDLE if path.is_dir() else path).open("rb") as file:
            return file.read(_MOST + 1)
    except OSError as error:
        raise BadInput("exchange.mirror", f"The place cannot be read: {error.strerror}", where=place,
                       todo="Name FEDERATION.zip, the office's folder, or its https address.") from error  # fmt: skip


def _fetch(place: str) -> bytes:
    if urlsplit(place).scheme != "https":
        raise BadInput("exchange.mirror", "A directory is fetched by https only", where=place, todo="Name it by https.")
    address = place if place.endswith(".zip") else f"{place.rstrip('/')}/{wire.BUNDLE}"
    try:
        opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=ssl.create_default_context()))
        with opener.open(address, timeout=_SECONDS) as answer:
            return bytes(answer.read(_MOST + 1))
    except (OSError, urllib.error.URLError, ValueError) as error:
        raise Unavailable("exchange.mirror-away", f"The place does not answer: {error}", where=place,
                          todo="Take the edition from a file or a partner meanwhile.") from error  # fmt: skip


def mirror(unit: Unit, place: str, data: bytes, root: str | None = None, actor: Actor | None = None) -> Directory:
    """Take the edition found at `place` into use, and remember the place: a running node looks there from now on."""
    found = import_directory(unit, data, root, actor)
    kept.set_source(unit, place if urlsplit(place).scheme else str(Path(place).resolve()))
    return found


def refresh(station: Station) -> list[Looked]:
    """Look once for a newer edition: at the place that was remembered, and at one partner. Raises nothing."""
    with station.database.read("exchange.mirror") as unit:
        newest = kept.newest_directory(unit)
        place = kept.source(unit)
        members = reachable(unit) if newest else []
    looked = [_from_place(station, place)] if place else []
    if members:
        looked.append(_from_partner(station, random.choice(members)))  # noqa: S311  # spread, no secret
    return looked


def _from_place(station: Station, place: str) -> Looked:
    try:
        if not urlsplit(place).scheme:
            from comity.exchange.service.federation.folder import keep_fresh  # noqa: PLC0415  # few nodes have an office

            keep_fresh(Path(place), station.database.clock())
        return _taken(station, place, read_place(place))
    except ComityError as error:
        return Looked(place, False, 0, error.what)


def _from_partner(station: Station, one: Member) -> Looked:
    """The partner is told the digest of our edition, and answers with nothing where its own is the same."""
    with station.database.read("exchange.mirror") as unit:
        newest = kept.newest_directory(unit)
    try:
        with closing(Line(station.database.keys, station.pace)) as line:
            status, body = line.request(one, "GET", f"{DIRECTORY}?not={newest[1] if newest else ''}")
        if status != 200:
            return Looked(one.code, False, 0, f"it answered {status}")
        return (
            _taken(station, one.code, body) if body else Looked(one.code, True, newest[0] if newest else 0, "the same")
        )
    except ComityError as error:
        return Looked(one.code, False, 0, error.what)


def _taken(station: Station, place: str, data: bytes) -> Looked:
    """An older edition elsewhere is no fault: that place has not heard yet."""
    with station.database.read("exchange.mirror") as unit:
        newest = kept.newest_directory(unit)
    if newest and newest[1] == sha256(data).hex():
        return Looked(place, True, newest[0], "the same")
    try:
        with station.database.unit("directory.import") as unit:
            found = import_directory(unit, data)
    except Conflict as error:
        if error.code == "exchange.directory-old" and newest:
            return Looked(place, True, newest[0], "older than ours")
        raise
    return Looked(place, True, found.version, "taken into use")


def show_directory(station: Station, certificate: bytes, known: str, name: str = "") -> Reply:
    """A partner asks for our edition: one bundle (empty where it knows that digest), or a file of the repository."""

    def shown() -> Reply:
        with station.database.read("exchange.directory") as unit:
            identify(unit, certificate)
            newest = kept.newest_directory(unit)
            data = kept.directory_bytes(unit, newest[0]) if newest else b""
        if name:
            return Reply(_part(data, name), type="directory")
        return Reply(b"" if known == sha256(data).hex() else data, type="directory", media=_ARCHIVE)

    return guarded(station, b"", certificate, shown)


def _part(data: bytes, name: str) -> bytes:
    files = wire.unpack(data)
    if name not in files:
        raise NotFound("exchange.directory-file", f"The directory has no file {name[:80]!r}",
                       todo="Read the snapshot first.")  # fmt: skip
    return files[name]
