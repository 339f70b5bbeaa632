"""A time-stamping authority for tests: RFC 3161 over HTTP, written by the standards, with faults at will."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SHA256 = bytes.fromhex("608648016503040201")
TST_INFO = bytes.fromhex("2a864886f70d0109100104")
SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")
MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")
SIGNING_CERTIFICATE = bytes.fromhex("2a864886f70d010910022f")
ECDSA_SHA256 = bytes.fromhex("2a8648ce3d040302")
POLICY = "1.2.3.4"
YEAR = timedelta(days=365)


def der(tag: int, *parts: bytes) -> bytes:
    """One DER value."""
    body = b"".join(parts)
    size = len(body)
    wide = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([size]) if size < 128 else bytes([0x80 | len(wide)]) + wide) + body


def oid(raw: bytes) -> bytes:
    return der(0x06, raw)


def whole(number: int) -> bytes:
    return der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def parts(data: bytes) -> list[bytes]:
    """The values within a DER value, each whole."""
    found, at = [], 2 + (data[1] & 0x7F if data[1] & 0x80 else 0)
    while at < len(data):
        size, head = data[at + 1], 2
        if size & 0x80:
            head += size & 0x7F
            size = int.from_bytes(data[at + 2 : at + head], "big")
        found.append(data[at : at + head + size])
        at += head + size
    return found


@dataclass
class Signer:
    """A key with its certificate, made by an issuer, or by itself."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def issue(
    name: str, since: datetime, issuer: Signer | None = None, *, days: int = 365, usage: bool = True,
) -> Signer:  # fmt: skip
    """A root, or a certificate under it: for time stamps alone (critical) unless without `usage`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + timedelta(days=days))
        .add_extension(x509.BasicConstraints(issuer is None, None), critical=True)
    )
    if issuer and usage:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Signer(key, made.sign(issuer.key if issuer else key, hashes.SHA256()))


@dataclass
class Authority:
    """The authority: its clock, its keys, what it answers wrongly (`change`), and how often it was asked."""

    clock: Callable[[], datetime]
    root: Signer
    signer: Signer
    change: dict[str, Any] = field(default_factory=dict)
    asked: int = 0
    url: str = ""
    closing: threading.Event = field(default_factory=threading.Event)

    def answer(self, query: bytes) -> bytes:
        """A TimeStampResp to a TimeStampReq (version, imprint, nonce, certificate wanted)."""
        if "status" in self.change:
            return der(0x30, der(0x30, whole(self.change["status"])))
        _, imprint, nonce, *_ = parts(query)
        if self.change.get("nonce"):
            nonce = whole(self.change["nonce"])
        if self.change.get("imprint"):
            imprint = der(0x30, der(0x30, oid(SHA256), der(0x05)), der(0x04, hashlib.sha256(b"else").digest()))
        when = der(0x18, self.clock().strftime("%Y%m%d%H%M%SZ").encode())
        info = der(0x30, whole(1), oid(b"\x2a\x03\x04"), imprint, whole(7 + self.asked), when, nonce)
        return der(0x30, der(0x30, whole(0)), self.token(info))

    def token(self, info: bytes) -> bytes:
        """The ContentInfo with one signature over `info` (RFC 5652, 5.3)."""
        certificate = self.signer.certificate.public_bytes(serialization.Encoding.DER)
        algorithm = der(0x30, oid(SHA256))
        reference = der(0x30, der(0x30, der(0x30, der(0x04, hashlib.sha256(certificate).digest()))))
        attributes = b"".join(sorted([
            der(0x30, oid(CONTENT_TYPE), der(0x31, oid(TST_INFO))),
            der(0x30, oid(MESSAGE_DIGEST), der(0x31, der(0x04, hashlib.sha256(info).digest()))),
            der(0x30, oid(SIGNING_CERTIFICATE), der(0x31, reference)),
        ]))  # fmt: skip
        signature = self.signer.key.sign(der(0x31, attributes), ec.ECDSA(hashes.SHA256()))
        if self.change.get("signature"):
            signature = self.signer.key.sign(b"something else", ec.ECDSA(hashes.SHA256()))
        issuer = der(0x30, self.signer.certificate.issuer.public_bytes(), whole(self.signer.certificate.serial_number))
        by = der(
            0x30, whole(1), issuer, algorithm, der(0xA0, attributes), der(0x30, oid(ECDSA_SHA256)), der(0x04, signature)
        )
        content = der(0x30, oid(TST_INFO), der(0xA0, der(0x04, info)))
        certificates = [certificate]
        if "unsorted" in self.change:
            certificates = sorted([certificate, self.root.certificate.public_bytes(serialization.Encoding.DER)])[::-1]
        signed = der(0x30, whole(3), der(0x31, algorithm), content, der(0xA0, *certificates), der(0x31, by))
        return der(0x30, oid(SIGNED_DATA), der(0xA0, signed))


@contextmanager
def serving(answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[str]:
    """The address at which `answer` answers every POST, given the handler and the body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer(self, self.rfile.read(int(self.headers["Content-Length"])))

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsr"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, length: int | None = None) -> None:
    """An answer with its length."""
    handler.send_response(status)
    handler.send_header("Content-Type", "application/timestamp-reply")
    handler.send_header("Content-Length", str(len(body) if length is None else length))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def authority(clock: Callable[[], datetime]) -> Iterator[Authority]:
    """An authority on a port of this machine; what it does wrong is set by `change`."""
    root = issue("Root of time", clock() - YEAR, days=3650)
    made = Authority(clock, root, issue("Authority of time", clock() - timedelta(days=1), root))

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        made.asked += 1
        if "http" in made.change:
            send(handler, made.change["http"], b"no")
        elif "drip" in made.change:
            send(handler, 200, b"", 1000)
            while not made.closing.wait(0.05):
                try:
                    handler.wfile.write(b"x")
                except OSError:
                    return
        else:
            send(handler, 200, made.change.get("raw", b"") or made.answer(body))

    try:
        with serving(answer) as made.url:
            yield made
    finally:
        made.closing.set()
