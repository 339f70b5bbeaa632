"""The law in words: an overview of the tables in use, one instrument with its rows."""

from comity.base.model import Json, JsonObject
from comity.kit.shell import table
from comity.legal.cli.tables import listed
from comity.legal.model import ImportedTable, Instrument, Tables


def overview(known: Tables, imported: list[ImportedTable]) -> JsonObject:
    """Instruments, declarations and imported tables as JSON, with the hash of all."""
    instruments: list[Json] = [i.outline() for versions in known.versions.values() for i in versions]
    declarations: list[Json] = [
        {"id": d.id, "instrument": d.instrument, "state": d.state, "article": d.article, "effect": d.effect,
         "value": d.value, "from": str(d.valid_from), "until": str(d.valid_until or "")}
        for rows in known.declarations.values() for d in rows
    ]  # fmt: skip
    return {
        "rules_hash": known.rules_hash, "instruments": instruments, "declarations": declarations,
        "imported": [listed(made) for made in imported],
    }  # fmt: skip


def overview_text(known: Tables, imported: list[ImportedTable]) -> str:
    """The same for people."""
    instruments = [
        (i.code, _since(i), str(i.valid_until or "-"), f"{i.reviewed}/{len(i.rows)}", i.title)
        for versions in known.versions.values()
        for i in versions
    ]
    declared = [
        (d.id, d.instrument, d.state, d.article, d.effect, d.value or "-", str(d.valid_from))
        for rows in known.declarations.values()
        for d in rows
    ]
    taken = [
        (made.name, made.kind, str(made.rows), made.at.date().isoformat(), made.by, "yes" if made.signed else "no")
        for made in imported
    ]
    return "\n\n".join(
        (
            f"rules {known.rules_hash}",
            table(("INSTRUMENT", "FROM", "UNTIL", "REVIEWED", "TITLE"), instruments, "No instruments."),
            table(("DECLARATION", "INSTRUMENT", "STATE", "ARTICLE", "EFFECT", "VALUE", "FROM"), declared, "None."),
            table(
                ("IMPORTED", "KIND", "ROWS", "DAY", "BY", "SIGNED"), taken,
                "Nothing imported: see `comity legal import --help`.",
            ),
        )
    )  # fmt: skip


def instrument_text(told: JsonObject) -> str:
    """The same for people: the text where there is one, otherwise the rows and the words of their sources."""
    if told["text"]:
        return str(told["text"])
    rows = told["rows"] if isinstance(told["rows"], list) else []
    parts = [f"{told['code']}: {told['title']}"]
    for row in rows:
        assert isinstance(row, dict)
        words = row["words"] if isinstance(row["words"], dict) else {}
        parts.append(
            f"{row['measure']}/{row['article']}: {row['status']}, confidence {row['confidence']} ({row['source']})"
            + "".join(f"\n  {subject}: {said}" for subject, said in words.items())
        )
    return "\n\n".join(parts)


def _since(found: Instrument) -> str:
    return str(found.valid_from or "not stated") if found.in_force else "not in force"
