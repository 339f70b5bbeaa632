"""The frame over a small application: languages, choices, errors as pages, forms read strictly, files for ever."""

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from fastapi import FastAPI
from jinja2 import UndefinedError
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.base.languages import LANGUAGES
from comity.kit.web.choosing import frame_routes, local
from comity.kit.web.forms import KIND, MOST_BYTES, MOST_FIELDS, read_form
from comity.kit.web.pages import PAGE_HEADERS, Entry, Pages, Place, Reader
from comity.kit.web.preferences import zones
from comity.kit.web.problems import answer_errors
from comity.kit.web.servers import serve_in_thread
from comity.kit.web.speech import speech

HTML = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
SOMEBODY = Reader("officer-1", "officer-1 <b>", "unit-1", purpose="Case R-1", token="a token")


@pytest.fixture
def pages() -> Pages:
    """A frame without rooms; who sends the header `Who` is signed in."""
    found = Pages(Place("XA", "<Agency>", True, lambda: False), lambda r: SOMEBODY if "who" in r.headers else None)
    found.navigation = (Entry("/a", "Search", "s"), Entry("/ab", "Cases", "c"))
    found.finder = "/find"
    return found


@pytest.fixture
def client(pages: Pages) -> Iterator[httpx.Client]:
    """Such an application, served."""
    app = FastAPI(openapi_url=None)
    answer_errors(app, pages.error, "/api")
    app.include_router(frame_routes(pages))

    @app.get("/fail/{kind}")
    @app.get("/api/fail/{kind}")
    def fail(kind: str) -> None:
        if kind == "surprise":
            raise ZeroDivisionError("a secret")
        kinds: Any = {"conflict": Conflict, "refused": NotAllowed, "input": BadInput}
        raise kinds[kind]("room.reason", "What <i>happened</i>", where="here", todo="Do this.")

    @app.get("/number/{number}")
    def number(number: int) -> int:
        return number

    @app.get("/a/{rest:path}")
    def inside(request: Request) -> Response:
        return pages.page(request, "kit/error.html", code=400, error=BadInput("a.b", "x", todo="y"), at="")

    @app.post("/form")
    async def form(request: Request) -> dict[str, Any]:
        found = await read_form(request)
        return {"text": found.text("text", 10), "all": found.texts("many"), "kept": found.kept()}

    server = serve_in_thread(app, "127.0.0.1", 0)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as found:
        yield found
    server.stop()


# --- languages -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cookie", "accepted", "shown"),
    [
        ("", "", "en"), ("", "fr", "fr"), ("", "de, fr-CH;q=0.7, ar;q=0.9", "ar"), ("", "de,*;q=0.1", "en"),
        ("", "es;q=0, fr;q=0.001", "fr"), ("", "fr;q=x, es;q=0.1", "es"), ("", "," * 5000 + "fr", "en"),
        ("ar", "fr", "ar"), ("xx", "fr", "fr"), ('"><script>', "", "en"),
    ],
)  # fmt: skip
def test_the_language_is_chosen(client: httpx.Client, cookie: str, accepted: str, shown: str) -> None:
    headers = HTML | {"Accept-Language": accepted} | ({"Cookie": f"comity_language={cookie}"} if cookie else {})
    text = client.get("/preferences", headers=headers).text
    assert f'<html lang="{shown}" dir="{"rtl" if shown == "ar" else "ltr"}"' in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_dates_and_states_are_the_languages_own(language: str) -> None:
    at, spoken = datetime(2026, 3, 2, 23, 30, tzinfo=UTC), speech(language)
    assert spoken.moment(at, ZoneInfo("Europe/Paris")).endswith("00:30 CET")
    assert spoken.moment(at, ZoneInfo("UTC")).endswith("23:30 UTC")
    assert spoken.day(date(2026, 3, 2)).startswith("2 ") and spoken.day(date(2026, 3, 2)).endswith(" 2026")
    assert spoken.number(1234567).count("1") == 1 and spoken.number(7) == "7"
    assert [spoken.state(one) for one in ("XA", "XB", "QM", "ZZ", "?")] == ["XA", "XB", "QM", "ZZ", "?"]
    assert spoken.state("MA") != "MA" and spoken.state("XK") != "XK"
    assert spoken.moment(at, ZoneInfo("Asia/Dubai")).partition("03:30 ")[2] not in ("", "+04")  # none of letters


def test_names_of_languages_are_their_own() -> None:
    assert [speech(one).own_name for one in LANGUAGES] == ["English", "Français", "Español", "العربية"]


# --- the frame -----------------------------------------------------------------------------------------------------


def test_the_frame_shows_who_where_and_why(client: httpx.Client) -> None:
    text = client.get("/a/b?c=d&e", headers=HTML | {"Who": "1"}).text
    assert "XA &lt;Agency&gt;" in text and "officer-1 &lt;b&gt;" in text and "Case R-1" in text
    assert text.count('name="token" value="a token"') == 2  # signing out, and the switches of the frame
    assert '<a href="/a" data-key="s" aria-current="page">' in text and '<a href="/ab" data-key="c">' in text
    assert 'name="back" value="/a/b?c=d&amp;e"' in text
    assert 'action="/find"' in text
    assert "/sign-out" not in client.get("/a/b", headers=HTML).text


