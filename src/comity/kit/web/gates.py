"""A gate before an application: what one peer may ask of it in a second, at once, and in one request.

1. Each peer, by its verified certificate, has its own allowance for each class of endpoints (a token bucket, two
   seconds deep): what is beyond it gets the owner's own refusal, with Retry-After (RFC 9110, 10.2.3).
2. Of one peer at most so many requests are worked on at once; its others wait for their turn and hold no thread. So no
   peer can take the threads of all.
3. A body longer than the class takes is refused, and read no further.
"""

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from anyio.to_thread import run_sync
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.base.clock import monotonic

DEPTH_SECONDS: Final = 2.0
"""How many seconds' worth a peer that was silent may ask at once."""

Why = Literal["rate", "size"]
Refuse = Callable[[Why, bytes, bytes], Response]
"""(why, what was read of the body, the peer's certificate) to the answer; called in a thread."""


@dataclass(frozen=True)
class Class:
    """A class of endpoints: requests a second of one peer, and the largest body in bytes."""

    per_second: float
    body_bytes: int
    streamed: bool = False
    """The application reads the body itself, where its declared length is within `body_bytes`: nothing is copied."""


@dataclass
class Bucket:
    """Tokens that come back with time; never more than `DEPTH_SECONDS` worth of them."""

    rate: float
    tokens: float
    at: float

    def take(self, now: float) -> float:
        """Take one token: 0, or in how many seconds there will be one. `now` is a monotonic time in seconds."""
        self.tokens = min(self.rate * DEPTH_SECONDS, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1.0:
            return (1.0 - self.tokens) / self.rate
        self.tokens -= 1.0
        return 0.0


@dataclass
class _Peer:
    turns: asyncio.Semaphore
    buckets: dict[str, Bucket] = field(default_factory=dict)


class Gate:
    """ASGI middleware. `classes` by the path's part after `prefix`; "" is the class of all others."""

    def __init__(
        self, app: ASGIApp, *, prefix: str, classes: Mapping[str, Class], at_once: int, refuse: Refuse
    ) -> None:
        self._app, self._prefix, self._classes = app, prefix, classes
        self._at_once, self._refuse = at_once, refuse
        self._peers: dict[bytes, _Peer] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        certificate = scope["state"].get("peer_certificate", b"")
        peer = self._peers.get(certificate)
        if peer is None:  # only members of the federation get past the handshake: there are few
            peer = self._peers[certificate] = _Peer(asyncio.Semaphore(self._at_once))
        name = self._class(scope["path"])
        limits = self._classes[name]
        wait = self._wait(peer, name, limits.per_second)
        async with peer.turns:
            if limits.streamed and not wait and 0 < _declared(scope) <= limits.body_bytes:
                await self._app(scope, receive, send)
                return
            body, whole = await _read(scope, receive, limits.body_bytes)
            if wait or not whole:
                await self._turn_away("rate" if wait else "size", wait, body, certificate)(scope, receive, send)
            else:
                await self._app(scope, _again(body, receive), send)

    def _class(self, path: str) -> str:
        name = path.removeprefix(self._prefix).partition("/")[0]
        return name if name in self._classes else ""

    @staticmethod
    def _wait(peer: _Peer, name: str, rate: float) -> float:
        now = monotonic()
        bucket = peer.buckets.get(name)
        if bucket is None:
            bucket = peer.buckets[name] = Bucket(rate, rate * DEPTH_SECONDS, now)
        return bucket.take(now)

    def _turn_away(self, why: Why, wait: float, body: bytes, certificate: bytes) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            response = await run_sync(self._refuse, why, body, certificate)
            if why == "rate":
                response.headers["retry-after"] = str(max(1, math.ceil(wait)))
            await response(scope, receive, send)

        return answer


def _declared(scope: Scope) -> int:
    """The length that the request declares for its body; 0 where it declares none."""
    return int(next((value for name, value in scope["headers"] if name == b"content-length"), b"0"))  # h11: digits


async def _read(scope: Scope, receive: Receive, limit: int) -> tuple[bytes, bool]:
    """The body, and whether it is whole: False, and what was read of it, when it is longer than `limit`."""
    if _declared(scope) > limit:
        return b"", False
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        return message["body"], len(message["body"]) <= limit
    parts, size = [], 0
    while True:
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message["body"])
        size += len(message["body"])
        if size > limit or not message.get("more_body"):
            return b"".join(parts), size <= limit
        message = await receive()


def _again(body: bytes, receive: Receive) -> Receive:
    """What the application receives: the body that was read, then whatever comes."""
    given = False

    async def received() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return received
