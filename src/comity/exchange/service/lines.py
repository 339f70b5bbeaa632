"""A line to one partner: a kept-alive HTTPS connection under mutual TLS, pinned to the directory's certificate."""

import http.client
import ssl
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import MappingProxyType
from typing import ClassVar, Final, TypeVar
from urllib.parse import urlsplit

from comity.base.clock import monotonic
from comity.base.errors import Unavailable
from comity.exchange.model import Member, Pace
from comity.exchange.rules import MESSAGE_BYTES
from comity.kit.crypto.certificates import client_context
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.symmetric import Bytes

T = TypeVar("T")
S = TypeVar("S")

_AT_ONCE: Final = 8
_ANSWER_BYTES = 4 * 1024 * 1024


class Line:
    """One connection, used by one thread at a time; opened when needed, renewed at the pace's connection age."""

    headers: ClassVar[Mapping[str, str]] = {"Content-Type": "application/json"}
    answer_bytes: ClassVar[int] = _ANSWER_BYTES

    def __init__(self, keys: KeyRing, pace: Pace) -> None:
        self._keys = keys
        self._pace = pace
        self._connection: http.client.HTTPSConnection | None = None
        self._pinned: tuple[str, ...] = ()
        self._opened = 0.0

    def request(self, member: Member, method: str, path: str, body: Bytes = b"") -> tuple[int, bytes]:
        """Status and body of the answer. Unavailable (``exchange.unreachable`` and so on) when there was none.

        A kept connection may have been closed by the partner meanwhile; then the request is made once more on a
        fresh one, which is safe because every request of CX/1 has its effect once.
        """
        kept = self._usable(member)
        try:
            return self._exchange(member, method, path, body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            if not kept or isinstance(error, TimeoutError):
                raise away(error, member) from error
        try:
            return self._exchange(member, method, path, body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise away(error, member) from error

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _usable(self, member: Member) -> bool:
        """Whether the kept connection may be used: same address and certificate, and young enough."""
        pinned = (member.endpoint, *member.fingerprints)
        if self._connection is not None and (
            pinned != self._pinned or monotonic() - self._opened > self._pace.connection_age
        ):
            self.close()
        self._pinned = pinned
        return self._connection is not None

    def _exchange(self, member: Member, method: str, path: str, body: Bytes) -> tuple[int, bytes]:
        connection = self._connection or self._open(member)
        connection.request(method, path, body=body or None, headers=self.headers if body else {})
        answer = connection.getresponse()
        data = answer.read(self.answer_bytes + 1)
        if len(data) > self.answer_bytes:
            raise http.client.HTTPException("the answer is too long")
        if answer.length:  # `read` with a limit says nothing of a line that was cut in the middle of the answer
            raise http.client.IncompleteRead(data, answer.length)
        return answer.status, data

    def _open(self, member: Member) -> http.client.HTTPSConnection:
        address = urlsplit(member.endpoint)
        context = client_context(self._keys.tls_certificate, self._keys.tls_key, member.certificates)
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, timeout=self._pace.connect, context=context
        )
        connection.connect()
        connection.sock.settimeout(self._pace.response)
        self._connection, self._opened = connection, monotonic()
        return connection


class ChunkLine(Line):
    """A line that carries chunks of files."""

    headers = MappingProxyType({"Content-Type": "application/octet-stream"})


class BoxLine(Line):
    """A line over which a member fetches whole messages from its relay."""

    answer_bytes = MESSAGE_BYTES


def ask_each(partners: Sequence[S], ask: Callable[[S], T]) -> list[T]:
    """What `ask` makes of each partner, several at once: one behind a dead line takes its whole time-out."""
    if not partners:
        return []
    with ThreadPoolExecutor(min(len(partners), _AT_ONCE)) as pool:
        return list(pool.map(ask, partners))


def away(error: Exception, member: Member) -> Unavailable:
    """A failed request as the reason that search and the operator see."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):  # that one: the line was cut
        code, what = "exchange.tls", "the TLS handshake failed"
    elif isinstance(error, TimeoutError):
        code, what = "exchange.timeout", "no answer in time"
    else:
        code, what = "exchange.unreachable", "no connection"
    return Unavailable(code, f"{member.code} is unavailable: {what} ({error})", where=member.endpoint,
                       todo="It is tried again until the message's deadline.")  # fmt: skip
