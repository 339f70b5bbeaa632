"""Errors over HTTP: the only place where a status meets the error tree.

Programs get problem details (RFC 9457); whoever asks for HTML, as browsers do, gets a page where there is one to give.
"""

import http
from collections.abc import Callable, Mapping
from typing import Final

from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from comity.base.errors import BadInput, ComityError
from comity.kit.web.bodies import UNKNOWN

STATUS: Final[Mapping[str, int]] = {
    "bad-input": 400, "not-allowed": 403, "not-found": 404, "conflict": 409, "tampered": 422,
    "misconfigured": 500, "partner": 502, "unavailable": 503,
}  # fmt: skip
"""HTTP status of each branch of the error tree."""

TOO_LARGE: Final = "web.too-large"
_STATUS_OF_CODE: Final[Mapping[str, int]] = {TOO_LARGE: 413}

Shown = Callable[[Request, ComityError, int], Response]
"""(request, error, status) to a page about it."""
_Kind = tuple[ComityError, int, Mapping[str, str]]


def status_of(error: ComityError) -> int:
    """The HTTP status of an error."""
    return _STATUS_OF_CODE.get(error.code, STATUS.get(error.branch, 500))


def problem(error: ComityError, status: int = 0) -> JSONResponse:
    """`error` as problem details (RFC 9457, 3): its code, what, where and todo beside title, status and detail."""
    status = status or status_of(error)
    body = {"title": http.HTTPStatus(status).phrase, "status": status, "detail": str(error), **error.as_dict()}
    return JSONResponse(body, status, media_type="application/problem+json")


def answer_errors(app: Starlette, shown: Shown | None = None, programs: str = "") -> None:
    """Make every answer of `app` to an error a problem, or the page that `shown` makes of it for whoever asks for HTML
    outside the path `programs`; a surprise is logged and says nothing of itself."""

    def answering(read: Callable[[Exception], _Kind]) -> Callable[[Request, Exception], Response]:
        def answer(request: Request, error: Exception) -> Response:
            found, status, headers = read(error)
            page = shown if wants_page(request, programs) else None
            answered = page(request, found, status) if page else problem(found, status)
            answered.headers.update(headers)
            return answered

        return answer

    app.add_exception_handler(ComityError, answering(_comity_error))
    app.add_exception_handler(HTTPException, answering(_http_exception))
    app.add_exception_handler(RequestValidationError, answering(_invalid_request))
    app.add_exception_handler(Exception, answering(_surprise))


def wants_page(request: Request, programs: str) -> bool:
    """Whether a person is to read the answer: the request takes HTML (browsers say so), and is not of the API."""
    api = bool(programs) and request.url.path.startswith(f"{programs}/")
    return not api and "text/html" in request.headers.get("accept", "")


def _comity_error(error: Exception) -> _Kind:
    assert isinstance(error, ComityError)
    return error.outward, status_of(error.outward), {}


def _http_exception(error: Exception) -> _Kind:
    assert isinstance(error, HTTPException)
    what = BadInput(f"web.http-{error.status_code}", error.detail, todo="Check the address, method and sign-in.")
    return what, error.status_code, error.headers or {}


def _invalid_request(error: Exception) -> _Kind:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(step) for step in first["loc"])
    if first["type"] == "extra_forbidden":
        what = f"This request takes no member {str(first['loc'][-1])[:60]!r}"
        return BadInput(UNKNOWN, what, where=where, todo="Leave it out, or correct its name; see /docs."), 400, {}
    return BadInput("web.request", str(first["msg"]), where=where, todo="Correct this field and send again."), 400, {}


def _surprise(_: Exception) -> _Kind:
    return ComityError("web.internal", "The node failed", todo="Ask the operator to read the node's log."), 500, {}
