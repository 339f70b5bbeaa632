"""Setting a paper: what it says, put into the reader's language and made a PDF.

1. The same paper, issue and place give the same bytes, on whatever day: the file carries the time of its issue.
2. What people typed is data to Typst and never markup; it keeps its own direction, and no code in it is run.
3. The file is PDF/A-2a (ISO 19005-2, level A): with its fonts and its reading order, for decades and screen readers.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from io import BytesIO
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, cast
from zoneinfo import ZoneInfo

from comity.base.papers import Draw, Fact, Grid, Issue, Paper, Said, Value, to_say
from comity.kit.vault.desk import Desk

if TYPE_CHECKING:
    from comity.kit.web.speech import Speech

_UTC: Final = ZoneInfo("UTC")
_HIDDEN: Final[dict[int, str]] = dict.fromkeys(
    (*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF), ""
) | dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029), " ")
"""What turns or hides text (UAX 9) goes, controls become blanks: in a printed name they could only mislead."""
_LONGEST: Final = 2000
_ABOUT: Final = to_say("About")
_NUMBER: Final = to_say("Paper")
_AT: Final = to_say("Issued")
_CONTENT: Final = to_say("Hash of the content")
_PAGE: Final = to_say("Page")
_CHECK: Final = to_say(
    "This file is sealed: its hash stands in the log of the node that issued it. "
    "To check it: comity log check-paper FILE, or the page Oversight of that node."
)


@dataclass(frozen=True)
class Place:
    """The node that issues a paper."""

    code: str
    name: str
    training: bool


def pdf(paper: Paper, issue: Issue, place: Place) -> bytes:
    """The paper as a PDF in the issue's language."""
    import typst  # noqa: PLC0415  # 80 MB of library that only this needs

    from comity.kit.web.speech import speech  # noqa: PLC0415  # and the CLDR, which every command would load

    said, compiled = speech(issue.language), cast(Any, typst.compile)
    file: bytes = compiled(
        _source(), font_paths=[str(_fonts())], ignore_system_fonts=True, pdf_standards=["a-2a"],
        timestamp=issue.at.astimezone(UTC).replace(microsecond=0),
        sys_inputs={"data": json.dumps(_data(paper, issue, place, said)), "mark": _mark(issue, place)},
    )  # fmt: skip
    return file


def drawing(desk: Desk) -> Draw:
    """How a node sets its papers."""
    place = Place(desk.code, desk.name, desk.training)
    return lambda paper, issue: pdf(paper, issue, place)


def mark(issue: Issue, place: Place) -> str:
    """What the QR code of the paper says: whose it is, its id, and the hash of what it says."""
    return f"COMITY:PAPER:{place.code}:{issue.id}:{issue.content}"


# --- the parts -----------------------------------------------------------------------------------------------------


@cache
def _source() -> bytes:
    return resources.files(__package__).joinpath("paper.typ").read_bytes()


@cache
def _fonts() -> Any:
    return resources.files(__package__).joinpath("fonts")


def _mark(issue: Issue, place: Place) -> str:
    import segno  # noqa: PLC0415  # as typst

    drawn = BytesIO()
    segno.make(mark(issue, place), error="m").save(drawn, kind="svg", border=2, xmldecl=False, nl=False)
    return drawn.getvalue().decode()


def _data(paper: Paper, issue: Issue, place: Place, said: "Speech") -> dict[str, Any]:
    phrase = said.translations.gettext
    return {
        "language": issue.language, "direction": said.direction, "title": phrase(paper.title),
        "place": f"{place.code} {place.name}",
        "training": phrase("Training node: synthetic data only") if place.training else "",
        "draft": phrase("Draft translation, not yet reviewed") if said.draft else "",
        "facts": [_fact(fact, said) for fact in paper.facts], "grids": [_grid(grid, said) for grid in paper.grids],
        "remarks": [_value(remark, said) for remark in paper.remarks],
        "issue": [_fact(fact, said) for fact in _issued(paper, issue)],
        "check": phrase(_CHECK), "page": phrase(_PAGE),
    }  # fmt: skip


def _issued(paper: Paper, issue: Issue) -> tuple[Fact, ...]:
    return (
        Fact(_ABOUT, paper.about), Fact(_NUMBER, issue.id), Fact(_AT, issue.at), Fact(_CONTENT, issue.content),
    )  # fmt: skip


def _fact(fact: Fact, said: "Speech") -> list[str]:
    return [said.translations.gettext(fact.label), _value(fact.value, said)]


def _grid(grid: Grid, said: "Speech") -> dict[str, Any]:
    phrase = said.translations.gettext
    return {
        "title": phrase(grid.title), "heads": [phrase(head) for head in grid.heads],
        "rows": [[_value(value, said) for value in row] for row in grid.rows],
    }  # fmt: skip


def _value(value: Value, said: "Speech") -> str:
    if isinstance(value, Said):
        text = said.translations.gettext(value.text)
        return text % {name: shown(given) for name, given in value.values.items()} if value.values else text
    if isinstance(value, datetime):
        return said.moment(value, _UTC)
    return said.number(value) if isinstance(value, int) else shown(value)


def shown(text: str) -> str:
    """What somebody typed, as it may be printed: without controls, cut where nobody would read on, and with the code of
    each character that the paper's fonts do not have, such as ``[U+4E2D]``: nothing of a name is left out unseen."""
    plain = " ".join(text.translate(_HIDDEN).split())
    plain = plain if len(plain) <= _LONGEST else plain[: _LONGEST - 1] + "…"
    letters = _letters()
    return "".join(sign if ord(sign) in letters else f"[U+{ord(sign):04X}]" for sign in plain)


@cache
def _letters() -> frozenset[int]:
    runs = json.loads(resources.files(__package__).joinpath("letters.json").read_bytes())
    return frozenset(chain.from_iterable(range(first, last + 1) for first, last in runs))
