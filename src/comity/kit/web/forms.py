"""What a page's form sends, read strictly: ``application/x-www-form-urlencoded``, bounded, each name at most once
unless it is a list. A browser sends nothing else; what a program sends otherwise is refused with its name.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from comity.base.errors import BadInput
from comity.kit.web.problems import TOO_LARGE

KIND: Final = "application/x-www-form-urlencoded"
MOST_BYTES: Final = 256 * 1024
MOST_FIELDS: Final = 500


class Form:
    """The fields of one form, in the order sent."""

    def __init__(self, fields: Mapping[str, tuple[str, ...]]) -> None:
        self._fields = fields

    @property
    def fields(self) -> Mapping[str, tuple[str, ...]]:
        """All that was sent, as it was sent."""
        return self._fields

    def text(self, name: str, longest: int = 200) -> str:
        """The value of `name` without outer spaces, with line ends as ``\\n``; empty where the form has none.

        BadInput ``web.form`` for a name that stands twice, a value of more than `longest` characters, or one with
        control characters: those and nothing else change how a value reads without being seen.
        """
        values = self._fields.get(name, ())
        if len(values) > 1:
            raise _bad(name, "This field was sent twice", "Send the form once, from its page.")
        value = values[0].replace("\r\n", "\n").strip() if values else ""
        if len(value) > longest:
            raise _bad(name, f"This is longer than {longest} characters", "Shorten it and send again.")
        if any(ord(sign) < 32 and sign not in "\n\t" for sign in value):
            raise _bad(name, "This holds signs that cannot be shown", "Type it anew and send again.")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Every value of `name`, for checkboxes and lists."""
        return self._fields.get(name, ())

    def kept(self) -> dict[str, str]:
        """Each field's first value: what a page shows again beside its errors."""
        return {name: values[0] for name, values in self._fields.items()}


async def read_form(request: Request, most: int = MOST_BYTES) -> Form:
    """The form that `request` sends; BadInput for another kind of body, one too large, or too many fields."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != KIND:
        raise _bad("", "This is not what a form of these pages sends", "Use the page's own form.")
    body = await _bounded(request, most)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise _bad("", "The form cannot be read", "Load the page again and fill it in anew.") from error
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return Form(fields)


def form_of(request: Request) -> Form:
    """The form that came with this request and was read; one without fields where none came."""
    found: Form | None = getattr(request.state, "form", None)
    return found or Form({})


async def _bounded(request: Request, most: int) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise BadInput(TOO_LARGE, f"The form is larger than {most} bytes", todo="Shorten it and send again.")
    return bytes(body)


def _bad(name: str, what: str, todo: str) -> BadInput:
    return BadInput("web.form", what, where=name[:60], todo=todo)
