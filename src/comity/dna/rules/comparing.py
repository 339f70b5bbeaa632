"""Which profiles may be searched, and when two of them are candidates for one source.

The plain reference of `kernel.scan` and `kernel.fitting`: it reads designations as text, one pair of profiles at a
time, and says why. What the rules are stands in the rule set's own file, with its source, and with every point that is
not verified as a doubt.
"""

from typing import Final, Literal

from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.dna.model import (
    DIFFERENCES,
    LOCI,
    SEX,
    WILDCARD,
    Alleles,
    Comparison,
    Difference,
    Kind,
    Loci,
    Locus,
    LocusFinding,
    Profile,
    Quality,
    RuleSet,
    code,
    difference,
)

UNKNOWN: Final = "*"

Pair = tuple[str, str]


def pair(locus: Locus, alleles: Alleles) -> Pair | None:
    """The two values compared at a locus, or None where nothing is designated.

    One value stands for a homozygote; of three the first is kept and the rest become the wildcard; a locus of which
    no value is known counts as not tested.
    """
    if not alleles:
        return None
    first, second = alleles[0], alleles[-1] if len(alleles) <= 2 else UNKNOWN
    values = [UNKNOWN if code(locus, text) == WILDCARD else text for text in (first, second)]
    return None if values == [UNKNOWN, UNKNOWN] else (values[0], values[1])


def values(name: str, loci: Loci) -> Alleles:
    """The alleles of a locus as a search sends them: as written, the third and further ones as the wildcard.

    Empty where nothing is designated.
    """
    alleles = loci.get(name, ())
    reduced = pair(LOCI[name], alleles)
    return () if reduced is None else alleles if len(alleles) <= 2 else reduced


_SUBJECTS: Final = {"convicted": "convicted", "suspect": "suspect", "arrestee": "suspect", "victim": "victim"}
"""How the categories of CODIS for known persons begin, and the category of Directive (EU) 2016/680, article 6."""


def settled_facts(profile: Profile) -> JsonObject:
    """What a stored profile itself says to the law: whether it is a mixture and, of a known person, which category.

    A specimen is a mixture where the laboratory calls it one. Three values at one locus occur in one person; at two
    loci they suggest two persons, and nobody but the laboratory can say.
    """
    category = profile.category.casefold()
    tripled = sum(len(alleles) > 2 for alleles in profile.loci.values())
    facts: JsonObject = {"mixture": True if "mixture" in category else "suspected" if tripled > 1 else False}
    subject = next((code for word, code in _SUBJECTS.items() if category.startswith(word)), None)
    return facts if subject is None else facts | {"data_subject": subject}


def compare_locus(locus: Locus, left: Pair, right: Pair, *, finer: bool = False) -> LocusFinding:
    """How two genotypes differ, both ways round; `finer`: a single allele that the other has, too, is told apart."""
    one, two, other, another = (code(locus, text) for text in (*left, *right))
    return LocusFinding(locus.name, left, right, DIFFERENCES[difference(one, two, other, another, finer)])


def compare(left: Loci, right: Loci, rules: RuleSet) -> Comparison:
    """Two profiles under a rule set: every locus that both hold, and the grade if they are candidates.

    At least `minimum_full` loci fit, at most `most_mismatches` do not, and every difference has a grade, of which the
    worst counts. The sex marker is reported and never counted.
    """
    findings = []
    for name in rules.loci:
        ours, theirs = pair(LOCI[name], left.get(name, ())), pair(LOCI[name], right.get(name, ()))
        if ours and theirs:
            findings.append(compare_locus(LOCI[name], ours, theirs, finer=rules.finer))
    fits = rules.fits
    fitting = sum(finding.difference in fits for finding in findings)
    quality = None
    if fitting >= rules.minimum_full and len(findings) - fitting <= rules.most_mismatches:
        quality = _graded({finding.difference for finding in findings}, rules)
    return Comparison(rules.id, tuple(findings), quality, _sex(left, right), fits)


def _graded(differences: set[Difference], rules: RuleSet) -> Quality | None:
    """The worst of the grades; None where a difference has none."""
    grades = [rules.grades.get(kind) for kind in differences]
    known = [grade for grade in grades if grade is not None]
    return max(known, key=lambda grade: grade.grade) if len(known) == len(grades) else None


