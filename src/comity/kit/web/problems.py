"""Errors over HTTP as problem details (RFC 9457): the only place where a status meets the error tree."""

import http
from collections.abc import Mapping
from typing import Final

from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from comity.base.errors import BadInput, ComityError
from comity.kit.web.bodies import UNKNOWN

STATUS: Final[Mapping[str, int]] = {
    "bad-input": 400, "not-allowed": 403, "not-found": 404, "conflict": 409, "tampered": 422,
    "misconfigured": 500, "partner": 502, "unavailable": 503,
}  # fmt: skip
"""HTTP status of each branch of the error tree."""

TOO_LARGE: Final = "web.too-large"
_STATUS_OF_CODE: Final[Mapping[str, int]] = {TOO_LARGE: 413}


def problem(error: ComityError) -> JSONResponse:
    """`error` as problem details (RFC 9457, 3): its code, what, where and todo beside title, status and detail."""
    status = _STATUS_OF_CODE.get(error.code, STATUS.get(error.branch, 500))
    body = {"title": http.HTTPStatus(status).phrase, "status": status, "detail": str(error), **error.as_dict()}
    return JSONResponse(body, status, media_type="application/problem+json")


def answer_errors(app: Starlette) -> None:
    """Make every answer of `app` to an error a problem; a surprise is logged and says nothing of itself."""
    app.add_exception_handler(ComityError, _on_comity_error)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(Exception, _on_surprise)


def _on_comity_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ComityError)
    return problem(error)


def _on_http_exception(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    phrase = http.HTTPStatus(error.status_code).phrase
    what = BadInput(f"web.http-{error.status_code}", error.detail, todo="Check the address, method and sign-in.")
    body = {"title": phrase, "status": error.status_code, "detail": error.detail, **what.as_dict()}
    return JSONResponse(body, error.status_code, headers=error.headers, media_type="application/problem+json")


def _on_invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(step) for step in first["loc"])
    if first["type"] == "extra_forbidden":
        what = f"This request takes no member {str(first['loc'][-1])[:60]!r}"
        return problem(BadInput(UNKNOWN, what, where=where, todo="Leave it out, or correct its name; see /docs."))
    return problem(BadInput("web.request", str(first["msg"]), where=where, todo="Correct this field and send again."))


def _on_surprise(_: Request, error: Exception) -> JSONResponse:
    return problem(ComityError("web.internal", "The node failed", todo="Ask the operator to read the node's log."))
