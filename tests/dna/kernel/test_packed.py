"""Profiles packed together are as each is packed alone."""

from hypothesis import given
from hypothesis import strategies as st

from comity.dna import kernel
from comity.dna.kernel.packed import _Places
from comity.dna.model import Alleles
from tests.dna.profiles import profiles

BESIDE: dict[str, Alleles] = {"AMEL": ("X", "Y"), "DYS391": ("10",), "D6S1043": ("11", "12")}


@given(st.lists(profiles(), max_size=8), st.booleans())
def test_all_in_one_pass_as_one_by_one(held: list[dict[str, Alleles]], beside: bool) -> None:
    whole = [loci | BESIDE if beside else loci for loci in held]
    assert kernel.pack_all(kernel.genotypes_of(whole)) == [kernel.pack(loci) for loci in whole]


def test_a_profile_without_loci_is_untested_everywhere() -> None:
    some: list[dict[str, Alleles]] = [{}, {"AMEL": ("X",)}, {"VWA": ("16", "17")}]
    assert kernel.pack_all(kernel.genotypes_of(some)) == [
        kernel.pack({}), kernel.pack({}), kernel.pack({"VWA": ("16", "17")}),
    ]  # fmt: skip
    assert kernel.pack_all(kernel.genotypes_of([])) == []


def test_what_is_known_is_bounded() -> None:
    known = _Places()
    known.most = 3
    for repeats in range(8, 18):
        assert known["VWA", (str(repeats),)] == kernel.pack({"VWA": (str(repeats),)})[1] * 257
    assert len(known) <= 3
