"""A decision as HTML: well formed, accessible, harmless whatever it holds, in the reader's language and direction."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.languages import LANGUAGES, RIGHT_TO_LEFT
from comity.legal.model import Decision, Finding
from comity.legal.service import explain_html
from tests.legal.law import CORVIA, ask, decide, law

VOID = {"meta", "br", "hr", "img", "input", "link"}
HARMLESS = {
    "html", "head", "meta", "title", "body", "main", "section", "h1", "h2", "p", "strong", "dl", "dt", "dd", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "ul", "li", "bdi", "data", "time",
}  # fmt: skip
HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(1)>\u202e"


class Tree(HTMLParser):
    """Reads a document, and refuses tags that do not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


DECISIONS = {
    "allow": decide(ask("core_data", "XA-CC-101")),
    "deny": decide(ask("hit_no_hit", "XA-TC-12", "XC"), law(CORVIA), "asked"),
    "refer": decide(ask("telepathy", "XA-CC-101")),
}


@pytest.mark.parametrize("outcome", DECISIONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_whole_and_accessible(language: str, outcome: str) -> None:
    tree = Tree(explain_html(DECISIONS[outcome], language))
    direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
    assert tree.all("html") == [{"lang": language, "dir": direction}]
    assert tree.all("section")[0]["lang"] == language and tree.all("section")[0]["dir"] == direction
    assert len(tree.all("h1")) == len(tree.all("title")) == len(tree.all("main")) == len(tree.all("caption")) == 1
    assert [scope["scope"] for scope in tree.all("th")[:5]] == ["col"] * 5
    assert {scope["scope"] for scope in tree.all("th")[5:]} == {"row"}
    assert len(tree.all("th")) == 5 + len(DECISIONS[outcome].findings)
    assert {"datetime": "2026-11-22"} in tree.all("time")


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_a_strict_policy_would_refuse(language: str) -> None:
    for decision in DECISIONS.values():
        tree = Tree(explain_html(decision, language))
        assert {tag for tag, _ in tree.tags} <= HARMLESS
        used = {name for _, attributes in tree.tags for name in attributes}
        assert used <= {"lang", "dir", "charset", "name", "content", "aria-label", "scope", "value", "datetime"}


def hostile(text: str) -> Decision:
    finding = Finding(text, "fail", text, {"reason": text, text: text, "offence": text, "raised": [text]}, text)
    return replace(
        DECISIONS["allow"], measure=text, instrument=text, article=text, findings=(finding,), requirements=(text,),
        rules_hash=text, id=text, asking=text, asked=text,
    )  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_values_are_shown_not_obeyed(language: str) -> None:
    html = explain_html(hostile(HOSTILE), language)
    tree = Tree(html)
    assert {tag for tag, _ in tree.tags} <= HARMLESS and "\u202e" not in html
    assert "<script>alert(1)</script>" in tree.words


@given(st.text())
def test_any_text_makes_a_page(text: str) -> None:
    for whole in (True, False):
        tree = Tree(explain_html(hostile(text), "ar", whole=whole))
        assert {tag for tag, _ in tree.tags} <= HARMLESS
        assert bool(tree.all("html")) == whole


def test_free_text_is_in_a_language_that_nobody_knows_and_codes_stand_apart() -> None:
    html = explain_html(decide(ask("hit_no_hit", "XA-CC-214")), "fr")
    assert '<bdi lang="">petty theft</bdi>' in html and "<bdi>XA-CC-214</bdi>" in html
    assert '<data value="criminal_investigation">enquête pénale</data>' in html
    assert "passible d&#x27;au moins <bdi>12</bdi> mois" in html
