"""What follows where a quota is used up."""

from dataclasses import dataclass
from datetime import datetime

from comity.legal.model.capacity import Tripped
from comity.legal.model.decisions import Finding


@dataclass(frozen=True)
class Exceeded:
    """No capacity is left: what happens to the act, the finding that says so to both sides, and when it may go on."""

    action: Tripped
    finding: Finding
    again: datetime
