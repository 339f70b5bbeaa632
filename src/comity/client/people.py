"""People, and access tokens of programs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from comity.base.model import JsonObject
from comity.client.connection import Connection


@dataclass(frozen=True)
class NewPerson:
    """A person to be added, with a passphrase; or a system, without one."""

    id: str
    unit: str
    roles: Sequence[str]
    passphrase: str = field(default="", repr=False)
    qualified_until: date | None = None
    system: bool = False


@dataclass(frozen=True)
class People:
    """Who may act on the node."""

    _at: Connection

    def list(self) -> JsonObject:
        """Everyone: ``{people: [...]}``."""
        return self._at.ask("GET", "/people")

    def add(self, new: NewPerson) -> JsonObject:
        """Add a person or a system."""
        until = new.qualified_until.isoformat() if new.qualified_until else None
        body = {
            "id": new.id, "unit": new.unit, "roles": [*new.roles], "passphrase": new.passphrase or None,
            "qualified_until": until, "system": new.system,
        }  # fmt: skip
        return self._at.ask("POST", "/people", body=body)

    def qualify(self, id: str, until: date) -> JsonObject:
        """Renew an examiner's qualification, or end it with a day in the past."""
        return self._at.ask("POST", "/people/{id}/qualify", {"id": id}, body={"until": until.isoformat()})

    def deactivate(self, id: str) -> JsonObject:
        """Let a person act no more."""
        return self._at.ask("POST", "/people/{id}/deactivate", {"id": id})


@dataclass(frozen=True)
class Tokens:
    """Access tokens; a program with one issues and sees none."""

    _at: Connection

    def list(self) -> JsonObject:
        """One's own tokens, a security administrator everybody's: ``{tokens: [...]}``."""
        return self._at.ask("GET", "/tokens")

    def issue(self, name: str, scopes: Sequence[str], days: int = 30, holder: str = "") -> JsonObject:
        """Issue one; its text, ``token``, is in this answer alone."""
        body = {"name": name, "scopes": [*scopes], "days": days, "holder": holder}
        return self._at.ask("POST", "/tokens", body=body)

    def revoke(self, id: str) -> JsonObject:
        """End one at once."""
        return self._at.ask("POST", "/tokens/{id}/revocation", {"id": id})
