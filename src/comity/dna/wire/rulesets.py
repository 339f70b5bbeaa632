"""Rule-set files: YAML with an id, a version, a date, a source, and every unverified point written in as a doubt.

Every field must be there and of its kind, none may be misspelt or given twice, and together they must make sense: what
is read is used as it stands, so a file is taken whole or not at all. `pruem-2008.yaml` of this package shows every
field.
"""

import re
from typing import Final, get_args

from comity.base.errors import BadInput
from comity.dna.model import COLUMN, DIFFERENCES, STRINGENCIES, Difference, Quality, RuleSet, Stringency
from comity.kit.codec.fields import Fields, load_yaml

MAX_BYTES: Final = 64 * 1024
MOST_MISMATCHES: Final = 6
"""More loci that do not fit are no search for one source any more."""
_ID: Final = re.compile(r"[a-z0-9][a-z0-9.-]{2,39}", re.ASCII)
_LABEL: Final = 500


def read_rule_set(data: bytes, name: str) -> RuleSet:
    """The rule set of a file; BadInput, naming the file and the field, where anything does not hold."""
    if len(data) > MAX_BYTES:
        raise _bad(f"larger than {MAX_BYTES} bytes", name)
    top = load_yaml(data, name, _bad)
    rules = RuleSet(
        id=_matching(top), title=_label(top, "title"), version=_label(top, "version"),
        dated=top.day("dated").isoformat(), source=_label(top, "source"), loci=_loci(top, "loci"),
        stringency=_stringency(top),
        unknown_fits=top.truth("unknown_fits"), minimum_full=top.number("minimum_full"),
        most_mismatches=top.number("most_mismatches"), standard_set=_loci(top, "standard_set"),
        minimum_standard=top.number("minimum_standard"), grades=_grades(top.map("grades")),
        partners=top.truth("partners"), doubts=tuple(_one_line(doubt) for doubt in top.texts("doubts")),
    )  # fmt: skip
    top.done()
    _check(rules, name)
    return rules


def _bad(reason: str, where: str) -> BadInput:
    return BadInput(
        "dna.rule-set", f"The rule set cannot be used: {reason}", where=where,
        todo="Correct the file; nothing was taken over. `comity dna rules show` prints one that holds.",
    )  # fmt: skip


def _matching(top: Fields) -> str:
    found = top.text("id")
    if not _ID.fullmatch(found):
        raise _bad(f"id: {found[:40]!r} is no id of 3 to 40 small letters, digits, points and hyphens", top.where)
    return found


def _label(top: Fields, key: str) -> str:
    found = _one_line(top.text(key))
    if len(found) > _LABEL or not found.isprintable():
        raise _bad(f"{key} is longer than {_LABEL} characters, or not printable", top.where)
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _stringency(top: Fields) -> Stringency:
    found: Stringency = top.one_of("stringency", STRINGENCIES)  # type: ignore[assignment]  # one of them
    return found


def _loci(top: Fields, key: str) -> tuple[str, ...]:
    found = top.texts(key)
    if unknown := sorted(set(found) - set(COLUMN)):
        raise _bad(f"{key}: unknown loci {', '.join(unknown)[:200]} (known: {', '.join(COLUMN)})", top.where)
    if len(set(found)) != len(found):
        raise _bad(f"{key}: a locus stands twice", top.where)
    return found


def _grades(table: Fields) -> dict[Difference, Quality]:
    if unknown := [kind for kind in table.codes() if kind not in DIFFERENCES]:
        raise _bad(f"unknown differences {', '.join(unknown)[:200]}; known: {', '.join(DIFFERENCES)}", table.where)
    found: dict[Difference, Quality] = {}
    for kind in get_args(Difference):
        if table.has(kind):
            grade = table.map(kind)
            found[kind] = Quality(grade.number("quality"), grade.truth("near"))
            grade.done()
    return found


def _check(rules: RuleSet, name: str) -> None:
    """Refuse what is well-formed and makes no sense."""
    kinds, best, loci = set(rules.grades), rules.grades.get("equal"), len(rules.loci)
    grades = [grade.grade for grade in rules.grades.values()]
    wrong = {
        "it names no locus": not loci,
        f"minimum_full must lie between 1 and its {loci} loci": not 1 <= rules.minimum_full <= loci,
        f"most_mismatches is more than {MOST_MISMATCHES}": rules.most_mismatches > MOST_MISMATCHES,
        "minimum_standard is more than the standard set has": rules.minimum_standard > len(rules.standard_set),
        "the standard set has loci that it does not compare": not set(rules.standard_set) <= set(rules.loci),
        "`equal` has no grade, or one below 1": best is None or best.grade < 1,
        "a difference has a better grade than `equal`": best and min(grades) < best.grade,
        "moderate stringency needs a grade for `contained`": rules.stringency == "moderate" and not rules.finer,
        "unknown_fits needs a grade for `wildcard`": rules.unknown_fits and "wildcard" not in kinds,
        "low stringency needs grades for `microvariant` and `mismatch`":
            rules.stringency == "low" and not {"microvariant", "mismatch"} <= kinds,
        "a grade is above 100": max(grades, default=0) > 100,
    }  # fmt: skip
    if found := [reason for reason, true in wrong.items() if true]:
        raise _bad("; ".join(found), name)