def test_a_name_that_nobody_gave_is_an_error(pages: Pages) -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "server": ("x", 1)}
    with pytest.raises(UndefinedError):
        pages.page(Request(scope), "kit/error.html", code=400)


# --- errors --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/fail/conflict", 409, "This has changed in the meantime"), ("/fail/refused", 403, "You may not do this"),
        ("/fail/input", 400, "This could not be used"), ("/fail/surprise", 500, "The node failed"),
        ("/nothing", 404, "There is nothing at this address"), ("/number/many", 400, "This could not be used"),
        ("/static/comity.css", 404, "There is nothing at this address"),
    ],
)  # fmt: skip
def test_an_error_is_a_page_for_people(client: httpx.Client, path: str, status: int, title: str) -> None:
    answer = client.get(path, headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert f"<h1>{title}</h1>" in answer.text
    assert "secret" not in answer.text and "<i>" not in answer.text and "Traceback" not in answer.text
    assert {name: answer.headers[name] for name in PAGE_HEADERS} == PAGE_HEADERS
    assert ("Do this." in answer.text) == (path in ("/fail/conflict", "/fail/refused", "/fail/input"))


def test_a_method_that_an_address_does_not_take(client: httpx.Client) -> None:
    answer = client.delete("/preferences", headers=HTML)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert "does not take that" in answer.text


@pytest.mark.parametrize(("path", "headers"), [("/fail/conflict", {}), ("/api/fail/conflict", HTML)])
def test_programs_get_problems(client: httpx.Client, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "room.reason")


# --- choices -------------------------------------------------------------------------------------------------------


def test_a_choice_is_kept_and_leads_back(client: httpx.Client) -> None:
    sent = {"back": "/a/b?c=d", "language": "ar", "theme": "dark", "zone": "Asia/Beirut"}
    answer = client.post("/preferences", data=sent, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/a/b?c=d")
    text = client.get("/a/b").text
    assert 'dir="rtl" data-color-scheme="dark"' in text and "Asia/Beirut" in text


@pytest.mark.parametrize("choice", [{"language": "xx"}, {"theme": "<b>"}, {"zone": "../../etc/passwd"}])
def test_a_choice_that_is_not_there(client: httpx.Client, choice: dict[str, str]) -> None:
    answer = client.post("/preferences", data=choice, headers=HTML)
    assert (answer.status_code, "set-cookie" in answer.headers) == (400, False)
    assert "web.choice" in answer.text


ELSEWHERE = ["https://evil.example", "//evil.example", "/\\evil.example", "", "/a\n", "javascript:x"]


@pytest.mark.parametrize("back", ELSEWHERE)
def test_no_choice_leads_to_another_site(back: str) -> None:
    assert local(back) == "/"
    assert local("/a?b=//c") == "/a?b=//c"


def test_zones_are_places() -> None:
    assert zones()[0] == "UTC" and "Europe/Paris" in zones() and "EST" not in zones()


# --- forms ---------------------------------------------------------------------------------------------------------


def test_a_form_is_read(client: httpx.Client) -> None:
    answer = client.post("/form", data={"text": " a\r\nb ", "many": ["1", "2"]})
    assert answer.json() == {"text": "a\nb", "all": ["1", "2"], "kept": {"text": " a\r\nb ", "many": "1"}}


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        ("text=a&text=b", KIND, 400, "web.form"), ("text=" + "x" * 11, KIND, 400, "web.form"),
        ("text=%00", KIND, 400, "web.form"), ("text=%ff", KIND, 400, "web.form"), ("text=\xff", KIND, 400, "web.form"),
        ("a&" * (MOST_FIELDS + 1), KIND, 400, "web.form"), ("{}", "application/json", 400, "web.form"),
        ("text=a", "multipart/form-data; boundary=x", 400, "web.form"),
        ("text=" + "x" * MOST_BYTES, KIND, 413, "web.too-large"),
    ],
)  # fmt: skip
def test_a_form_that_is_none(client: httpx.Client, body: str, kind: str, status: int, code: str) -> None:
    answer = client.post("/form", content=body.encode("latin-1"), headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


# --- files ---------------------------------------------------------------------------------------------------------


def test_files_are_kept_for_ever_and_compressed(client: httpx.Client, pages: Pages) -> None:
    for plain, name in pages.assets.names.items():
        answer = client.get(f"/static/{name}", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert ("content-encoding" in answer.headers) == (not plain.endswith(".woff2"))
        assert answer.content == client.get(f"/static/{name}", headers={"Accept-Encoding": "identity"}).content
        assert client.head(f"/static/{name}").status_code == 200
    assert client.get("/static/manifest.json").status_code == 404


def test_what_a_page_loads_is_small_and_fits_its_policy() -> None:
    folder = resources.files("comity.kit.web").joinpath("static")
    names = json.loads(folder.joinpath("manifest.json").read_text())
    assert {path.name for path in folder.iterdir()} == {*names.values(), "manifest.json", "LICENSES"}
    sizes = {plain: len(gzip.compress(folder.joinpath(name).read_bytes(), 9)) for plain, name in names.items()}
    needed = [plain for plain in sizes if "noto" not in plain or "arabic" in plain or "sans-latin-" in plain]
    assert sum(sizes[plain] for plain in needed) < 150_000
    style = folder.joinpath(names["comity.css"]).read_text(encoding="utf-8").replace("http://www.w3.org/", "")
    assert "http:" not in style and "https:" not in style
