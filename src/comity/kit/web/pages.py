"""Pages for people: templates in one frame, in the reader's language, time zone and theme.

1. A page is HTML that works without any script; what scripts add is in ``static/`` and runs under `PAGE_HEADERS`.
2. Templates escape whatever they are given; a name that nobody gave is an error, never an empty place.
3. Every error is a page, too: what happened, where, and what to do; never what went wrong inside.

A room has a folder ``pages/`` with ``*.html`` and gives its package to `Pages.add`; its templates are then named
``room/name.html``, begin with ``{% extends "kit/layout.html" %}`` and take the macros by
``{% import "kit/macros.html" as kit with context %}``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from jinja2 import BaseLoader, Environment, PackageLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.requests import Request
from starlette.responses import HTMLResponse

from comity.base.clock import parse_rfc3339, system_clock
from comity.base.errors import ComityError
from comity.base.languages import LANGUAGES
from comity.kit.web.assets import Assets
from comity.kit.web.preferences import THEMES, Preferences, preferences
from comity.kit.web.problems import status_of
from comity.kit.web.speech import Speech, speech

Words = Mapping[str, Mapping[str, str]]
"""What codes mean, in English: ``{scheme: {code: words}}``."""

PAGE_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    # With `no-referrer` a browser gives the Origin of a form as `null`, and the form would be another site's.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Reader:
    """Who is signed in, as the frame shows it; `token` goes into every form, `purpose` is why they look."""

    person: str
    name: str
    unit: str
    roles: tuple[str, ...] = ()
    purpose: str = ""
    token: str = ""


@dataclass(frozen=True)
class Entry:
    """A line of the navigation: an address, its English label marked by `to_say`, the letter after `g`, and why people
    are there, where a page does not say it by itself (marked, too)."""

    path: str
    label: str
    key: str = ""
    purpose: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table, made in templates by ``column()``: the words of its head, whether it holds numbers, and
    where it can be sorted the address that does it, with "ascending" or "descending" where it is."""

    words: str
    number: bool = False
    sort: str = ""
    address: str = ""


@dataclass(frozen=True)
class Place:
    """Which node this is; `sealed` says whether it only reads."""

    code: str
    name: str
    training: bool
    sealed: Callable[[], bool]


@dataclass(frozen=True)
class Frame:
    """What the layout and the macros know of one request; templates see it as ``frame``."""

    place: Place
    preferences: Preferences
    speech: Speech
    reader: Reader | None
    navigation: Sequence[Entry]
    path: str
    here: str
    """The path with its query: where a choice of language leads back to."""
    finder: str
    """Where quick find sends what is typed; empty for none."""
    entrance: str
    """Where people sign in; empty for nowhere."""
    keeper: str = ""
    """Where a list as it was filtered is saved; empty for nowhere."""

    @property
    def languages(self) -> list[Speech]:
        """Every language to choose from."""
        return [speech(language) for language in LANGUAGES]

    @property
    def themes(self) -> tuple[str, ...]:
        """Every theme to choose from."""
        return THEMES

    @property
    def purpose(self) -> str:
        """Why people are in the room of this page, in English; empty for a page of no room."""
        return next((entry.purpose for entry in self.navigation if self.leads_here(entry)), "")

    def leads_here(self, entry: Entry) -> bool:
        """Whether the page belongs to that line of the navigation."""
        return self.path == entry.path or self.path.startswith(f"{entry.path}/")


