"""Papers as PDF: what they say in each language, the same bytes again, and nothing of it run."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from comity.base.languages import LANGUAGES
from comity.base.papers import Fact, Grid, Issue, Paper, Said
from comity.kit.papers.setting import Place, mark, pdf, shown
from comity.kit.web.speech import speech
from tests import letters

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ID = "019cad00-0000-7000-8000-000000000001"
PLACE = Place("XA", "Arvenia", training=True)


def issue(language: str = "en") -> Issue:
    return Issue(ID, AT, language, "ab" * 32)


def paper(*facts: Fact) -> Paper:
    grid = Grid("Partners", ("Partner", "State"), (("XB", Said("never")), ("XC", 12_000)))
    return Paper("test.paper", "record-1", "Partners", (Fact("Last seen", AT), *facts), (grid,), (Said("Handling:"),))


def read(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_it_says_what_the_paper_states() -> None:
    text = read(pdf(paper(Fact("Case", "R-2026-17")), issue(), PLACE))
    stated = ("Partners", "2 Mar 2026", "09:30", "UTC", "R-2026-17", "XB", "never", "12,000", "Handling:", "record-1")
    for said in (*stated, ID, "ab" * 32, "XA Arvenia", "Training node", "comity log check-paper FILE"):
        assert said in text, said


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_and_the_same_bytes_again(language: str) -> None:
    made = pdf(paper(), issue(language), PLACE)
    assert made == pdf(paper(), issue(language), PLACE)
    root: Any = PdfReader(io.BytesIO(made)).trailer["/Root"].get_object()
    assert str(root["/Lang"]).startswith(language)
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfaid" in made
    assert PdfReader(io.BytesIO(made)).metadata["/Title"] == speech(language).translations.gettext("Partners")  # type: ignore[index]


def test_what_people_type_is_never_markup() -> None:
    typed = '#panic("run") $x$ *bold* <label> `raw` \\ @ref [content] \u202egnp.exe'
    text = read(pdf(paper(Fact("Case", typed)), issue(), PLACE))
    assert '#panic("run") $x$ *bold* <label> `raw` \\ @ref [content] gnp.exe' in " ".join(text.split())


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=300))
def test_any_text_makes_a_file(text: str) -> None:
    assert pdf(paper(Fact("Case", text)), issue(), PLACE).startswith(b"%PDF-")


def test_what_is_shown_is_cut_and_turns_nothing() -> None:
    assert shown("a\u202eb\n\tc\u2066\x00") == "ab c"
    assert shown("中 Ω é ق") == "[U+4E2D] Ω é ق"
    assert len(shown("x" * 10_000)) == 2000 and shown("x" * 10_000).endswith("…")


def test_the_letters_are_those_of_the_fonts() -> None:
    assert json.loads(letters.FILE.read_bytes()) == letters.ranges(), "Run: python -m tests.letters"


def test_the_mark_names_node_paper_and_content() -> None:
    assert mark(issue(), PLACE) == f"COMITY:PAPER:XA:{ID}:{'ab' * 32}"
