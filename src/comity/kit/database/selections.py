"""Which ids somebody may know of, as a part of SQL that another room's rows are chosen by."""

from dataclasses import dataclass

import sqlalchemy as sa


@dataclass(frozen=True)
class Selection:
    """A query for ids, one column."""

    ids: sa.Select[tuple[str]]
    few: bool
    """Few enough to be read as a whole, sooner than rows are asked one by one whose they are."""

    def has(self, column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
        """Whether `column` is one of them."""
        if self.few:
            return column.in_(self.ids)
        (id,) = self.ids.selected_columns
        return self.ids.where(id == column).correlate_except(*self.ids.get_final_froms()).exists()
