"""The genotypes that profiles share: each listed once, and every profile told again by their places."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from comity.dna import kernel
from comity.dna.model import Alleles
from tests.dna.profiles import profiles


@given(st.lists(st.one_of(profiles(), st.just({})), max_size=8))
def test_places_tell_the_profiles_again(held: list[dict[str, Alleles]]) -> None:
    found = kernel.genotypes_of(held)
    assert len(set(found.kinds)) == len(found.kinds)
    places = iter(found.numbers.tolist())
    told = [[found.kinds[next(places)] for _ in range(size)] for size in found.sizes.tolist()]
    assert told == [sorted(loci.items()) for loci in held], "by the names of loci"
    assert list(places) == []


@given(st.lists(st.one_of(profiles(), st.just({})), max_size=8), st.sampled_from(["VWA", "TH01"]))
def test_chosen_kinds_are_counted_in_each_profile(held: list[dict[str, Alleles]], name: str) -> None:
    found = kernel.genotypes_of(held)
    chosen = np.array([kind[0] == name for kind in found.kinds], dtype=np.bool_)
    assert found.counted(chosen).tolist() == [int(name in loci) for loci in held]
