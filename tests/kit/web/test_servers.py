"""Real servers on loopback: who gets through the handshake, whose certificate the application sees, what is bounded."""

import json
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import anyio.to_thread
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.base.errors import Misconfigured, Unavailable
from comity.kit.crypto.certificates import client_context, fingerprint, server_context, to_der
from comity.kit.crypto.keyring import KeyRing
from comity.kit.web.connections import Limits
from comity.kit.web.servers import Server, serve_in_thread

Ring = Callable[[str], KeyRing]
Serve = Callable[..., Server]


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Says whose certificate it sees and how long the body was."""
    request = Request(scope, receive)
    seen = request.scope["state"].get("peer_certificate")
    length = len(await request.body())
    answer = JSONResponse({"peer": fingerprint(seen) if seen else None, "body": length, "client": request.client})
    await answer(scope, receive, send)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """`serve_in_thread` on a free port, stopped after the test."""
    running: list[Server] = []

    def start(app: ASGIApp = echo, tls: ssl.SSLContext | None = None, limits: Limits = Limits()) -> Server:  # noqa: B008  # frozen
        running.append(serve_in_thread(app, "127.0.0.1", 0, tls, limits))
        return running[-1]

    yield start
    for server in running:
        server.stop()


def pem(keys: KeyRing) -> bytes:
    return keys.tls_certificate.read_bytes()


def listening(keys: KeyRing, *trusted: KeyRing) -> ssl.SSLContext:
    return server_context(keys.tls_certificate, keys.tls_key, [pem(peer) for peer in trusted])


def calling(keys: KeyRing, expected: KeyRing) -> ssl.SSLContext:
    return client_context(keys.tls_certificate, keys.tls_key, [pem(expected)])


def connect(server: Server, context: ssl.SSLContext | None = None) -> socket.socket:
    raw = socket.create_connection((server.host, server.port), timeout=20)
    return context.wrap_socket(raw, server_hostname="localhost") if context else raw


def exchange(connection: socket.socket, request: bytes) -> tuple[int, dict[str, object]]:
    """Send `request`; the status and the JSON body of the answer."""
    connection.sendall(request)
    file = connection.makefile("rb")
    status = int(file.readline().split()[1])
    headers = {}
    while (line := file.readline()) != b"\r\n":
        name, _, value = line.partition(b":")
        headers[name.lower()] = value.strip()
    return status, json.loads(file.read(int(headers[b"content-length"])))


def post(body: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


def closed(connection: socket.socket) -> bool:
    """Whether the server ends the connection (orderly or not) before the client's patience does."""
    try:
        return connection.recv(1) == b""
    except (ssl.SSLError, ConnectionError):
        return True


# --- whose certificate ---------------------------------------------------------------------------------------------


def test_the_application_sees_the_verified_certificate_of_each_peer(serve: Serve, keyring: Ring) -> None:
    xa, xb, xc = keyring("XA"), keyring("XB"), keyring("XC")
    server = serve(tls=listening(xa, xb, xc))
    for peer in (xb, xc):
        with connect(server, calling(peer, xa)) as connection:
            expected = fingerprint(to_der(pem(peer)))
            assert [exchange(connection, post())[1]["peer"] for _ in range(2)] == [expected, expected]
    assert server.handshakes.refused == 0


def test_without_tls_there_is_no_peer_certificate(serve: Serve) -> None:
    with connect(serve()) as connection:
        assert exchange(connection, post(b"four")) == (
            200,
            {"peer": None, "body": 4, "client": list(connection.getsockname())},
        )


def test_a_stranger_fails_in_the_handshake_and_is_counted(
    serve: Serve, keyring: Ring, caplog: pytest.LogCaptureFixture
) -> None:
    xa, xb, stranger = keyring("XA"), keyring("XB"), keyring("XC")
    server = serve(tls=listening(xa, xb))
    with caplog.at_level(logging.WARNING, "comity.kit.web"):
        for _ in range(3):
            with connect(server, calling(stranger, xa)) as connection:  # in TLS 1.3 the client ends its part first
                assert closed(connection)
    assert server.handshakes.refused == 3
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("comity.kit.web")]
    assert len(lines) == 1, "strangers come in swarms: one line a minute"
    assert "CERTIFICATE_VERIFY_FAILED" in lines[0]
    with connect(server, calling(xb, xa)) as connection:
        assert exchange(connection, post())[0] == 200


def test_a_client_without_a_certificate_fails_in_the_handshake(serve: Serve, keyring: Ring) -> None:
    xa = keyring("XA")
    server = serve(tls=listening(xa, keyring("XB")))
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.check_hostname = False
    bare.verify_mode = ssl.CERT_NONE
    with connect(server, bare) as connection:
        assert closed(connection)
    assert server.handshakes.refused == 1


def test_only_tls_1_3_is_spoken(serve: Serve, keyring: Ring) -> None:
    xa, xb = keyring("XA"), keyring("XB")
    server = serve(tls=listening(xa, xb))
    old = calling(xb, xa)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connect(server, old)
    assert server.handshakes.refused == 1


def test_no_session_can_be_resumed(serve: Serve, keyring: Ring) -> None:
    xa, xb = keyring("XA"), keyring("XB")
    server, context = serve(tls=listening(xa, xb)), calling(xb, xa)
    with connect(server, context) as connection:
        exchange(connection, post())  # tickets, if any, come with the first answer
        assert isinstance(connection, ssl.SSLSocket)
        assert connection.version() == "TLSv1.3"
        assert connection.session is None or not connection.session.has_ticket


