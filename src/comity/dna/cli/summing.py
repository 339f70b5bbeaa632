"""`comity dna stats database`: what the node's database of profiles holds."""

from collections.abc import Callable

import typer

from comity.dna import service
from comity.dna.model import Summary
from comity.kit.shell import As, AsJson, Desk, Progress, emit, passphrase, table


def add_commands(group: typer.Typer, desk: Callable[[], Desk]) -> None:
    """`dna stats database`."""

    @group.command("database")
    def database(person: As, as_json: AsJson = False) -> None:
        """Count the profiles by category, by number of loci and by locus. Names nobody and no specimen.

        The figures are kept for the page of the database, until the next count.
        """
        station = desk()
        issuer = station.enter(person, passphrase(person))
        with station.database.unit("dna.summary") as unit:
            held = service.count_profiles(unit)
            with Progress("counting", held) as progress:
                found = service.summarise(unit, issuer, progress.advance)
        emit(found.as_dict(), as_json, lambda: _words(found))


def _words(found: Summary) -> str:
    if not found.profiles:
        return "No DNA profiles yet. Import a laboratory's file: comity dna import FILE --as examiner-1"
    head = f"{found.profiles} profiles; {found.retired} earlier versions of corrected ones are kept beside them."
    parts = [
        table((title, "PROFILES"), [(name, str(count)) for name, count in counts.items()], "")
        for title, counts in (("CATEGORY", found.categories), ("LOCI", found.loci), ("LOCUS", found.typed))
    ]
    return "\n\n".join([head, *parts])
