"""The catalogues say what the templates say, all of it, in every language; and templates say nothing beside them."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from jinja2 import Environment

from comity.base.languages import LANGUAGES
from comity.kit.web.speech import DRAFT, catalogue, speech
from tests import translations

TEMPLATES = sorted(translations.SOURCE.rglob("*.html"))
PLACE = re.compile(r"%\((\w+)\)")


def texts(message: Message) -> list[str]:
    found = message.string
    return [str(one) for one in found] if isinstance(found, (tuple, list)) else [str(found or "")]


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_catalogue_is_whole(language: str) -> None:
    """Every phrase of the source and no other, each translated, none guessed, with its places; one form per number."""
    found = catalogue(language)
    assert {(one.id, one.context) for one in found if one.id} == {
        (one.id, one.context) for one in translations.source() if one.id
    }, "run: make translations"
    for one in found:
        if not one.id:
            continue
        many = one.id[-1] if isinstance(one.id, (tuple, list)) else one.id
        assert len(texts(one)) == (1 if many == one.id else found.num_plurals), one.id
        assert all(text.strip() for text in texts(one)), one.id
        assert not one.fuzzy, one.id
        places = set(PLACE.findall(many))
        assert all(set(PLACE.findall(text)) <= places for text in texts(one)), one.id
        assert set(PLACE.findall(texts(one)[-1])) == places, one.id


@pytest.mark.parametrize("language", LANGUAGES[1:])
def test_a_catalogue_is_as_the_tool_writes_it(language: str) -> None:
    path = translations.PLACE / f"{language}.po"
    assert path.read_bytes() == translations.text(translations.updated(language)), "run: make translations"


def test_drafts_are_said_to_be_drafts() -> None:
    for language in LANGUAGES[1:]:
        assert speech(language).draft == any(DRAFT in one.user_comments for one in catalogue(language))
    assert not speech("en").draft


class Words(HTMLParser):
    """The text between tags, and in attributes that people are told."""

    TOLD = frozenset({"aria-label", "title", "alt", "placeholder"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.code += tag in {"code", "kbd"}
        self.found += [value or "" for name, value in attrs if name in self.TOLD]

    def handle_endtag(self, tag: str) -> None:
        self.code -= tag in {"code", "kbd"}

    def handle_data(self, data: str) -> None:
        if not self.code:  # a macro may make nothing but attributes
            self.found.append(re.sub(r'[\w-]+="[^"]*"', "", data))


def untranslated(text: str) -> list[str]:
    """The words of a template that stand outside every `trans`; its own code is left out."""
    kept, inside, tag = [], False, False
    for _, kind, value in Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"]).lex(text):
        if kind in ("block_begin", "variable_begin"):
            tag = kind == "block_begin"
        elif tag and kind == "name" and value in ("trans", "endtrans"):
            inside = value == "trans"
        elif kind == "data" and not inside:
            kept.append(value)
        tag = tag and kind in ("block_begin", "whitespace")
    words = Words()
    words.feed("".join(kept))
    return [found.strip() for found in words.found if re.search(r"[^\W\d_]", found)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(translations.SOURCE).as_posix())
def test_a_template_says_nothing_that_no_catalogue_knows(path: Path) -> None:
    assert untranslated(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>{% trans %}Said{% endtrans %} <code>x</code></p>", []),
        ("<p>{% trans n=1 %}Said {{ n }}{% endtrans %}: {{ value }} {# not said #}</p>", []),
        ("<p>Bare</p>", ["Bare"]),
        ('<a title="Bare" href="/x">{{ x }}</a>', ["Bare"]),
    ],
)
def test_words_outside_the_catalogues_are_seen(text: str, found: list[str]) -> None:
    assert untranslated(text) == found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(translations.SOURCE).as_posix())
def test_a_template_puts_no_values_into_a_phrase_by_itself(path: Path) -> None:
    """`_("...") | format` is looked up by no catalogue that reads well in every language: `trans` takes values."""
    assert not re.search(r"""_\((["']).*?\1\)\s*(\||%|~)""", path.read_text(encoding="utf-8"))