def test_a_peer_that_stalls_in_the_handshake_is_cut_off(serve: Serve, keyring: Ring) -> None:
    server = serve(tls=listening(keyring("XA"), keyring("XB")), limits=Limits(handshake_seconds=0.2))
    with connect(server) as connection:
        assert closed(connection)


def test_a_laxer_context_is_refused(keyring: Ring) -> None:
    lax = listening(keyring("XA"), keyring("XB"))
    lax.num_tickets = 2
    with pytest.raises(Misconfigured):
        serve_in_thread(echo, "127.0.0.1", 0, lax)


# --- bounds --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "framing",
    [b"content-length: 11\r\n\r\n01234567890", b"transfer-encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n"],
)
def test_a_longer_body_is_refused_and_the_connection_lives(serve: Serve, framing: bytes) -> None:
    with connect(serve(limits=Limits(body_bytes=10))) as connection:
        status, body = exchange(connection, b"POST / HTTP/1.1\r\nhost: localhost\r\n" + framing)
        assert (status, body["code"]) == (413, "web.too-large")
        assert exchange(connection, post(b"0123456789"))[0] == 200


def test_a_longer_head_is_refused(serve: Serve) -> None:
    with connect(serve(limits=Limits(head_bytes=1000))) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nx: " + b"y" * 2000)
        assert connection.recv(100).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    "start",
    [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nhost: local", b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\n12"],
)
def test_a_peer_that_stalls_is_cut_off(serve: Serve, start: bytes) -> None:
    with connect(serve(limits=Limits(head_seconds=0.2, body_seconds=0.2))) as connection:
        connection.sendall(start)
        assert closed(connection)


def test_a_stall_in_the_second_request_is_cut_off_too(serve: Serve) -> None:
    with connect(serve(limits=Limits(head_seconds=0.2))) as connection:
        assert exchange(connection, post())[0] == 200
        connection.sendall(b"POST / HTTP/1.1\r\nho")
        assert closed(connection)


def test_patience_is_for_the_peer_not_for_the_application(serve: Serve) -> None:
    with connect(serve(limits=Limits(head_seconds=0.2, body_seconds=0.2))) as connection:
        for _ in range(3):
            assert exchange(connection, post(b"x"))[0] == 200


def test_a_connection_has_a_maximum_age(serve: Serve) -> None:
    with connect(serve(limits=Limits(age_seconds=0.3))) as connection:
        assert exchange(connection, post())[0] == 200
        assert closed(connection)


def test_forwarding_headers_are_not_believed(serve: Serve) -> None:
    with connect(serve()) as connection:
        request = post().replace(b"host: localhost", b"host: localhost\r\nx-forwarded-for: 192.0.2.7")
        assert exchange(connection, request)[1]["client"] == list(connection.getsockname())


def test_a_peer_that_leaves_in_the_middle_is_no_fault_of_ours(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    left = threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await echo(scope, receive, send)
        finally:
            left.set()

    server = serve(app)
    with connect(server) as connection:
        connection.sendall(post(b"12345")[:-2])
    assert left.wait(20)
    server.stop()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_more_connections_than_the_limit_are_turned_away(serve: Serve) -> None:
    server = serve(limits=Limits(connections=2))
    with connect(server) as first:
        assert exchange(first, post())[0] == 200
        with connect(server) as second:
            second.sendall(post())
            assert second.recv(100).startswith(b"HTTP/1.1 503 ")


def test_one_peer_cannot_take_the_connections_of_others(serve: Serve, keyring: Ring) -> None:
    xa, xb, xc = keyring("XA"), keyring("XB"), keyring("XC")
    server = serve(tls=listening(xa, xb, xc), limits=Limits(connections_of_peer=2))
    context = calling(xb, xa)
    with connect(server, context) as first, connect(server, context) as second:
        assert [exchange(one, post())[0] for one in (first, second)] == [200, 200]
        with connect(server, context) as third:
            assert closed(third)
        with connect(server, calling(xc, xa)) as other:
            assert exchange(other, post())[0] == 200
    with connect(server, context) as later:
        assert exchange(later, post())[0] == 200


# --- start and stop ------------------------------------------------------------------------------------------------


def test_stop_frees_the_port_and_twice_is_once(serve: Serve) -> None:
    server = serve()
    with connect(server) as idle:
        assert exchange(idle, post())[0] == 200
        server.stop()
        assert closed(idle)
    server.stop()
    with pytest.raises(ConnectionError):
        connect(server)
    serve_in_thread(echo, server.host, server.port).stop()


def test_stop_lets_a_running_request_end(serve: Serve) -> None:
    running, go_on = threading.Event(), threading.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            running.set()
            await anyio.to_thread.run_sync(go_on.wait)
            await echo(scope, receive, send)

    server = serve(app)
    with connect(server) as connection, ThreadPoolExecutor() as pool:
        answer = pool.submit(exchange, connection, post())
        assert running.wait(20)
        stopped = pool.submit(server.stop)
        go_on.set()
        assert answer.result(20)[0] == 200
        stopped.result(20)


def test_a_taken_port_is_said_so(serve: Serve) -> None:
    server = serve()
    with pytest.raises(Unavailable, match="Cannot listen") as refusal:
        serve_in_thread(echo, server.host, server.port)
    assert refusal.value.where == f"127.0.0.1:{server.port}"


def test_an_application_that_cannot_start_is_said_so(tmp_path: Path) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.failed", "message": "no"})

    with pytest.raises(Unavailable, match="did not start"):
        serve_in_thread(broken, "127.0.0.1", 0)
