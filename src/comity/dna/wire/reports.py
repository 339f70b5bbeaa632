"""The report of an import as a file to keep: a CSV table with a row for every specimen of the laboratory's file."""

from collections.abc import Iterator

from comity.dna.model import ImportReport
from comity.dna.wire import sheets

HEADER = ("outcome", "line", "specimen", "profile", "reason", "todo")


def as_table(report: ImportReport) -> bytes:
    """The report as CSV in UTF-8: accepted, refused and repeated specimens, guarded against spreadsheets."""
    return sheets.lines(_rows(report))


def _rows(report: ImportReport) -> Iterator[tuple[str, ...]]:
    yield HEADER
    for profile, specimen in zip(report.profiles, report.specimens, strict=True):
        yield "accepted", "", specimen, profile, "", ""
    for refused in report.refused:
        yield "refused", str(refused.line or ""), refused.specimen, "", refused.reason, refused.todo
    for again in report.repeats:
        reason = f"repeats line {again.first} word for word" if again.first else "repeated word for word"
        yield "repeated", str(again.line or ""), again.specimen, "", reason, ""
    for kept in report.held:
        reason = f"held back: it looks like contamination by {kept.other} (flag {kept.flag})"
        yield "held back", str(kept.line or ""), kept.specimen, "", reason, "To be checked by another examiner."
    for double in report.doubles:
        reason = f"the same alleles as profile {double.other} (flag {double.flag})"
        yield "double", str(double.line or ""), double.specimen, "", reason, "One person, twins or an error: decide."
    for noted in report.noted:
        seen = "; ".join(f"{sign.kind.replace('_', ' ')} {sign.locus} {sign.value}" for sign in noted.signs)
        yield "noted", str(noted.line or ""), noted.specimen, "", seen, "Have the laboratory look at it."
