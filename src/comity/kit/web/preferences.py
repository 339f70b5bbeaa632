"""How a reader wants pages: language, theme and time zone, kept in cookies of this browser, never in the database.

What a cookie says is taken only where it is one of the known values; without a cookie the browser's Accept-Language
(RFC 9110, 12.5.4) chooses the language, the system the theme, and the zone is UTC.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from starlette.requests import Request
from starlette.responses import Response

from comity.base.languages import LANGUAGES, spoken

THEMES: Final = ("auto", "light", "dark")
UTC: Final = "UTC"
_COOKIE: Final = "comity_"
_YEAR: Final = 365 * 24 * 3600


@dataclass(frozen=True)
class Preferences:
    """`language` is one of LANGUAGES, `theme` of THEMES, `zone` an IANA name."""

    language: str
    theme: str
    zone: str

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone's rules."""
        return ZoneInfo(self.zone)


def choices(name: str) -> tuple[str, ...]:
    """What may be chosen for ``language``, ``theme`` or ``zone``; nothing for any other name."""
    return {"language": LANGUAGES, "theme": THEMES, "zone": zones()}.get(name, ())


@cache
def zones() -> tuple[str, ...]:
    """The IANA names that this machine knows, UTC first; those of places, not the old abbreviations."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/")))
    return (UTC, *sorted(places))


def preferences(request: Request) -> Preferences:
    """What the browser of `request` asks for."""
    return Preferences(
        _kept(request, "language") or _accepted(request.headers.get("accept-language", "")),
        _kept(request, "theme") or THEMES[0],
        _kept(request, "zone") or UTC,
    )


def keep(response: Response, name: str, value: str) -> None:
    """Keep one preference in the browser for a year."""
    response.set_cookie(_COOKIE + name, value, max_age=_YEAR, httponly=True, samesite="strict")


def _kept(request: Request, name: str) -> str:
    value = request.cookies.get(_COOKIE + name, "")
    return value if value in choices(name) else ""


def _accepted(header: str) -> str:
    """The first of our languages by the reader's own weights; English where none is there."""
    weighed = [(_weight(one), spoken(one.partition(";")[0])) for one in header[:1000].split(",")]
    ours = [(weight, language) for weight, language in weighed if language and weight > 0]
    return max(ours, key=lambda one: one[0])[1] if ours else LANGUAGES[0]


def _weight(one: str) -> float:
    name, _, value = one.partition(";")[2].strip().partition("=")
    try:
        return float(value) if name.strip() == "q" else 1.0
    except ValueError:
        return 0.0
