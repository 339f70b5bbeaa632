"""The duty desk of one's unit, and the node's alarms."""

from dataclasses import dataclass
from datetime import datetime

from comity.base.clock import rfc3339
from comity.base.model import JsonObject
from comity.client.connection import Connection


@dataclass(frozen=True)
class Duty:
    """Who is on duty when, and what one tells the next."""

    _at: Connection

    def rota(self) -> JsonObject:
        """The shifts that last or come, and the latest hand-overs: ``{shifts: [...], notes: [...]}``."""
        return self._at.ask("GET", "/duty")

    def past(self) -> JsonObject:
        """The shifts that are over: ``{shifts: [...]}``."""
        return self._at.ask("GET", "/duty/past")

    def plan(self, person: str, begins: datetime, ends: datetime) -> JsonObject:
        """Put a person of one's unit on duty."""
        body = {"person": person, "begins": rfc3339(begins), "ends": rfc3339(ends)}
        return self._at.ask("POST", "/duty/shifts", body=body)

    def cancel(self, shift: str) -> JsonObject:
        """Call a shift off before it begins."""
        return self._at.ask("POST", "/duty/shifts/{id}/cancellation", {"id": shift})

    def hand_over(self, text: str, id: str = "") -> JsonObject:
        """Tell whoever comes next what is open; sent twice under one `id`, a UUID, it is one note."""
        return self._at.ask("POST", "/duty/notes", body={"text": text, "id": id})

    def take_over(self, note: str) -> JsonObject:
        """Take over from who left."""
        return self._at.ask("POST", "/duty/notes/{id}/taking-over", {"id": note})


@dataclass(frozen=True)
class Alarms:
    """What honest software cannot produce, and who has seen it."""

    _at: Connection

    def list(self) -> JsonObject:
        """The newest: ``{alarms: [...]}``."""
        return self._at.ask("GET", "/alarms")

    def acknowledge(self, alarm: str, note: str) -> JsonObject:
        """Say that one has seen an alarm, and what one did about it."""
        return self._at.ask("POST", "/alarms/{id}/acknowledgement", {"id": alarm}, body={"note": note})
