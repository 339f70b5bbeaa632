"""The partner's side over HTTP (CX/1): an application for the port that only mutual TLS reaches.

Every answer is signed: a receipt, or an error. The peer's certificate comes from the scope, where `kit.web` puts it,
and is compared with the directory on every request.
"""

from collections.abc import Awaitable, Callable
from typing import Final

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.exchange import service
from comity.exchange.service import Reply, Station
from comity.exchange.service.neutral import Neutral
from comity.kit.web.connections import Limits
from comity.kit.web.gates import Class, Gate
from comity.kit.web.problems import STATUS
from comity.kit.web.servers import Server, serve_in_thread
from comity.kit.web.uploads import Uploads

OK: Final = 200
ACCEPTED: Final = 202

LIMITS: Final = Limits(body_bytes=1 << 40)
"""The gate's own limits are smaller, and it says so under a signature."""


def serve(station: Station, host: str, port: int) -> Server:
    """The partner port, open in a thread (0: any free port); `stop` closes it."""
    return serve_in_thread(partner_app(station), host, port, service.server_tls(station), LIMITS)


def serve_witness(witness: Neutral, host: str, port: int) -> Server:
    """A neutral witness over plain HTTP, open in a thread; every log may call, and only a watched one is cosigned."""

    async def add_checkpoint(request: Request) -> Response:
        body = await request.body()
        said = await run_sync(lambda: witness.add_checkpoint(body))
        return Response(said.body, said.status, media_type=said.media)

    app = Starlette(routes=[Route("/add-checkpoint", add_checkpoint, methods=["POST"])])
    return serve_in_thread(app, host, port, None, Limits(body_bytes=service.SMALL_BYTES))


def partner_app(station: Station) -> ASGIApp:
    """The application behind the partner port of the node that owns `station`, and the gate before it."""

    def refuse(why: service.Why, body: bytes, peer: bytes) -> Response:
        reply = service.turn_away(station, why, body, peer)
        return Response(reply.body, reply.status or STATUS[reply.branch], media_type=reply.media)

    rate = station.allowance.per_second
    classes = {
        "messages": Class(rate, service.MESSAGE_BYTES), "receipts": Class(2 * rate, service.SMALL_BYTES),
        "log": Class(rate, service.SMALL_BYTES), "directory": Class(rate, service.SMALL_BYTES),
        "": Class(rate, service.SMALL_BYTES),
        "relay": Class(2 * rate, service.MESSAGE_BYTES),
        "chunks": Class(rate, service.CHUNK_BYTES, streamed=True),
    }  # fmt: skip
    return Gate(_application(station), prefix="/cx/1/", classes=classes, at_once=station.allowance.at_once,
                refuse=refuse)  # fmt: skip


def _application(station: Station) -> Starlette:
    return Starlette(routes=[
        Route("/cx/1/messages", _taken(station, service.receive, ACCEPTED), methods=["POST"]),
        Route("/cx/1/receipts", _taken(station, service.take_receipt, ACCEPTED), methods=["POST"]),
        *_relay_routes(station), *_file_routes(station), *_log_routes(station), *_directory_routes(station),
    ])  # fmt: skip


def _relay_routes(station: Station) -> list[Route]:
    async def hold(request: Request) -> Response:
        body, peer, box = await request.body(), _peer(request), request.path_params["box"]
        what = request.url.path.rpartition("/")[2]
        return await _answer(station, lambda: service.hold(station, (box, what), body, peer), ACCEPTED)

    async def show_held(request: Request) -> Response:
        peer, box = _peer(request), request.path_params["box"]
        return await _answer(station, lambda: service.show_held(station, box, peer))

    async def give_held(request: Request) -> Response:
        peer, box, id = _peer(request), request.path_params["box"], request.path_params["id"]
        return await _answer(station, lambda: service.give_held(station, box, id, peer))

    async def let_go(request: Request) -> Response:
        body, peer, box = await request.body(), _peer(request), request.path_params["box"]
        return await _answer(station, lambda: service.let_go(station, box, body, peer))

    return [
        Route("/cx/1/relay/{box}/messages", hold, methods=["POST"]),
        Route("/cx/1/relay/{box}/receipts", hold, methods=["POST"]),
        Route("/cx/1/relay/{box}/held", show_held),
        Route("/cx/1/relay/{box}/held/{id}", give_held),
        Route("/cx/1/relay/{box}/taken", let_go, methods=["POST"]),
    ]


