"""TLS identities of nodes: self-signed P-256 certificates (RFC 5280) and TLS 1.3 contexts that trust only named ones.

There is no certificate authority. The directory lists each member's certificate; both sides trust exactly the listed
ones, so losing the directory entry is losing the connection. Host names are not compared: the pin is the whole
certificate. Session tickets are off, because a resumed session would outlive a revocation.
"""

import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from comity.base.errors import BadInput, Misconfigured

_BACKDATED: Final = timedelta(minutes=5)
"""Certificates begin a little earlier, for partners whose clocks run slow."""


@dataclass(frozen=True)
class TlsIdentity:
    """A certificate with its private key, both PEM."""

    certificate: bytes
    key: bytes = field(repr=False)


def make_certificate(
    code: str, now: datetime, *, days: int = 90, key: ec.EllipticCurvePrivateKey | None = None
) -> TlsIdentity:
    """A self-signed certificate for node `code`, valid `days` days from `now`, over a fresh P-256 key unless given one.

    Names: CN = `code`; SAN = localhost, `code`.localhost in lower case and 127.0.0.1. For TLS server and client alike.
    """
    private = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, code)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + timedelta(days=days))
    )
    for extension, critical in _extensions(code, private.public_key()):
        builder = builder.add_extension(extension, critical)
    certificate = builder.sign(private, hashes.SHA256())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return TlsIdentity(certificate.public_bytes(serialization.Encoding.PEM), pem)


def fingerprint(der: bytes) -> str:
    """Lower-case hex SHA-256 of a certificate's DER bytes."""
    digest = hashes.Hash(hashes.SHA256())
    digest.update(der)
    return digest.finalize().hex()


def to_der(pem: bytes) -> bytes:
    """The DER bytes of the one certificate in `pem`; BadInput when there is none or it is malformed."""
    return _load(pem).public_bytes(serialization.Encoding.DER)


def common_name(pem: bytes) -> str:
    """The node code in a certificate's subject; BadInput when `pem` holds no certificate with exactly one name."""
    names = _load(pem).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    if len(names) != 1:
        raise _not_a_certificate()
    return str(names[0].value)


def valid_until(pem: bytes) -> datetime:
    """When a certificate ends, aware, UTC; BadInput when `pem` holds none."""
    return _load(pem).not_valid_after_utc


def server_context(certificate: Path, key: Path, trusted: Sequence[bytes]) -> ssl.SSLContext:
    """The context of a listening node: TLS 1.3, a client certificate required, and it must be one of `trusted` (PEM).

    With nobody trusted, every handshake fails. Misconfigured when the node's own files cannot be used.
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER, certificate, key)
    context.num_tickets = 0
    trust(context, trusted)
    return context


def client_context(certificate: Path, key: Path, expected: Sequence[bytes]) -> ssl.SSLContext:
    """The context for calling one partner: TLS 1.3, our certificate shown, and only those `expected` (PEM) accepted."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, certificate, key)
    trust(context, expected)
    return context


def show_from_now(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    """New connections of a context in use show this certificate; Misconfigured when the files cannot be used."""
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured("crypto.tls-identity", "The node's TLS certificate and key cannot be loaded together",
                            where=str(certificate),
                            todo="Restore both files or make a new identity.") from error  # fmt: skip


def _context(side: int, certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    show_from_now(context, certificate, key)
    return context


def trust(context: ssl.SSLContext, trusted: Sequence[bytes]) -> None:
    """Let `context` accept these certificates (PEM) too: each is its own anchor and, no CA, vouches for no other."""
    for pem in trusted:
        certificate = _load(pem)
        _require_leaf(certificate)
        context.load_verify_locations(cadata=certificate.public_bytes(serialization.Encoding.DER))


def require_leaf(pem: bytes) -> None:
    """BadInput unless the certificate is one end's own: an authority's in the trust store would let others in."""
    _require_leaf(_load(pem))


def _require_leaf(certificate: x509.Certificate) -> None:
    if _is_authority(certificate):
        raise BadInput("crypto.certificate-authority", "A partner's certificate may not be an authority's",
                       todo="Ask the partner for the certificate that its node made.")  # fmt: skip


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return True  # without the extension a verifier may treat it as an authority
    except ValueError as error:
        raise _not_a_certificate() from error


def _extensions(code: str, public: ec.EllipticCurvePublicKey) -> list[tuple[x509.ExtensionType, bool]]:
    """The extensions, each with whether it is critical (RFC 5280, 4.2.1)."""
    names = [x509.DNSName("localhost"), x509.DNSName(f"{code.lower()}.localhost"),
             x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]  # fmt: skip
    usage = x509.KeyUsage(digital_signature=True, content_commitment=False, key_encipherment=False,
                          data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
                          encipher_only=False, decipher_only=False)  # fmt: skip
    return [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (usage, True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.SubjectAlternativeName(names), False),
        (x509.SubjectKeyIdentifier.from_public_key(public), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(public), False),
    ]


def sign_as(key: Path, data: bytes) -> bytes:
    """A signature (ECDSA, SHA-256, DER) by the private key of a certificate, which shows that its holder has it."""
    private = serialization.load_pem_private_key(key.read_bytes(), password=None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        raise Misconfigured("keys.damaged", "The certificate's key is of another kind", where=str(key),
                            todo="Restore the key folder from its own backup.")  # fmt: skip
    return private.sign(data, ec.ECDSA(hashes.SHA256()))


def is_signed_as(pem: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the holder of this certificate's key made the signature over `data`."""
    public = _load(pem).public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        return False
    try:
        public.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _load(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise _not_a_certificate() from error


def _not_a_certificate() -> BadInput:
    return BadInput("crypto.certificate", "Not a PEM certificate of a node",
                    todo="Ask the partner for the certificate that its node made.")  # fmt: skip
