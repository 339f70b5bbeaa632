"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta


class FixedClock:
    """A `comity.base.clock.Clock`: always the same aware UTC moment, save when told to `advance`."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        """Move on by `seconds` and return the new moment."""
        self.now += timedelta(seconds=seconds)
        return self.now
