"""The synthetic populations: the same for one seed, true to their frequencies, and findable derivatives of a stain."""

from collections import Counter

from comity.app.demo import population
from comity.dna import rules, service

PRUEM = service.rule_set("pruem-2008")
(STAIN,) = service.read_file(service.shipped_file("stain-2800m.xml"))[0]


def test_a_population_is_the_same_for_one_seed_and_another_for_another() -> None:
    assert population.generate(3, 50) == population.generate(3, 50)
    assert population.generate(3, 50) != population.generate(4, 50)


def test_every_profile_is_importable_and_the_kits_are_mixed_as_promised() -> None:
    good, refused = service.read_file(population.generate(11, 4000).encode())
    assert not refused
    assert len(good) == len({s.specimen for s in good}) == 4000
    shares = Counter(s.kit for s in good)
    for kit, share, _ in population.KITS:
        assert abs(shares[kit] / 4000 - share) < 0.03
    assert {len(s.loci) - 1 for s in good if s.kit == "ten"} == {10}
    assert all(6 <= len(s.loci) - 1 <= 23 for s in good)
    wild = sum(any("*" in alleles for alleles in s.loci.values()) for s in good)
    assert 15 < wild < 75


def test_alleles_come_as_often_as_published() -> None:
    good, _ = service.read_file(population.generate(12, 6000).encode())
    drawn = Counter(a for s in good for a in (s.loci.get("TH01") or ()) for _ in range(3 - len(s.loci["TH01"])))
    total = sum(drawn.values())
    for allele, published in (("6", 0.2317), ("7", 0.1635), ("9.3", 0.2997)):
        assert abs(drawn[allele] / total - published) < 0.02


def test_every_person_is_marked_as_synthetic() -> None:
    good, _ = service.read_file(population.generate(5, 20).encode())
    assert all(s.core["name"].startswith("Synthetic") and s.core["reference"].startswith("TRAINING") for s in good)


def test_the_source_and_the_near_match_of_the_stain_are_found_as_such() -> None:
    planted = population.derivatives(STAIN)
    for table, quality, near in ((planted.source, 1, False), (planted.near, 4, True)):
        (read,), _ = service.read_file(table.encode())
        found = rules.compare(STAIN.loci, read.loci, PRUEM).quality
        assert found is not None and (found.grade, found.near) == (quality, near)
        assert rules.shortfall(read.loci, "reference", PRUEM) is None and read.core


def test_the_shipped_frequencies_add_up() -> None:
    table = population.frequencies()
    assert set(table) == set(population.ALL)
    assert all(shares[-1] == 1 and len(alleles) == len(shares) for alleles, shares in table.values())
