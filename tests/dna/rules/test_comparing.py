"""The Prüm rule by hand-made cases and by its own symmetries."""

from dataclasses import replace

import pytest
from hypothesis import given

from comity.base.errors import BadInput
from comity.dna import rules, service
from comity.dna.model import LOCI, Alleles, Profile
from tests.dna.profiles import PRUEM, profiles, relatives

SIX: dict[str, Alleles] = {
    "VWA": ("16", "19"), "TH01": ("6", "9.3"), "D21S11": ("29", "31.2"), "FGA": ("20", "23"), "D8S1179": ("14", "15"),
    "D3S1358": ("17", "18"),
}  # fmt: skip


def grade(left: dict[str, Alleles], right: dict[str, Alleles]) -> int | None:
    quality = rules.compare(left, right, PRUEM).quality
    return quality.grade if quality else None


@pytest.mark.parametrize(
    ("locus", "ours", "theirs", "expected"),
    [
        ("D18S51", ("16", "18"), ("18", "16"), 1),
        ("D18S51", ("16",), ("16", "16"), 1),
        ("D18S51", ("16", "18"), ("16", "*"), 2),
        ("D18S51", ("16", "17", "18"), ("16", "17"), 2),
        ("D18S51", ("16", "18"), ("16", "18.1"), 3),
        ("D18S51", ("16", "17.3"), ("18", "16"), 3),
        ("D18S51", ("16", "18"), ("16", "17"), 4),
        ("D18S51", ("16",), ("16", "17"), 4),
        ("D18S51", ("16", "18"), ("14", "15"), None),
        ("D18S51", ("16", "18"), ("*", "17"), None),
        ("D18S51", ("16", "18"), ("na", "nr"), 1),
        ("PENTA D", ("9", "12.4"), ("9", "13"), 3),
        ("PENTA D", ("9", "12.3"), ("9", "13"), 4),
    ],
)
def test_one_locus_beside_six_equal_ones(locus: str, ours: Alleles, theirs: Alleles, expected: int | None) -> None:
    assert grade({**SIX, locus: ours}, {**SIX, locus: theirs}) == expected


def test_a_difference_among_only_six_loci_is_no_near_match() -> None:
    assert grade(SIX, {**SIX, "VWA": ("16", "18")}) is None


def test_two_differing_alleles_are_no_candidates() -> None:
    wide = {**SIX, "D18S51": ("16", "18"), "TPOX": ("8", "11"), "CSF1PO": ("10", "12")}
    assert grade(wide, {**wide, "TPOX": ("8", "12"), "CSF1PO": ("10", "13")}) is None


def test_the_sex_marker_is_reported_and_never_counted() -> None:
    compared = rules.compare({**SIX, "AMEL": ("X",)}, {**SIX, "AMEL": ("X", "Y")}, PRUEM)
    assert (compared.sex, compared.quality and compared.quality.grade, compared.full) == ("differs", 1, 6)


def test_loci_outside_the_rule_set_are_not_compared() -> None:
    assert grade({**SIX, "D6S1043": ("12", "18")}, {**SIX, "D6S1043": ("10", "11")}) == 1


def test_too_few_loci_are_refused_with_their_count() -> None:
    five = {name: alleles for name, alleles in SIX.items() if name != "VWA"} | {"TPOX": ("8", "*")}
    with pytest.raises(BadInput, match="5 fully designated loci") as caught:
        rules.check_searchable(five, "stain", PRUEM)
    assert caught.value.code == "dna.too-few-loci"


def test_a_reference_needs_six_of_the_seven_standard_loci() -> None:
    swapped = {name: alleles for name, alleles in SIX.items() if name != "VWA"} | {"TPOX": ("8", "11")}
    rules.check_searchable(swapped, "stain", PRUEM)
    with pytest.raises(BadInput, match="5 loci of the European Standard Set"):
        rules.check_searchable(swapped, "reference", PRUEM)
    rules.check_searchable(SIX, "reference", PRUEM)


