"""TLS identities: real handshakes between nodes on loopback, with those that must fail."""

import socket
import ssl
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from comity.base.clock import system_clock
from comity.base.errors import BadInput, Misconfigured
from comity.kit.crypto.certificates import (
    client_context,
    common_name,
    fingerprint,
    make_certificate,
    server_context,
    to_der,
)
from comity.kit.crypto.keyring import KeyRing

Rings = Callable[[str], KeyRing]


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> tuple[str, str, bool]:
    """The fingerprints that the server saw and the client saw, and whether the session could be resumed.

    Raises the client's SSLError, or the server's when only that failed.
    """
    seen: list[str | Exception] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            plain, _ = listener.accept()
            plain.settimeout(10)
            try:
                with server.wrap_socket(plain, server_side=True) as tls:
                    seen.append(fingerprint(tls.getpeercert(binary_form=True) or b""))
                    tls.sendall(b"x")
                    tls.recv(1)
            except OSError as error:
                seen.append(error)
                plain.close()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            with socket.create_connection(listener.getsockname(), 10) as plain, client.wrap_socket(plain) as tls:
                assert tls.recv(1) == b"x"
                assert tls.version() == "TLSv1.3"
                partner = fingerprint(tls.getpeercert(binary_form=True) or b"")
                resumable = tls.session is not None and tls.session.has_ticket
                tls.sendall(b"y")
        finally:
            thread.join()
    if isinstance(seen[0], Exception):
        raise seen[0]
    return seen[0], partner, resumable


def pem(ring: KeyRing) -> bytes:
    return ring.tls_certificate.read_bytes()


def serving(ring: KeyRing, *trusted: bytes) -> ssl.SSLContext:
    return server_context(ring.tls_certificate, ring.tls_key, trusted)


def calling(ring: KeyRing, expected: bytes) -> ssl.SSLContext:
    return client_context(ring.tls_certificate, ring.tls_key, [expected])


@pytest.mark.parametrize("strict", [0, ssl.VERIFY_X509_STRICT])
def test_listed_nodes_talk_and_see_each_other(keyring: Rings, strict: int) -> None:
    xa, xb, xc = keyring("XA"), keyring("XB"), keyring("XC")
    server, client = serving(xa, pem(xc), pem(xb)), calling(xb, pem(xa))
    server.verify_flags |= ssl.VerifyFlags(strict)
    client.verify_flags |= ssl.VerifyFlags(strict)
    assert shake_hands(server, client) == (fingerprint(to_der(pem(xb))), fingerprint(to_der(pem(xa))), False)


def test_strangers_fail_in_the_handshake(keyring: Rings) -> None:
    xa, xb, xc = keyring("XA"), keyring("XB"), keyring("XC")
    for server in (serving(xa), serving(xa, pem(xc))):
        with pytest.raises(ssl.SSLError, match="UNKNOWN_CA"):
            shake_hands(server, calling(xb, pem(xa)))


def test_a_caller_accepts_only_the_expected_partner(keyring: Rings) -> None:
    xa, xb, xc = keyring("XA"), keyring("XB"), keyring("XC")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(serving(xa, pem(xb)), calling(xb, pem(xc)))


def test_a_caller_without_certificate_is_refused(keyring: Rings) -> None:
    naked = ssl.create_default_context(cadata=to_der(pem(keyring("XA"))))
    naked.check_hostname = False
    with pytest.raises(ssl.SSLError):
        shake_hands(serving(keyring("XA"), pem(keyring("XB"))), naked)


def test_old_tls_is_refused(keyring: Rings) -> None:
    old = calling(keyring("XB"), pem(keyring("XA")))
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError):
        shake_hands(serving(keyring("XA"), pem(keyring("XB"))), old)


def test_an_expired_certificate_is_refused(keyring: Rings, tmp_path: Path) -> None:
    old = make_certificate("XB", system_clock() - timedelta(days=91))
    (tmp_path / "c.pem").write_bytes(old.certificate)
    (tmp_path / "k.pem").write_bytes(old.key)
    client = client_context(tmp_path / "c.pem", tmp_path / "k.pem", [pem(keyring("XA"))])
    with pytest.raises(ssl.SSLError, match="EXPIRED"):
        shake_hands(serving(keyring("XA"), old.certificate), client)


def test_a_listed_node_vouches_for_nobody(keyring: Rings, tmp_path: Path) -> None:
    """A certificate signed with a listed node's TLS key, in its name, is still a stranger's."""
    xa, xb = keyring("XA"), keyring("XB")
    issuer = x509.load_pem_x509_certificate(pem(xb))
    signer = serialization.load_pem_private_key(xb.tls_key.read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    forged = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "XC")]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(issuer.not_valid_before_utc)
        .not_valid_after(issuer.not_valid_after_utc)
        .sign(signer, hashes.SHA256())
    )
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "c.pem").write_bytes(forged.public_bytes(serialization.Encoding.PEM) + pem(xb))
    (tmp_path / "k.pem").write_bytes(key.private_bytes(*form))
    with pytest.raises(ssl.SSLError):
        shake_hands(serving(xa, pem(xb)), client_context(tmp_path / "c.pem", tmp_path / "k.pem", [pem(xa)]))


def test_what_a_certificate_says() -> None:
    now = system_clock()
    made = make_certificate("XA", now, days=30)
    certificate = x509.load_pem_x509_certificate(made.certificate)
    assert common_name(made.certificate) == "XA"
    assert b"PRIVATE" not in repr(made).encode()
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "xa.localhost"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
    assert certificate.not_valid_after_utc == (now + timedelta(days=30)).replace(microsecond=0)
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usages = set(certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    assert usages == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
    assert certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)


def test_a_given_key_is_kept() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made = make_certificate("XA", system_clock(), key=key)
    assert x509.load_pem_x509_certificate(made.certificate).public_key() == key.public_key()


def test_authorities_and_nonsense_are_not_trusted(keyring: Rings) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "XC"), x509.NameAttribute(NameOID.COMMON_NAME, "XD")])
    plain = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(system_clock())
        .not_valid_after(system_clock() + timedelta(days=1))
    )
    authority = plain.add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
    for builder in (plain, authority):
        bad = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        with pytest.raises(BadInput) as caught:
            serving(keyring("XA"), bad)
        assert caught.value.code == "crypto.certificate-authority"
        with pytest.raises(BadInput, match="Not a PEM certificate"):
            common_name(bad)
    with pytest.raises(BadInput, match="Not a PEM certificate"):
        serving(keyring("XA"), b"hello")


def test_files_that_do_not_fit_together_are_said(keyring: Rings, tmp_path: Path) -> None:
    xa, xb = keyring("XA"), keyring("XB")
    for certificate, key in ((xa.tls_certificate, xb.tls_key), (tmp_path / "none", xa.tls_key)):
        with pytest.raises(Misconfigured) as caught:
            server_context(certificate, key, [])
        assert caught.value.code == "crypto.tls-identity"
