"""JSON bodies of the officer API, read strictly: a member that nobody knows, or that stands twice, is an error.

What is silently left out would change the meaning of an act: a misspelt `instrument` would let the law choose another
basis, and of two `reason`s the log would keep one. Rooms give their router ``route_class=StrictRoute`` and derive their
bodies from `StrictBody`.
"""

import json
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any

from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import BadInput

UNKNOWN = "web.unknown-member"


class StrictBody(BaseModel):
    """A body, or a part of one, that takes no other members than its own."""

    model_config = ConfigDict(extra="forbid")


class StrictRoute(APIRoute):
    """A route whose JSON body holds each member once, and no other members than the route knows."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, behind the check; the body, once read, stays with the request."""
        handle, known = super().get_route_handler(), self._known()

        async def strictly(request: Request) -> Response:
            if _is_json(request):
                check(await request.body(), known)
            return await handle(request)

        return strictly

    def _known(self) -> frozenset[str] | None:
        """The members of the body; None for a body of any members, or none at all."""
        kind = self.body_field.field_info.annotation if self.body_field else None
        if not isinstance(kind, type) or not issubclass(kind, BaseModel):
            return None
        return frozenset(field.alias or name for name, field in kind.model_fields.items())


def check(body: bytes, known: frozenset[str] | None) -> None:
    """BadInput naming the member that stands twice in one object of `body`, or that is not `known`.

    What is no JSON at all is left to the reader behind, which says so in its own words.
    """
    try:
        found = json.loads(body, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        return
    if known is not None and isinstance(found, dict) and (more := sorted(found.keys() - known)):
        raise BadInput(
            UNKNOWN, f"This request takes no member {more[0][:60]!r}", where=f"body.{more[0][:60]}",
            todo=f"It takes {', '.join(sorted(known))}; see /docs.",
        )  # fmt: skip


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadInput(
            "web.duplicate-member", f"The member {twice[:60]!r} stands twice in one object", where=f"body.{twice[:60]}",
            todo="Send each member once.",
        )  # fmt: skip
    return found


def _is_json(request: Request) -> bool:
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "")
    return kind.get_content_maintype() == "application" and kind.get_content_subtype().endswith("json")