def test_the_words_name_the_rule_set_and_every_difference() -> None:
    compared = rules.compare({**SIX, "D18S51": ("16", "18")}, {**SIX, "D18S51": ("16", "17")}, PRUEM)
    assert rules.in_words(compared, PRUEM) == (
        "Prüm 2008: 6 of 7 compared loci are equal; near match of quality 4.\n"
        "Sex marker: not compared (never counted).\n"
        f"Meaning: {rules.grade_in_words(4, PRUEM)}.\n"
        "D18S51: 16/18 against 16/17 (one allele differs)"
    )


@given(relatives())
def test_comparing_is_symmetric(pair: tuple[dict[str, Alleles], dict[str, Alleles]]) -> None:
    there, back = rules.compare(*pair, PRUEM), rules.compare(pair[1], pair[0], PRUEM)
    assert (there.quality, there.full, there.sex) == (back.quality, back.full, back.sex)
    assert [f.difference for f in there.findings] == [f.difference for f in back.findings]


@given(profiles())
def test_every_searchable_profile_matches_itself(loci: dict[str, Alleles]) -> None:
    full = {name: loci[name] for name in rules.fully_designated(loci, PRUEM)}
    expected = 1 if len(full) >= PRUEM.minimum_full else None
    assert grade(full, full) == expected


STRINGENCIES = {name: service.rule_set(f"codis-{name}") for name in ("high", "moderate", "low")}


@pytest.mark.parametrize(
    ("ours", "theirs", "kind", "fits"),
    [
        (("12", "14"), ("14", "12"), "equal", "high moderate low"),
        (("12",), ("12", "12"), "equal", "high moderate low"),
        (("12", "*"), ("14", "12"), "wildcard", "high moderate low"),
        (("12", "13", "14"), ("12", "15"), "wildcard", "high moderate low"),
        (("12",), ("12", "14"), "contained", "moderate low"),
        (("12", "14"), ("14",), "contained", "moderate low"),
        (("9.3",), ("9.3", "10"), "contained", "moderate low"),
        (("12", "9.3"), ("12", "10"), "microvariant", "low"),
        (("12", "14"), ("12", "15"), "mismatch", "low"),
        (("12", "14"), ("13", "15"), "different", ""),
        (("12",), ("13",), "different", ""),
        (("12", "*"), ("13", "14"), "different", ""),
        (("12", "*"), ("13", "*"), "different", ""),
    ],
)
def test_what_fits_under_each_stringency(ours: Alleles, theirs: Alleles, kind: str, fits: str) -> None:
    for name, under in STRINGENCIES.items():
        found = rules.compare({"D18S51": ours}, {"D18S51": theirs}, under)
        assert ([f.difference for f in found.findings], found.fitting) == ([kind], int(name in fits.split()))
        found = rules.compare({"D18S51": theirs}, {"D18S51": ours}, under)
        assert [f.difference for f in found.findings] == [kind]


@given(relatives())
def test_the_stringencies_say_what_their_words_mean(pair: tuple[dict[str, Alleles], dict[str, Alleles]]) -> None:
    """Sets of known alleles, no pairs and no codes: another way of saying it. Where a value is unknown, low alone."""
    for locus in LOCI.values():
        ours, theirs = (rules.pair(locus, side.get(locus.name, ())) for side in pair)
        if ours and theirs:
            left, right = set(ours) - {"*"}, set(theirs) - {"*"}
            known = "*" not in (*ours, *theirs)
            difference = rules.compare_locus(locus, ours, theirs, finer=True).difference
            assert (difference in STRINGENCIES["low"].fits) == bool(left & right)
            if known:
                assert (difference in STRINGENCIES["high"].fits) == (left == right)
                assert (difference in STRINGENCIES["moderate"].fits) == (left <= right or right <= left)


WIDE: dict[str, Alleles] = SIX | {"D18S51": ("16", "18"), "TPOX": ("8", "11"), "CSF1PO": ("10", "12")}