def _sex(left: Loci, right: Loci) -> Literal["same", "differs", "not compared"]:
    ours, theirs = ({text.upper() for text in side.get(SEX.name, ())} for side in (left, right))
    if not ours or not theirs or not (ours | theirs) <= {"X", "Y"}:
        return "not compared"
    return "same" if ours == theirs else "differs"


def designated(loci: Loci, rules: RuleSet) -> tuple[str, ...]:
    """The loci of the rule set at which a value is known."""
    return tuple(name for name in rules.loci if pair(LOCI[name], loci.get(name, ())))


def fully_designated(loci: Loci, rules: RuleSet) -> tuple[str, ...]:
    """The loci of the rule set at which both values are known."""
    found = ((name, pair(LOCI[name], loci.get(name, ()))) for name in rules.loci)
    return tuple(name for name, values in found if values and UNKNOWN not in values)


def shortfall(loci: Loci, kind: Kind, rules: RuleSet) -> str | None:
    """Why a profile may not be searched under the rule set, in words with the counts; None where it may."""
    some = "wildcard" in rules.fits
    full = designated(loci, rules) if some else fully_designated(loci, rules)
    if len(full) < rules.minimum_full:
        what = "designated" if some else "fully designated"
        return f"{len(full)} {what} loci, and {rules.title} asks for at least {rules.minimum_full}"
    standard = len(set(full) & set(rules.standard_set))
    if kind == "reference" and standard < rules.minimum_standard:
        return (
            f"{standard} loci of the European Standard Set, and {rules.title} asks for at least "
            f"{rules.minimum_standard} of {len(rules.standard_set)} in a reference profile"
        )
    return None


def check_searchable(loci: Loci, kind: Kind, rules: RuleSet) -> None:
    """Refuse (BadInput) a profile that no partner could search, with the counts."""
    why = shortfall(loci, kind, rules)
    if why:
        raise BadInput("dna.too-few-loci", f"The profile has {why}", todo="Type more loci before asking abroad.")


def in_words(comparison: Comparison, rules: RuleSet) -> str:
    """The comparison for a reader: grade, counts, and every difference with both genotypes."""
    head = f"{rules.title}: {comparison.full} of {len(comparison.findings)} compared loci are equal"
    if rules.fits != {"equal"}:
        head += f", {comparison.fitting} fit at {rules.stringency} stringency"
    if comparison.quality is None:
        grade = "no match under these rules"
    else:
        grade = f"{'near match' if comparison.quality.near else 'match'} of quality {comparison.quality.grade}"
    lines = [f"{head}; {grade}.", f"Sex marker: {comparison.sex} (never counted)."]
    if comparison.quality is not None:
        lines.append(f"Meaning: {grade_in_words(comparison.quality.grade, rules)}.")
    lines += [difference_in_words(finding) for finding in comparison.differing]
    return "\n".join(lines)


def difference_in_words(finding: LocusFinding) -> str:
    """One locus: both genotypes and how they differ."""
    return f"{finding.locus}: {'/'.join(finding.left)} against {'/'.join(finding.right)} ({_WORDS[finding.difference]})"


def grade_in_words(quality: int, rules: RuleSet) -> str:
    """What the rule set means by a quality, and where that stands."""
    kinds = [kind for kind, grade in rules.grades.items() if grade.grade == quality]
    meant = " or ".join(_MEANT[kind] if rules.by_lists else f"the worst difference: {_WORDS[kind]}" for kind in kinds)
    scale = sorted(grade.grade for grade in rules.grades.values())
    return (
        f"quality {quality} on a scale from {scale[0]} (best) to {scale[-1]}: {meant or 'no grade of this rule set'}"
        f" [{rules.title}: {rules.source}]"
    )


_MEANT: Final[dict[Difference, str]] = {
    "equal": "every locus that both profiles hold is equal",
    "wildcard": "all is equal but one allele, which one side does not know",
    "contained": "all is equal but one locus, at which one side shows a single allele, which the other has, too",
    "microvariant": "all is equal but one allele, which differs by a neighbouring micro-variant",
    "mismatch": "all is equal but one allele, which differs; both laboratories look again",
    "different": "all is equal but one locus, at which both alleles differ",
}

_WORDS: Final[dict[Difference, str]] = {
    "equal": "equal", "wildcard": "one value unknown",
    "contained": "one side shows a single allele, which the other has, too",
    "microvariant": "neighbouring micro-variants", "mismatch": "one allele differs", "different": "both alleles differ",
}  # fmt: skip
