"""Rows of somebody's cases in some order, found without reading all rows of the table or all of the cases.

Whoever has a share of the rows finds a page of them among the first `SAMPLE` in that order; for whoever has less than
that, the rows of the cases are few, and read by an index of the cases. Nobody needs to know which it is beforehand.
"""

from typing import Final

import sqlalchemy as sa

SAMPLE: Final = 2000


def is_in(mine: sa.Select[tuple[str]], column: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether `column` is among what `mine` selects: asked row by row."""
    (case,) = mine.selected_columns
    return mine.where(case == column).exists()
