"""What a message cannot cost less than, on this machine, with the libraries it rests on: `python -m benchmarks.floor`.

None of the node's own work is in it: three durable commits of as many bytes as a message's (SQLite, FULL), one POST of
4 KiB over mutual TLS between two processes through an application that only reads it (uvicorn, Starlette, http.client),
and the signatures and seals of one message. `python -m benchmarks.exchange` is measured against the sum. Prints one
JSON line, medians in milliseconds.
"""

import http.client
import json
import multiprocessing
import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from comity.base.clock import system_clock
from comity.kit.crypto.certificates import client_context, server_context
from comity.kit.crypto.keyring import KeyRing
from comity.kit.crypto.sealing import open_sealed, seal
from comity.kit.crypto.symmetric import random_bytes
from comity.kit.web.servers import serve_in_thread

ROUNDS = 300
COMMITS, SIGNATURES, CHECKS = 3, 5, 4
"""Of one message, on both sides: sent, received, receipt kept; the envelope, the receipt and three checkpoints signed;
envelope, receipt and both proofs' checkpoints verified."""
BODY = 4096
ROWS, ROW_BYTES = 6, 1500
"""What one of a message's commits writes, roughly."""


def median_ms(deed: Callable[[], object]) -> float:
    """Median milliseconds of `ROUNDS` runs after some to warm up."""
    spent = []
    for number in range(ROUNDS + 20):
        start = time.perf_counter()
        deed()
        if number >= 20:
            spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1000


def commit_ms(folder: Path) -> float:
    """One durable commit of a few rows."""
    with closing(sqlite3.connect(folder / "floor.db", isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, bytes BLOB)")

        def commit() -> None:
            database.execute("BEGIN IMMEDIATE")
            database.executemany("INSERT INTO kept (bytes) VALUES (?)", [(os.urandom(ROW_BYTES),)] * ROWS)
            database.execute("COMMIT")

        return median_ms(commit)


def crypto_ms(keys: KeyRing) -> dict[str, float]:
    """The signatures, checks and seals of one message."""
    data, secret = random_bytes(BODY), random_bytes(32)
    signature, sealed = keys.signing.sign(data), seal(keys.kem.public, secret, data)
    return {
        "sign": SIGNATURES * median_ms(lambda: keys.signing.sign(data)),
        "verify": CHECKS * median_ms(lambda: keys.signing.public.verify(signature, data)),
        "seal": median_ms(lambda: seal(keys.kem.public, secret, data)),
        "open": median_ms(lambda: open_sealed(keys.kem, sealed, data)),
    }


def answering(home: Path, pipe: Connection) -> None:
    """The other process: reads what is posted and answers with as many bytes as a receipt with its proof has."""
    keys = KeyRing.load(home / "XB", "XB")
    answer = random_bytes(BODY // 2)

    async def post(request: Request) -> Response:
        await request.body()
        return Response(answer, 202)

    context = server_context(keys.tls_certificate, keys.tls_key, [(home / "XA" / "tls-certificate.pem").read_bytes()])
    server = serve_in_thread(Starlette(routes=[Route("/", post, methods=["POST"])]), "127.0.0.1", 0, context)
    pipe.send(server.port)
    pipe.recv()
    server.stop()


def post_ms(home: Path, keys: KeyRing) -> float:
    """One POST to the other process, over a line that stays open."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=answering, args=(home, theirs), daemon=True)
    process.start()
    tls = client_context(keys.tls_certificate, keys.tls_key, [(home / "XB" / "tls-certificate.pem").read_bytes()])
    body = random_bytes(BODY)
    with closing(http.client.HTTPSConnection("127.0.0.1", ours.recv(), context=tls)) as line:

        def post() -> None:
            line.request("POST", "/", body)
            line.getresponse().read()

        found = median_ms(post)
    ours.send("stop")
    process.join(10)
    return found


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        keys = KeyRing.create(home / "XA", "XA", system_clock)
        KeyRing.create(home / "XB", "XB", system_clock)
        parts = {"commits": COMMITS * commit_ms(home), "post": post_ms(home, keys), **crypto_ms(keys)}
    told = {name: round(spent, 3) for name, spent in parts.items()}
    load = [round(x, 2) for x in os.getloadavg()]
    print(json.dumps({"floor_ms": round(sum(parts.values()), 2), "split_ms": told, "rounds": ROUNDS, "load": load}))


if __name__ == "__main__":
    main()
