"""Which characters the fonts of papers have: `python -m tests.letters` writes ``kit/papers/letters.json`` anew.

PDF/A wants a glyph for every character; what no font has is printed as its code. `tests/kit/papers` compares.
"""

import json
from itertools import groupby
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

FOLDER: Final = Path(__file__).parent.parent / "src" / "comity" / "kit" / "papers"
FILE: Final = FOLDER / "letters.json"


def ranges() -> list[list[int]]:
    """First and last of each run of characters that every weight has in one of its fonts."""
    weights = [
        set().union(*(TTFont(path).getBestCmap() for path in sorted(FOLDER.glob(f"fonts/*-{weight}.ttf"))))
        for weight in (400, 600)
    ]
    found = sorted(weights[0] & weights[1])
    runs = [[code for _, code in run] for _, run in groupby(enumerate(found), lambda pair: pair[1] - pair[0])]
    return [[run[0], run[-1]] for run in runs]


if __name__ == "__main__":
    FILE.write_text(json.dumps(ranges()) + "\n", encoding="ascii")
