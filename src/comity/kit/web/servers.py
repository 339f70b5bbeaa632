"""HTTP servers in threads of this process, over mutual TLS 1.3 (RFC 8446) for partners.

1. The handshake itself refuses strangers: TLS 1.3 only, a verified client certificate, no session tickets, so that
   nobody resumes a session after being revoked. Refused handshakes are counted and logged sparingly.
2. Forwarding headers are not believed; the address of a client is that of its connection.
"""

import asyncio
import logging
import socket
import ssl
import threading
from collections import Counter
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from comity.base.clock import monotonic
from comity.base.errors import Misconfigured, Unavailable
from comity.kit.web.connections import USUAL, BodyLimit, Limits, PeerCertificateProtocol

logger = logging.getLogger(__name__)


class Handshakes:
    """Counts TLS handshakes that failed, and logs at most one line a minute about them: strangers come in swarms."""

    LOG_EVERY_SECONDS: Final = 60.0

    def __init__(self) -> None:
        self.refused = 0
        self._logged = 0
        self._next_line = 0.0

    def refuse(self, error: ssl.SSLError) -> None:
        """Count one; the reason is OpenSSL's own."""
        self.refused += 1
        if monotonic() >= self._next_line:
            new, self._logged = self.refused - self._logged, self.refused
            self._next_line = monotonic() + self.LOG_EVERY_SECONDS
            logger.warning("TLS handshakes refused since the last such line: %d; the latest: %s", new, error.reason)

    def counted(self) -> type[ssl.SSLObject]:
        """The class for ``SSLContext.sslobject_class``: reports every failed handshake of its context to us."""
        refuse = self.refuse

        class CountedObject(ssl.SSLObject):
            def do_handshake(self) -> None:
                try:
                    super().do_handshake()
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    raise
                except ssl.SSLError as error:
                    refuse(error)
                    raise

        return CountedObject


def _require_strict(context: ssl.SSLContext) -> None:
    strict = (
        context.minimum_version is ssl.TLSVersion.TLSv1_3
        and context.verify_mode is ssl.CERT_REQUIRED
        and context.num_tickets == 0
    )
    if not strict:
        raise Misconfigured("web.tls", "TLS 1.3, client certificates and no session tickets are required",
                            todo="Make the context with kit.crypto.certificates.server_context.")  # fmt: skip


_GOODBYE_SECONDS: Final = 5
_FAREWELL_SECONDS: Final = 0.5
"""How long a closing connection waits for its peer's own TLS close: idle partners send none."""


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose TLS servers give up on a handshake sooner than asyncio's minute, and on a farewell too."""

    def __init__(self, handshake_seconds: float) -> None:
        super().__init__()
        self._handshake_seconds = handshake_seconds

    async def create_server(self, *args: Any, **kwargs: Any) -> asyncio.Server:
        if kwargs.get("ssl") is not None:
            kwargs["ssl_handshake_timeout"] = self._handshake_seconds
            kwargs["ssl_shutdown_timeout"] = _FAREWELL_SECONDS
        return await super().create_server(*args, **kwargs)


class _Uvicorn(uvicorn.Server):
    """uvicorn's server, telling another thread when it is up."""

    def __init__(self, config: uvicorn.Config, limits: Limits) -> None:
        super().__init__(config)
        self.limits = limits
        self.settled = threading.Event()

    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop to run in."""
        return _Loop(self.limits.handshake_seconds)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.settled.set()


class Server:
    """A running HTTP server in a thread of its own; `stop` lets running requests end, for at most five seconds."""

    def __init__(self, uvicorn_server: _Uvicorn, listening: socket.socket, handshakes: Handshakes) -> None:
        self.host, self.port = listening.getsockname()[:2]
        self.handshakes = handshakes
        self._uvicorn = uvicorn_server
        self._socket = listening
        self._thread = threading.Thread(target=self._run, name=f"web-{self.port}", daemon=True)

    def start(self) -> None:
        """Return when the first connection can be made; Unavailable when the application did not start."""
        self._thread.start()
        self._uvicorn.settled.wait()
        if not self._uvicorn.started:
            self.stop()
            raise Unavailable("web.start", "The application did not start", todo="Read the node's log for the cause.")
        logger.info("listening on %s:%d", self.host, self.port)

    def stop(self) -> None:
        """Refuse new connections, let running requests end, and return when the thread has ended; twice is once."""
        self._uvicorn.should_exit = True
        self._thread.join()
        self._socket.close()

    def _run(self) -> None:
        try:
            with asyncio.Runner(loop_factory=self._uvicorn.loop) as runner:
                runner.run(self._uvicorn.serve(sockets=[self._socket]))
        except SystemExit:  # so uvicorn says that the application's start-up failed; it has logged why
            logger.error("the application on port %d did not start", self.port)
        finally:
            self._uvicorn.settled.set()


def serve_in_thread(
    app: ASGIApp, host: str, port: int, ssl_context: ssl.SSLContext | None = None, limits: Limits = USUAL
) -> Server:
    """Serve `app` on host:port (0: any free port, see `Server.port`) until `Server.stop`.

    With `ssl_context` only over mutual TLS 1.3: Misconfigured for a laxer context. Unavailable when the port is taken.
    """
    handshakes = Handshakes()
    if ssl_context is not None:
        _require_strict(ssl_context)
        ssl_context.sslobject_class = handshakes.counted()
    config = uvicorn.Config(
        BodyLimit(app, limits.body_bytes, limits.uploads),
        http=type("Protocol", (PeerCertificateProtocol,), {"limits": limits, "peers": Counter()}),
        ws="none",
        log_config=None,
        log_level="warning",  # a node has several servers, and each says itself where it listens
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ssl_context_factory=(lambda *_: ssl_context) if ssl_context is not None else None,
        h11_max_incomplete_event_size=limits.head_bytes,
        limit_concurrency=limits.connections,
        timeout_keep_alive=limits.idle_seconds,
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
    )
    server = Server(_Uvicorn(config, limits), _listen(host, port), handshakes)
    server.start()
    return server


def _listen(host: str, port: int) -> socket.socket:
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Unavailable("web.port", f"Cannot listen: {error.strerror}", where=f"{host}:{port}",
                          todo="Stop the program that uses this port, or choose another port.") from error  # fmt: skip
    # Inherited by accepted sockets, which asyncio would leave alone: head and body of an answer must not wait 40 ms.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
