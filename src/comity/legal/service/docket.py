"""What is due and what is open, few lines at a time: around one case, and for one person's day."""

from comity.kit.database.unit import Unit
from comity.legal.model import Proceeding, Watch
from comity.legal.store import clocks as clock_store
from comity.legal.store import proceedings as store

MOST: int = 20


def of_case(unit: Unit, case: str) -> tuple[list[Watch], list[Proceeding]]:
    """The running clocks of a case, the soonest first, those without an end last; and its matters, the newest first.

    At most `MOST` of each, in a constant number of statements. Whoever calls this knows that the reader may see them.
    """
    return clock_store.of_case(unit, case, MOST), store.of_case(unit, case, MOST)