def _file_routes(station: Station) -> list[Route]:
    uploads = Uploads(service.CHUNK_BYTES)

    async def put_chunk(request: Request) -> Response:
        peer, id = _peer(request), request.path_params["id"]
        async with uploads.body(request, peer) as body:
            return await _answer(station, lambda: service.put_chunk(station, id, body, peer))

    async def show_file(request: Request) -> Response:
        peer, message, n = _peer(request), request.path_params["message"], request.path_params["n"]
        return await _answer(station, lambda: service.show_file(station, message, n, peer))

    return [
        Route("/cx/1/chunks/{id}", put_chunk, methods=["PUT"]),
        Route("/cx/1/files/{message}/{n}", show_file),
    ]


def _log_routes(station: Station) -> list[Route]:
    async def checkpoint(request: Request) -> Response:
        peer = _peer(request)
        return await _answer(station, lambda: service.show_checkpoint(station, peer))

    async def epoch(request: Request) -> Response:
        peer = _peer(request)
        return await _answer(station, lambda: service.show_epoch(station, peer))

    async def consistency(request: Request) -> Response:
        peer, first, second = _peer(request), _size(request, "first"), _size(request, "second")
        return await _answer(station, lambda: service.show_consistency(station, peer, first, second))

    async def stretch(request: Request) -> Response:
        peer, first, second = _peer(request), _size(request, "first"), _size(request, "second")
        return await _answer(station, lambda: service.show_stretch(station, peer, first, second))

    async def shown(request: Request) -> Response:
        peer = _peer(request)
        return await _answer(station, lambda: service.show_shown(station, peer))

    return [
        Route("/cx/1/log/checkpoint", checkpoint),
        Route("/cx/1/log/consistency", consistency),
        Route("/cx/1/log/stretch", stretch),
        Route("/cx/1/log/epoch", epoch),
        Route("/cx/1/log/add-checkpoint", _taken(station, service.add_checkpoint, OK), methods=["POST"]),
        Route("/cx/1/log/shown", shown),
    ]


def _directory_routes(station: Station) -> list[Route]:
    async def directory(request: Request) -> Response:
        peer, known, name = _peer(request), request.query_params.get("not", ""), request.path_params.get("name", "")
        return await _answer(station, lambda: service.show_directory(station, peer, known, name))

    return [Route("/cx/1/directory", directory), Route("/cx/1/directory/{name:path}", directory)]


def _taken(
    station: Station, verb: Callable[[Station, bytes, bytes], Reply], status: int
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint of a verb that needs the body and the peer's certificate alone."""

    async def endpoint(request: Request) -> Response:
        body, peer = await request.body(), _peer(request)
        return await _answer(station, lambda: verb(station, body, peer), status)

    return endpoint


async def _answer(station: Station, verb: Callable[[], Reply], status: int = OK) -> Response:
    """The verb in a thread, then its reply; the observer is told before and after the response leaves."""
    reply = await run_sync(verb)
    label = reply.type or reply.branch
    station.observe(f"response:before:{label}")
    usual = STATUS.get(reply.branch, 500) if reply.branch else status
    response = _Observed(reply.body, reply.status or usual, media_type=reply.media)
    response.sent = lambda: station.observe(f"response:after:{label}")
    return response


class _Observed(Response):
    """A response that says when it has left."""

    sent: Callable[[], None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super().__call__(scope, receive, send)
        self.sent()


def _peer(request: Request) -> bytes:
    """The verified certificate of the connection (DER); empty without mutual TLS, which no member's equals."""
    found = getattr(request.state, "peer_certificate", b"")
    return found if isinstance(found, bytes) else b""


def _size(request: Request, name: str) -> int:
    """A log size in the query; -1, which no log has, for anything else."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else -1
