"""Traces of several persons: long tables are read, and anything else is refused with a word on it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.dna.wire.mixtures import read_trace

TABLE = (
    "Sample Name,Marker,Allele 1,Allele 2,Allele 3,Height 1\n"
    "s1,vWA,16,17,17,900\ns1,AMEL,X,Y,,\ns2,VWA,18,,,\ns2,TH01,,,,\n"
)


def test_replicates_are_the_samples_named() -> None:
    trace = read_trace(TABLE.encode(), "trace.csv", ["s2", "s1", "s2"])
    assert (trace.replicates, dict(trace.loci)) == (("s2", "s1"), {"VWA": (("18",), ("16", "17"))})
    assert read_trace(TABLE.encode(), "trace.csv", ["s1"]).loci == {"VWA": (("16", "17"),)}
    with pytest.raises(BadInput, match="holds 2 samples: s1, s2"):
        read_trace(TABLE.encode(), "trace.csv")


@given(st.binary(max_size=200) | st.text("Sample,Marker,Allele1\n16.X;", max_size=80).map(str.encode))
def test_anything_else_is_refused_and_breaks_nothing(data: bytes) -> None:
    try:
        read_trace(data, "trace.csv")
    except BadInput as error:
        assert error.todo
