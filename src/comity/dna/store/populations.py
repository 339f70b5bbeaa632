"""The table of populations' allele frequencies."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from comity.dna.model import FrequencyFile, Population
from comity.kit.database.rows import Rows
from comity.kit.database.schema import JsonText, UtcTime, metadata
from comity.kit.database.unit import Unit

dna_population: Final = sa.Table(
    "dna_population",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("source", sa.String(500), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("frequencies", JsonText, nullable=False),
    sa.Column("samples", JsonText, nullable=False),
)

_population_rows: Final = Rows(dna_population)


def add_population(unit: Unit, made: Population) -> None:
    """Keep a table of frequencies."""
    row = {"name": made.name, "source": made.source, "sha256": made.sha256, "at": made.at}
    texts = {locus: dict(found) for locus, found in made.file.frequencies.items()}
    _population_rows.add(unit, row | {"frequencies": texts, "samples": dict(made.file.samples)})


def populations(unit: Unit, **which: str) -> list[Population]:
    """The tables of frequencies with these values of columns (all, where none is named), by name."""
    return [_population(row._asdict()) for row in _population_rows.all(unit, which, order=("name",))]


def _population(row: Mapping[str, Any]) -> Population:
    texts = {locus: dict(found) for locus, found in row["frequencies"].items()}
    file = FrequencyFile(texts, {locus: int(count) for locus, count in row["samples"].items()})
    return Population(row["name"], row["source"], row["sha256"], row["at"], file)
