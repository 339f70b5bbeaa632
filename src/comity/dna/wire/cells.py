"""The alleles in one cell of a wide table, or a refusal where the cell can be read in two ways.

A comma is the trouble: it divides two alleles (``16,17``), and in half of Europe it is the decimal sign of one
(``9,3`` for 9.3). Three rules keep a micro-variant from becoming two alleles in silence:

1. A cell divides its alleles in one way; one that mixes signs (``9,3/6``) is refused.
2. A comma divides where the values make sense only so: beside a blank (``9, 3``), beside a decimal point (``7,9.3``),
   or where the part behind it counts no odd bases of the locus's repeat (``16,17``). Otherwise the cell is refused.
3. A comma never divides in a file whose columns are divided by another sign, nor in a column of one allele.
"""

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

from comity.base.errors import BadInput
from comity.dna.model import LOCI, Alleles

_SIGN: Final = re.compile(r"\s*[/;]\s*|\s*,\s+|\s+,|,|\s+")
_DECIMAL: Final = re.compile(r"\d{1,2},\d", re.ASCII)
_ANY_ODD_BASES: Final = 10
"""Loci whose repeat is not known here may have any odd digit behind the point."""
_ADVICE: Final = "Write a decimal point (9.3), and divide two alleles by a slash (9/9.3)."


@lru_cache(maxsize=16_384)
def split(cell: str, locus: str, *, comma: bool) -> Alleles:
    """The values in `cell` of a column of `locus`; `comma`: whether one may divide alleles there at all.

    BadInput ``dna.decimal-comma`` or ``dna.mixed-signs`` where the cell does not say which values are meant.
    """
    text = cell.strip().strip(",/; \t")
    found = _SIGN.findall(text)
    if len({sign.strip() for sign in found}) > 1:
        raise BadInput(
            "dna.mixed-signs", f"{locus}: {_short(cell)} divides its values in more than one way", todo=_ADVICE
        )
    parts = tuple(part for part in _SIGN.split(text) if part)
    if "," in text and not (comma and ("," not in found or _only_two(parts, locus))):
        raise BadInput(
            "dna.decimal-comma", f"{locus}: {_short(cell)} may be one value with a decimal comma or two values",
            todo=_ADVICE,
        )  # fmt: skip
    return parts


def _only_two(parts: Alleles, locus: str) -> bool:
    """Whether no comma between neighbouring parts can be a decimal one; a point anywhere shows the file's sign."""
    if any("." in part for part in parts):
        return True
    repeat = LOCI[locus].repeat or _ANY_ODD_BASES
    pairs = [(left, right) for left, right in pairwise(parts) if _DECIMAL.fullmatch(f"{left},{right}")]
    return all(int(right) >= repeat for _, right in pairs)


def _short(cell: str) -> str:
    return repr(cell if len(cell) <= 20 else cell[:20] + "…")
