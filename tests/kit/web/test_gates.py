"""A gate before an application: no peer takes more than its allowance, or the threads of others."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.kit.web.gates import DEPTH_SECONDS, Bucket, Class, Gate

CLASSES = {"messages": Class(5.0, 10), "": Class(1.0, 4)}


@given(st.floats(0.5, 1e4), st.lists(st.floats(0, 10), max_size=200))
def test_a_bucket_gives_its_rate_and_its_depth_and_no_more(rate: float, pauses: list[float]) -> None:
    now, taken = 0.0, 0
    bucket = Bucket(rate, rate * DEPTH_SECONDS, now)
    for pause in pauses:
        now += pause
        wait = bucket.take(now)
        taken += wait == 0.0
        assert 0.0 <= wait <= 1.0 / rate
    assert taken <= rate * (now + DEPTH_SECONDS) + 1e-6


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse(b"got " + await Request(scope, receive).body())(scope, receive, send)


def gate(app: ASGIApp = echo, at_once: int = 2, refuse: Callable[..., Response] | None = None) -> Gate:
    usual = lambda why, body, peer: PlainTextResponse(b"%b %b %b" % (why.encode(), body, peer), 429)  # noqa: E731
    return Gate(app, prefix="/cx/1/", classes=CLASSES, at_once=at_once, refuse=refuse or usual)


async def ask(app: ASGIApp, *parts: bytes, path: str = "/cx/1/messages", peer: bytes = b"XB", declared: int = 0) -> Any:
    """Status, headers and body of the answer to a POST whose body comes in these parts."""
    coming: list[Message] = [{"type": "http.request", "body": p, "more_body": True} for p in parts]
    coming.append({"type": "http.request", "body": b"", "more_body": False})
    answer: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        answer.append(message)

    headers = [(b"content-length", str(declared).encode())] if declared else []
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "state": {"peer_certificate": peer}}
    await app(scope, receive, send)
    return answer[0]["status"], dict(answer[0]["headers"]), b"".join(m.get("body", b"") for m in answer[1:])


def test_a_body_passes_whole(capsys: Any) -> None:
    assert asyncio.run(ask(gate(), b"ab", b"cd"))[2] == b"got abcd"
    assert asyncio.run(ask(gate()))[2] == b"got "


def test_beyond_the_rate_a_peer_is_put_off_and_others_are_not() -> None:
    async def story() -> None:
        app = gate()
        for _ in range(10):
            assert (await ask(app, b"x"))[0] == 200
        status, headers, body = await ask(app, b"x")
        assert (status, headers[b"retry-after"], body) == (429, b"1", b"rate x XB"), "read, so that it can be named"
        assert (await ask(app, b"x", peer=b"XC"))[0] == 200
        assert (await ask(app, b"x", path="/cx/1/log/checkpoint"))[0] == 200, "another class"
        assert (await ask(app, b"x", path="/elsewhere"))[0] == 200
        assert (await ask(app, b"x", path="/cx/1/log/shown"))[0] == 429, "what is in no class is one class"

    asyncio.run(story())


@pytest.mark.parametrize(("parts", "declared", "read"), [((b"12345678", b"901"), 0, b"12345678901"), ((b"",), 11, b"")])
def test_a_body_that_is_too_long_is_refused(parts: tuple[bytes, ...], declared: int, read: bytes) -> None:
    assert asyncio.run(ask(gate(), *parts, declared=declared))[2] == b"size %b XB" % read
    assert asyncio.run(ask(gate(), b"1234567890"))[0] == 200


def test_of_one_peer_only_so_many_are_worked_on_at_once() -> None:
    async def story() -> None:
        working: list[bytes] = []
        go = asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            working.append(scope["state"]["peer_certificate"])
            await go.wait()
            await echo(scope, receive, send)

        app = gate(slow)
        asked = [asyncio.create_task(ask(app, b"x")) for _ in range(8)]
        asked.append(asyncio.create_task(ask(app, b"x", peer=b"XC")))
        while b"XC" not in working:
            await asyncio.sleep(0)
        assert working.count(b"XB") == 2
        go.set()
        assert {status for status, _, _ in await asyncio.gather(*asked)} == {200}, "the others only waited"

    asyncio.run(story())


def test_a_peer_that_leaves_gives_its_turn_back() -> None:
    async def story() -> None:
        app = gate(at_once=1)

        async def gone() -> Message:
            return {"type": "http.disconnect"}

        scope = {"type": "http", "path": "/cx/1/messages", "headers": [], "state": {"peer_certificate": b"XB"}}
        with pytest.raises(ClientDisconnect):
            await app(scope, gone, gone)  # type: ignore[arg-type]  # nothing is sent
        assert (await ask(app, b"x"))[0] == 200

    asyncio.run(story())
