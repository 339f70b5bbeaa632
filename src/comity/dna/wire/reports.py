"""Reports as files to keep: of an import, a row for every specimen of its file; of a run in bulk, its hits."""

from collections.abc import Iterable, Iterator

from comity.base.model import JsonObject
from comity.base.words import in_words
from comity.dna.model import ImportReport
from comity.dna.wire import sheets
from comity.kit.codec.jcs import canonical

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


HIT = (
    "specimen", "profile", "category", "meets", "meets_profile", "meets_category", "quality", "near", "full",
    "compared", "differing", "sex", "rule_set",
)  # fmt: skip


def rows_of_hits(hits: Iterable[JsonObject], as_csv: bool, heading: bool) -> bytes:
    """Hits of a run in bulk as JSON, one object a line, or as rows of CSV (UTF-8), below their heading if asked for."""
    if not as_csv:
        return b"".join(canonical(hit) + b"\n" for hit in hits)
    return sheets.lines([*([HIT] if heading else []), *(_hit(hit) for hit in hits)])


def _hit(hit: JsonObject) -> tuple[str, ...]:
    told = hit["differing"]
    differing = "; ".join(f"{locus} {how}" for locus, how in told.items()) if isinstance(told, dict) else ""
    return tuple(differing if name == "differing" else in_words(hit[name]) for name in HIT)
