"""One HTTP connection: whose certificate the peer showed, and what the connection may cost.

1. An application finds the peer's verified certificate (DER) in ``scope["state"]["peer_certificate"]``, and nothing
   there without mutual TLS. It checks it against the directory on every request; a connection has a maximum age.
2. No request makes the node wait or grow without limit: head, body and idle time are all bounded.
"""

import asyncio
import logging
import ssl
from collections import Counter
from dataclasses import dataclass
from typing import ClassVar, Final

import h11
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from comity.base.errors import BadInput
from comity.kit.web.problems import TOO_LARGE, problem

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """What one connection may cost; seconds are wall time, sizes are bytes."""

    handshake_seconds: float = 10.0
    head_bytes: int = 16 * 1024
    head_seconds: float = 10.0
    body_bytes: int = 48 * 1024 * 1024
    body_seconds: float = 60.0
    uploads: tuple[str, ...] = ()
    """Addresses whose bodies are read piece by piece and never held: of any length, and slow."""
    upload_seconds: float = 4 * 3600.0
    idle_seconds: int = 30
    age_seconds: float = 300.0
    connections: int = 256
    connections_of_peer: int = 64
    """Of one verified peer; further ones are cut, so that no peer takes all."""


USUAL: Final = Limits()


class PeerCertificateProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 connection that puts the verified peer certificate into the scope and keeps `limits`.

    uvicorn copies `app_state` into ``scope["state"]`` for each request; each connection here has an `app_state` of its
    own. A test over real sockets fails when an upgrade of uvicorn changes that.
    """

    limits: ClassVar[Limits] = USUAL
    peers: ClassVar[Counter[bytes]] = Counter()
    """Open connections of each verified peer; a class of its own for each server."""
    _peer: bytes = b""
    _patience: asyncio.TimerHandle | None = None
    _waiting_for: tuple[str, object] | None = None
    _end_of_life: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's own
        super().connection_made(transport)
        tls = transport.get_extra_info("ssl_object")
        if tls is not None and tls.context.verify_mode is ssl.CERT_REQUIRED:
            self._peer = tls.getpeercert(binary_form=True)
            self.app_state = {**self.app_state, "peer_certificate": self._peer}
            self._count_peer(1)
        self._end_of_life = self.loop.call_later(self.limits.age_seconds, self.shutdown)
        self._wait_for("head", self.limits.head_seconds)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.conn.their_state is h11.IDLE:  # from here on uvicorn's keep-alive timer runs
            self._wait_for(None, 0)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait_for(None, 0)
        if self._end_of_life is not None:
            self._end_of_life.cancel()
        if self._peer:
            self._count_peer(-1)
        super().connection_lost(exc)

    def _count_peer(self, change: int) -> None:
        self.peers[self._peer] += change
        if self.peers[self._peer] > self.limits.connections_of_peer:
            self.transport.abort()

    def _watch(self) -> None:
        state = self.conn.their_state
        if state is h11.IDLE:
            self._wait_for("head", self.limits.head_seconds)
        elif state is h11.SEND_BODY:
            uploading = self.scope["path"] in self.limits.uploads
            self._wait_for("body", self.limits.upload_seconds if uploading else self.limits.body_seconds)
        else:
            self._wait_for(None, 0)

    def _wait_for(self, part: str | None, seconds: float) -> None:
        """Give the peer `seconds` for the whole `part` of this request; bytes that trickle in do not renew them."""
        waiting_for = (part, self.cycle) if part else None
        if waiting_for == self._waiting_for:
            return
        if self._patience is not None:
            self._patience.cancel()
        self._waiting_for = waiting_for
        self._patience = self.loop.call_later(seconds, self.transport.abort) if part else None


class BodyLimit:
    """ASGI middleware: a request body longer than `limit` bytes is refused with 413, declared or not; `uploads` are
    addresses without a limit."""

    def __init__(self, app: ASGIApp, limit: int, uploads: tuple[str, ...] = ()) -> None:
        self._app, self._limit, self._uploads = app, limit, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._uploads:
            await self._app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if int(declared) > self._limit:  # h11 let only digits through
            await problem(self._too_large())(scope, receive, send)
            return
        await self._count(scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen, started = 0, False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._limit:
                raise self._too_large()
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except ClientDisconnect:
            logger.info("a client left in the middle of a request")
        except BadInput as error:
            if started or error.code != TOO_LARGE:
                raise
            await problem(error)(scope, receive, send)

    def _too_large(self) -> BadInput:
        return BadInput(TOO_LARGE, f"The request is larger than {self._limit} bytes", todo="Send it in smaller parts.")
