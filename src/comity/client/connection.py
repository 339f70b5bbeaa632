"""One node at a distance: requests with an access token, answers or the node's own errors.

1. The token travels in the header alone (RFC 6750, 2.1), over TLS or to this machine; no redirect is followed, no proxy
   of the environment asked, so that it goes nowhere else.
2. A problem (RFC 9457) becomes the error of Comity's tree that it tells, with its code.
3. Only what reads is asked again when the line fails, and never after the answer has begun; whether an act was done
   that was not answered, its error leaves open and says so.
"""

import http.client
import ipaddress
import json
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn
from urllib.parse import quote, urlencode, urlsplit

from comity.base.errors import (
    BadInput,
    ComityError,
    Conflict,
    Misconfigured,
    NotAllowed,
    NotFound,
    PartnerError,
    Tampered,
    Unavailable,
)
from comity.base.model import JsonObject

API: Final = "/api/v1"
MOST_BYTES: Final = 64 * 1024 * 1024
"""Of an answer that is held in memory."""
PIECE: Final = 1 << 20
TRIES: Final = 3
FIRST_WAIT: Final = 0.2
RAW: Final = "application/octet-stream"

_ERRORS: Final[Mapping[int, type[ComityError]]] = {
    403: NotAllowed, 401: NotAllowed, 404: NotFound, 409: Conflict, 422: Tampered, 500: Misconfigured,
    502: PartnerError, 503: Unavailable,
}  # fmt: skip
"""The branch of each status; BadInput for every other one."""

Query = Mapping[str, str | int | bool | None]
Names = Mapping[str, str | int]
Objects = list[JsonObject]


@dataclass(frozen=True)
class Upload:
    """The bytes of a body, in pieces, and how many there are."""

    pieces: Iterable[bytes]
    size: int


