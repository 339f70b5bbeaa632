"""A file's specimens one after another, those that stand in it several times judged together."""

from collections.abc import Iterator
from typing import Final

from comity.base.errors import BadInput
from comity.dna.model import Refusal, Repeat, Specimen
from comity.dna.wire.formats import Format, Hints
from comity.dna.wire.formats import format_of as format_of
from comity.dna.wire.repeats import repeated, settled

MAX_BYTES: Final = 512 * 1024 * 1024


def read(
    data: bytes, format: Format, category: str = "", limit: int = MAX_BYTES
) -> Iterator[Specimen | Refusal | Repeat]:
    """Every specimen of the file once, or why it was refused; BadInput where the file as a whole cannot be used.

    `category` is that of specimens of which the file says none. A specimen that stands in the file several times comes
    last: once where all say the same, else as refusals.
    """
    if len(data) > limit:
        raise BadInput(
            "dna.too-large", f"The file has {len(data)} bytes, and {limit} are the most",
            todo="Split it and import the parts one after another.",
        )  # fmt: skip
    hints = Hints(limit, category)
    return settled(format.read(data, hints), repeated(format.names(data, hints)))
