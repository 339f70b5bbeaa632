"""What pages say, in the reader's language: words from its catalogue; dates, numbers and names of states by the CLDR.

Catalogues are the gettext files ``locales/<language>.po``, read as they are when a language is first asked for: there
is no compiled copy that could say something else. English needs none, because it is the text in the templates.
Digits are 0 to 9 in every language, so that a number is compared with a document, or read over the telephone, as it is.
"""

import re
from datetime import date, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib import resources
from io import BytesIO
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_name
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from comity.base.languages import LANGUAGES, RIGHT_TO_LEFT
from comity.base.papers import to_say as to_say

FOLDER: Final = "locales"
DRAFT: Final = "draft"
"""A translator's comment: a machine wrote this, and nobody has reviewed it yet."""
_USER_ASSIGNED: Final = re.compile(r"AA|Q[M-Z]|X[A-JL-Z]|ZZ")
"""Codes that ISO 3166 leaves to users, as synthetic states do; the CLDR has its own uses for some. XK is Kosovo."""
_CLDR: Final = {"en": "en_GB", "fr": "fr", "es": "es", "ar": "ar"}


class Speech:
    """One language as pages speak it."""

    def __init__(self, language: str, translations: NullTranslations, *, draft: bool) -> None:
        self.language = language
        self.direction = "rtl" if language in RIGHT_TO_LEFT else "ltr"
        self.translations = translations
        self.draft = draft
        """Whether some of it was never reviewed by a person."""
        self._locale = Locale.parse(_CLDR[language])

    @property
    def own_name(self) -> str:
        """The language's name for itself."""
        name = self._locale.get_language_name() or self.language
        return name[:1].upper() + name[1:]

    def number(self, value: float) -> str:
        """A count or measure, grouped as the language does."""
        return format_decimal(value, locale=self._locale)

    def percent(self, share: float) -> str:
        """A share of one as a percentage, to a tenth."""
        return format_percent(share, "#,##0.#%", locale=self._locale)

    def moment(self, at: datetime, zone: ZoneInfo) -> str:
        """Day and time to the minute in `zone`, with the zone's short name: a time without one misleads abroad."""
        local = at.astimezone(zone)
        shown = format_datetime(local, "d MMM y HH:mm", locale=self._locale)
        return f"{shown} {self.zone(local)}"

    def day(self, at: date) -> str:
        """A calendar day."""
        return format_date(at, "d MMM y", locale=self._locale)

    def zone(self, local: datetime) -> str:
        """The short name of the zone of `local`, such as UTC or CET."""
        name = local.tzname() or ""
        return name if name.isalpha() else get_timezone_name(local, width="short", locale=self._locale)

    def state(self, code: str) -> str:
        """The CLDR's name of a state by its ISO 3166 code; the code itself where it has none."""
        return code if _USER_ASSIGNED.fullmatch(code) else str(self._locale.territories.get(code, code))


@cache
def speech(language: str) -> Speech:
    """The speech of one of `LANGUAGES`."""
    if language == LANGUAGES[0]:
        return Speech(language, NullTranslations(), draft=False)
    found = catalogue(language)
    return Speech(language, _translations(found), draft=any(DRAFT in one.user_comments for one in found))


def catalogue(language: str) -> Catalog:
    """The catalogue of a language, as its file has it."""
    file = resources.files(__package__).joinpath(FOLDER, f"{language}.po")
    with file.open("rb") as text:
        return read_po(text, locale=language, abort_invalid=True)


def _translations(found: Catalog) -> NullTranslations:
    compiled = BytesIO()
    write_mo(compiled, found)
    compiled.seek(0)
    return GNUTranslations(compiled)