@dataclass(frozen=True)
class Connection:
    """A node's officer API at `address`, such as http://127.0.0.1:8440; made by `at`."""

    host: str
    port: int
    tls: bool
    token: str = field(repr=False)
    timeout: float = 60.0
    """Seconds for each step of a request: connecting, sending a piece, waiting for one."""

    def ask(
        self, method: str, path: str, names: Names | None = None, *, query: Query | None = None, body: object = None
    ) -> JsonObject:
        """The JSON object that a request answers; `names` fill the places in `path`. Any ComityError of the node."""
        found: JsonObject = self._asked(method, _filled(path, names, query), body)
        return found

    def ask_all(
        self, method: str, path: str, names: Names | None = None, *, query: Query | None = None, body: object = None
    ) -> Objects:
        """As `ask`, for an answer that is a list."""
        found: Objects = self._asked(method, _filled(path, names, query), body)
        return found

    def text(self, method: str, path: str) -> str:
        """As `object`, for an answer that is text."""
        with self._answer(method, _filled(path, None, None), b"", "") as answer:
            return _whole(answer).decode("utf-8", "replace")

    def upload(self, method: str, path: str, upload: Upload, query: Query | None = None) -> JsonObject:
        """Send bytes as they come, and read the JSON object that is answered."""
        with self._answer(method, _filled(path, None, query), upload.pieces, RAW, upload.size) as answer:
            found: JsonObject = _parsed(_whole(answer))
            return found

    @contextmanager
    def download(self, method: str, path: str, names: Names, body: object = None) -> Iterator[Iterator[bytes]]:
        """An answer's bytes, piece by piece; Unavailable where they end before the length that was declared."""
        with self._answer(method, _filled(path, names, None), *_sent_as(body)) as answer:
            yield _pieces(answer)

    def _asked(self, method: str, target: str, body: object) -> Any:
        with self._answer(method, target, *_sent_as(body)) as answer:
            return _parsed(_whole(answer))

    @contextmanager
    def _answer(
        self, method: str, target: str, body: bytes | Iterable[bytes], kind: str, size: int | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """The answer to a request, of a status that is none of an error's; the connection ends with it."""
        headers = {"Authorization": f"Bearer {self.token}", "Accept": "application/json, */*;q=0.1"}
        if kind:
            headers["Content-Type"] = kind
        if size is not None:
            headers["Content-Length"] = str(size)
        line, answer = self._sent(method, target, body, headers)
        try:
            _check(answer)
            yield answer
        finally:
            line.close()

    def _sent(
        self, method: str, target: str, body: bytes | Iterable[bytes], headers: Mapping[str, str]
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """The request, sent, and the head of its answer; what reads is tried `TRIES` times."""
        tries = TRIES if method == "GET" else 1
        for tried in range(tries):
            line = self._line()
            try:
                with suppress(BrokenPipeError, ConnectionResetError):  # refused before all was sent: read why
                    line.request(method, target, body or None, dict(headers))
                return line, line.getresponse()
            except (OSError, http.client.HTTPException) as error:
                line.close()
                if tried + 1 == tries:
                    raise _away(self.host, method) from error
                time.sleep(FIRST_WAIT * 2**tried)
        raise AssertionError("unreachable")

    def _line(self) -> http.client.HTTPConnection:
        if not self.tls:
            return http.client.HTTPConnection(self.host, self.port, timeout=self.timeout)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(self.host, self.port, timeout=self.timeout, context=context)


def at(address: str, token: str, timeout: float = 60.0) -> Connection:
    """The connection to a node; BadInput for an address that is none or would carry the token in clear, or a token that
    cannot be one."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise _no_address(address) from None
    host = parts.hostname or ""
    rest = parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in ("http", "https") or not host or rest:
        raise _no_address(address)
    if parts.scheme == "http" and not is_here(host):
        raise BadInput(
            "client.clear", f"A token does not go to {host} in clear", where="--at",
            todo="Use https, or http to 127.0.0.1 through SSH: ssh -L 8440:127.0.0.1:8440 HOST.",
        )  # fmt: skip
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise BadInput("client.token", "This is no access token", todo="Issue one: comity token issue.")
    tls = parts.scheme == "https"
    return Connection(host, port or (443 if tls else 80), tls, token, timeout)


def is_here(host: str) -> bool:
    """Whether a name or address can only mean this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _sent_as(body: object) -> tuple[bytes, str]:
    """The bytes of a body and their kind."""
    return (b"", "") if body is None else (json.dumps(body).encode(), "application/json")


def _filled(path: str, names: Names | None, query: Query | None) -> str:
    """The path with its places filled, each as one segment whatever it holds; and the query without what is None."""
    filled = path.format_map({name: _segment(str(value)) for name, value in (names or {}).items()})
    said = {name: _said(value) for name, value in (query or {}).items() if value is not None}
    return API + filled + (f"?{urlencode(said)}" if said else "")


def _segment(value: str) -> str:
    if not value or value in (".", ".."):
        raise BadInput("client.name", "An id is missing", todo="Name what it is about.")
    return quote(value, safe="")


def _said(value: str | int | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _check(answer: http.client.HTTPResponse) -> None:
    """Raise what a problem tells; a report with an error's status is an answer."""
    kind = answer.headers.get_content_type()
    if answer.status < 300 or (answer.status == 422 and kind == "application/json"):
        return
    _raise(answer.status, _problem(_whole(answer)) if kind == "application/problem+json" else {})


def _raise(status: int, problem: Mapping[str, Any]) -> NoReturn:
    told = {name: str(problem.get(name) or "") for name in ("code", "what", "where", "todo")}
    branch = BadInput if told["code"].startswith("web.http-4") else _ERRORS.get(status, BadInput)
    if not told["code"]:
        raise branch("client.answer", f"The node answered with status {status} and no reason",
                     todo="Check the address: it must be a node's officer side.")  # fmt: skip
    raise branch(told["code"], told["what"], where=told["where"], todo=told["todo"])


def _problem(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadInput("client.answer", "The answer is no JSON",
                       todo="Check the address: it must be a node's officer side.") from error  # fmt: skip


def _read(answer: http.client.HTTPResponse, most: int) -> bytes:
    """At most so many bytes; Unavailable where the line ends before they do."""
    try:
        return answer.read(most)
    except (OSError, http.client.HTTPException) as error:
        raise _cut() from error


def _whole(answer: http.client.HTTPResponse) -> bytes:
    data = _read(answer, MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise BadInput("client.large", f"The answer is larger than {MOST_BYTES} bytes", todo="Ask for less of it.")
    if len(data) < int(answer.headers.get("content-length") or 0):
        raise _cut()
    return data


def _pieces(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    declared = int(answer.headers.get("content-length") or 0)
    seen = 0
    while piece := _read(answer, PIECE):
        seen += len(piece)
        yield piece
    if seen < declared:
        raise _cut()


def _cut() -> Unavailable:
    return Unavailable("client.cut", "The line was cut in the middle of the answer",
                       todo="Ask again; look first whether an act was done.")  # fmt: skip


def _away(host: str, method: str) -> Unavailable:
    acted = "" if method == "GET" else " Whether the act was done is not known: look before you repeat it."
    return Unavailable("client.away", "The node did not answer", where=host,
                       todo=f"Check that it runs and that the address is right.{acted}")  # fmt: skip


def _no_address(address: str) -> BadInput:
    return BadInput("client.address", f"{address[:60]!r} is no address of a node", where="--at",
                    todo="Write it as http://127.0.0.1:8440 or https://node.agency.example.")  # fmt: skip