class Pages:
    """The templates of the kit and of every room that was added, and the frame around them."""

    def __init__(self, place: Place, reader: Callable[[Request], Reader | None] = lambda _: None) -> None:
        self.assets = Assets()
        self.navigation: Sequence[Entry] = ()
        self.finder = self.entrance = self.keeper = ""
        self._place, self._reader = place, reader
        self._loaders: dict[str, BaseLoader] = {"kit": PackageLoader("comity.kit.web", "templates")}
        self._words: dict[str, Mapping[str, str]] = {}
        self._environment = _environment(self._loaders, self.assets, self._words)

    def add(self, package: str, words: Words | None = None) -> None:
        """Take the ``*.html`` of a package such as ``comity.search.pages`` as ``search/*.html``, and the `words` for
        its codes, ``{scheme: {code: English marked by to_say}}``, which templates say by ``kit.code(scheme, code)``.
        Several rooms may have words for one scheme."""
        self._loaders[package.split(".")[-2]] = PackageLoader(package, "")
        for scheme, meant in (words or {}).items():
            self._words[scheme] = {**self._words.get(scheme, {}), **meant}

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """The page that `template` makes of `values`, in the frame."""
        text = self._environment.get_template(template).render(values, frame=self.frame(request))
        return HTMLResponse(text, status, headers=PAGE_HEADERS)

    def error(self, request: Request, error: ComityError, status: int = 0) -> HTMLResponse:
        """The page about an error; its status is that of `error`, unless given."""
        code = status or status_of(error)
        return self.page(request, "kit/error.html", status=code, code=code, error=error, at=system_clock())

    def frame(self, request: Request) -> Frame:
        """The frame of one request."""
        chosen = preferences(request)
        query = f"?{request.url.query}" if request.url.query and request.method == "GET" else ""
        return Frame(
            self._place, chosen, speech(chosen.language), self._reader(request), self.navigation,
            request.url.path, request.url.path + query, self.finder, self.entrance,
            self.keeper,
        )  # fmt: skip


# --- the environment -----------------------------------------------------------------------------------------------


def _environment(loaders: Mapping[str, BaseLoader], assets: Assets, words: Words) -> Environment:
    found = Environment(
        loader=PrefixLoader(loaders), autoescape=True, undefined=StrictUndefined, auto_reload=False,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )  # fmt: skip
    found.policies["ext.i18n.trimmed"] = True
    install: Any = found
    install.install_gettext_callables(_gettext, _ngettext, newstyle=True, pgettext=_pgettext)
    found.globals |= {"asset": assets.address, "column": Column, "words_for": partial(_words_for, words)}
    found.filters |= {
        "number": _number, "percent": _percent, "moment": _moment, "day": _day, "state": _state, "rfc3339": _rfc3339,
    }  # fmt: skip
    return found


def _words_for(words: Words, scheme: str, code: str) -> str:
    """English for a code of a scheme that a room gave; empty where it has none. A scheme that nobody gave is an error:
    its page would show codes and nobody would notice."""
    return words[scheme].get(code, "")


def _frame(context: Context) -> Frame:
    found: Frame = context["frame"]
    return found


@pass_context
def _gettext(context: Context, text: str) -> str:
    return _frame(context).speech.translations.gettext(text)


@pass_context
def _ngettext(context: Context, one: str, many: str, count: int) -> str:
    return _frame(context).speech.translations.ngettext(one, many, count)


@pass_context
def _pgettext(context: Context, meant: str, text: str) -> str:
    return _frame(context).speech.translations.pgettext(meant, text)


@pass_context
def _number(context: Context, value: float) -> str:
    return _frame(context).speech.number(value)


@pass_context
def _percent(context: Context, share: float) -> str:
    return _frame(context).speech.percent(share)


@pass_context
def _moment(context: Context, at: datetime | str) -> str:
    frame = _frame(context)
    return frame.speech.moment(_instant(at), frame.preferences.zone_info)


@pass_context
def _day(context: Context, at: date | str) -> str:
    return _frame(context).speech.day(date.fromisoformat(at) if isinstance(at, str) else at)


@pass_context
def _state(context: Context, code: str) -> str:
    return _frame(context).speech.state(code)


def _rfc3339(at: datetime | str) -> str:
    return _instant(at).isoformat(timespec="seconds")


def _instant(at: datetime | str) -> datetime:
    return parse_rfc3339(at) if isinstance(at, str) else at