@pytest.mark.parametrize(
    ("under", "changed", "quality"),
    [
        ("high", {}, 1), ("high", {"FGA": ("20",)}, None), ("moderate", {"FGA": ("20",)}, 3),
        ("moderate", {"FGA": ("20",), "VWA": ("16", "*"), "TH01": ("6",)}, 3),
        ("moderate", {"FGA": ("20", "24")}, 4), ("moderate", {"FGA": ("21", "24")}, 5),
        ("moderate", {"FGA": ("20", "24"), "VWA": ("16", "18")}, None),
        ("low", {"FGA": ("20", "24"), "VWA": ("16", "18")}, 4),
        ("low", {"FGA": ("21", "24")}, 5), ("low", {"FGA": ("21", "24"), "VWA": ("14", "15")}, None),
    ],
)  # fmt: skip
def test_the_worst_difference_grades_a_match_and_one_locus_may_fail(
    under: str, changed: dict[str, Alleles], quality: int | None
) -> None:
    found = rules.compare(WIDE, WIDE | changed, STRINGENCIES[under])
    assert (found.quality.grade if found.quality else None) == quality
    told = rules.in_words(found, STRINGENCIES[under])
    assert all(f"{name}: {'/'.join(rules.pair(LOCI[name], WIDE[name]) or ())} against" in told for name in changed)
    assert {finding.locus for finding in found.differing} == set(changed)
    assert (found.as_dict()["quality"], found.as_dict()["equal"]) == (quality, 9 - len(changed))


def test_parameters_of_a_rule_set_are_fields_of_it() -> None:
    strict = replace(STRINGENCIES["low"], minimum_full=9, most_mismatches=0)
    assert rules.compare(WIDE, WIDE, strict).quality and not rules.compare(SIX, SIX, strict).quality
    assert rules.shortfall(SIX, "stain", strict) == "6 designated loci, and CODIS, low stringency asks for at least 9"


@given(profiles())
def test_what_is_sent_is_compared_as_what_is_held(loci: dict[str, Alleles]) -> None:
    sent = {name: values for name in loci if (values := rules.values(name, loci))}
    assert all(len(values) <= 2 for values in sent.values())
    assert {n: rules.pair(LOCI[n], v) for n, v in sent.items()} == {
        n: held for n, v in loci.items() if (held := rules.pair(LOCI[n], v))
    }


@pytest.mark.parametrize(
    ("quality", "meaning"),
    [
        (1, "every locus that both profiles hold is equal"),
        (2, "all is equal but one allele, which one side does not know"),
        (3, "all is equal but one allele, which differs by a neighbouring micro-variant"),
        (4, "all is equal but one allele, which differs; both laboratories look again"),
        (9, "no grade of this rule set"),
    ],
)
def test_each_quality_is_explained_from_the_rule_set_with_its_source(quality: int, meaning: str) -> None:
    source = " [Prüm 2008: Council Decision 2008/616/JHA, Annex, chapter 1 (OJ L 210, 6.8.2008)]"
    scale = f"quality {quality} on a scale from 1 (best) to 4: "
    assert rules.grade_in_words(quality, PRUEM) == scale + meaning + source


@pytest.mark.parametrize(
    ("category", "tripled", "mixture", "subject"),
    [
        ("Forensic, Unknown", 0, False, None), ("Forensic, Unknown", 1, False, None),
        ("Forensic, Unknown", 2, "suspected", None), ("Forensic Mixture", 0, True, None),
        ("Convicted Offender", 0, False, "convicted"), ("Suspect, Known", 2, "suspected", "suspect"),
        ("Arrestee", 0, False, "suspect"), ("Victim, Known", 0, False, "victim"), ("Elimination", 0, False, None),
    ],
)  # fmt: skip
def test_what_a_profile_says_to_the_law(category: str, tripled: int, mixture: bool | str, subject: str | None) -> None:
    loci = {name: (*alleles, "99") if n < tripled else alleles for n, (name, alleles) in enumerate(SIX.items())}
    facts = rules.settled_facts(Profile("id", "specimen", category, loci))
    assert facts == {"mixture": mixture} | ({"data_subject": subject} if subject else {})
