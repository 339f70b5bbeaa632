"""DNA profiles."""

from dataclasses import dataclass

from comity.base.model import JsonObject
from comity.client.connection import Connection, Query, Upload


@dataclass(frozen=True)
class Dna:
    """DNA profiles of the node."""

    _at: Connection

    def list(self, after: str = "", limit: int = 50) -> JsonObject:
        """Profiles behind the id `after`, in the order in which they came: ``{count, profiles: [...]}``."""
        return self._at.ask("GET", "/dna/profiles", query={"after": after, "limit": limit})

    def show(self, ref: str) -> JsonObject:
        """One profile with its alleles; the look is logged."""
        return self._at.ask("GET", "/dna/profiles/{ref}", {"ref": ref})

    def take_in(self, file: Upload, name: str, format: str = "auto", corrected: bool = False) -> JsonObject:
        """Take in a laboratory's file (`format`: auto, cmf, csv, json); the report, also where all was refused."""
        query: Query = {"name": name, "format": format, "corrected": corrected}
        return self._at.upload("POST", "/dna/imports", file, query)
