"""What the node does as time passes: tells of deadlines, and takes the steps that clocks take."""

from comity.kit.database.unit import Unit
from comity.legal.service.registry import tell
from comity.legal.service.stepping import fire


def escalate(unit: Unit) -> int:
    """Tell once of every reminder and every end that is due, and take the steps of clocks that have ended.

    Answers how many were told. Each is a log entry, ``legal.reminded`` or ``legal.overdue``.
    """
    return tell(unit, fire)
