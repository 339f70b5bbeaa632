"""Style, script, fonts and mark of the pages, as `make assets` built them into ``static/``.

Each file's name holds a hash of its content: a browser may keep it for ever, and a new release has new names. What
compresses is compressed once, when it is first asked for.
"""

import gzip
import json
from collections.abc import Mapping
from functools import cached_property
from importlib import resources
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from comity.base.errors import NotFound

PREFIX: Final = "/static/"
_FOREVER: Final = "public, max-age=31536000, immutable"
_TYPES: Final = {
    "css": "text/css", "js": "text/javascript", "svg": "image/svg+xml", "woff2": "font/woff2",
}  # fmt: skip


class Assets:
    """The files of ``static/``."""

    def __init__(self) -> None:
        self._folder = resources.files(__package__).joinpath("static")
        self._compressed: dict[str, bytes] = {}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Plain name to the name with its hash."""
        found: dict[str, str] = json.loads(self._folder.joinpath("manifest.json").read_bytes())
        return found

    def address(self, plain: str) -> str:
        """The address of a file by its plain name, such as ``comity.css``."""
        return PREFIX + self.names[plain]

    def answer(self, request: Request, name: str) -> Response:
        """The file of that hashed name; NotFound for any other."""
        if name not in self.names.values():
            raise NotFound("web.no-asset", "There is no such file", where=name[:80], todo="Load the page again.")
        kind = _TYPES[name.rpartition(".")[2]]
        headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
        content = self._folder.joinpath(name).read_bytes()
        if kind != "font/woff2" and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            content = self._compress(name, content)
        return Response(content, media_type=kind, headers=headers)

    def _compress(self, name: str, content: bytes) -> bytes:
        if name not in self._compressed:
            self._compressed[name] = gzip.compress(content, 9, mtime=0)
        return self._compressed[name]
