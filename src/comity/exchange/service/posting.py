"""One request to somebody who is no member: a time-stamping authority, a witness outside the federation.

The answer is bounded in size and the whole call in time, however slowly it drips; redirections are not followed. Who
answers is judged by the signature in the answer, so plain HTTP will do; HTTPS is checked against the machine's
authorities.
"""

import http.client
import socket
import ssl
import threading
from contextlib import closing
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from comity.base.errors import Unavailable

SECONDS: Final = 15.0
_CONNECT: Final = 5.0
_MOST: Final = 64 * 1024
"""Bytes of an answer."""


@dataclass(frozen=True)
class Post:
    """What is posted where; `seconds` bound the whole answer, once the line is up."""

    url: str
    body: bytes
    type: str
    seconds: float = SECONDS


def post(made: Post) -> tuple[int, bytes]:
    """Status and body of the answer; Unavailable (``exchange.post``) where there was none in time, or one too long."""
    try:
        with closing(_connection(made)) as connection:
            connection.connect()
            return _answered(made, connection)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable("exchange.post", f"No answer: {str(error)[:200] or type(error).__name__}", where=made.url,
                          todo="It is asked again by itself; see `comity status`.") from error  # fmt: skip


def _connection(made: Post) -> http.client.HTTPConnection:
    address = urlsplit(made.url)
    within = min(_CONNECT, made.seconds)
    if address.scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(address.hostname or "", address.port, timeout=within, context=context)
    return http.client.HTTPConnection(address.hostname or "", address.port, timeout=within)


def _answered(made: Post, connection: http.client.HTTPConnection) -> tuple[int, bytes]:
    """A time-out of the socket bounds each piece only; so the line is cut when the time is over."""
    line = connection.sock
    line.settimeout(made.seconds)
    late = threading.Event()
    alarm = threading.Timer(made.seconds, _cut, (line, late))
    alarm.daemon = True
    alarm.start()
    try:
        return _asked(made, connection)
    except (OSError, http.client.HTTPException) as error:
        raise TimeoutError(f"not within {made.seconds:g} seconds") if late.is_set() else error from error
    finally:
        alarm.cancel()


def _asked(made: Post, connection: http.client.HTTPConnection) -> tuple[int, bytes]:
    address = urlsplit(made.url)
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    connection.request("POST", path, body=made.body, headers={"Content-Type": made.type, "Connection": "close"})
    with connection.getresponse() as answer:
        data = answer.read(_MOST + 1)
        if len(data) > _MOST:
            raise http.client.HTTPException(f"the answer is longer than {_MOST:,} bytes")
        if answer.length:
            raise http.client.IncompleteRead(data, answer.length)
        return answer.status, data


def _cut(line: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        socket.socket.shutdown(line, socket.SHUT_RDWR)  # beneath TLS, whose own farewell the other thread may be using
    except OSError:
        return  # it was over already
