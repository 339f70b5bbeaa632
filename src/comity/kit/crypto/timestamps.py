"""Time stamps by RFC 3161: what an authority is asked, and whether its answer is a token that one may rely on.

    question = ask(data)
    at = check(answer, data, question.nonce, trust)

The cryptography is that of `rfc3161-client` (from 1.0.5 on, which takes the signer's certificate from what is signed).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerificationError,
    Verifier,
    VerifierBuilder,
    decode_timestamp_response,
)

from comity.base.errors import BadInput, Tampered

QUERY_TYPE: Final = "application/timestamp-query"
ANSWER_TYPE: Final = "application/timestamp-reply"
_CERTIFICATES: Final = 0xA0
"""The tag of a token's certificates."""


@dataclass(frozen=True)
class Question:
    """A TimeStampReq in DER, and the nonce in it, which the answer must repeat."""

    query: bytes
    nonce: int


@dataclass(frozen=True)
class Trust:
    """Whose tokens count: those under one of these certificates, by this policy (a dotted OID; empty for any)."""

    roots: Sequence[x509.Certificate]
    policy: str = ""


def read_trust(pem: bytes, policy: str = "") -> Trust:
    """The trust in the certificates of a PEM file; BadInput for none, a malformed one or a policy that is no OID."""
    try:
        found = Trust(tuple(x509.load_pem_x509_certificates(pem)), policy)
        _verifier(found, 0)
    except ValueError as error:
        raise BadInput("crypto.timestamp-trust", f"The time-stamping authority cannot be trusted by this: {error}",
                       todo="Give its root's certificate as PEM, and the policy as 1.2.3.4.") from error  # fmt: skip
    return found


def ask(data: bytes) -> Question:
    """The question for a token over `data` (SHA-256), with a fresh nonce and the wish for the authority's certificate.

    `data` must not be empty.
    """
    made = TimestampRequestBuilder(data, HashAlgorithm.SHA256).build()
    if made.nonce is None:  # it was asked for
        raise AssertionError("a question without a nonce")
    return Question(made.as_bytes(), made.nonce)


def check(answer: bytes, data: bytes, nonce: int, trust: Trust) -> datetime:
    """When the authority saw `data`, aware UTC, by its TimeStampResp in DER.

    1. The answer parses and grants. 2. Its signature leads to one of the trusted certificates, all valid at the time it
    tells. 3. Nonce and policy are those asked for. 4. The signer's certificate is for time stamps alone (critical).
    5. The imprint is the hash of `data`. Tampered (``crypto.timestamp``) otherwise.
    """
    try:
        response = decode_timestamp_response(in_order(answer))
        return _time(response, data, nonce, trust)
    except (ValueError, TypeError, VerificationError, x509.ExtensionNotFound) as error:
        raise Tampered("crypto.timestamp", f"The answer is no token that counts: {str(error)[:200]}",
                       todo="Ask again; if it stays so, speak with the authority.") from error  # fmt: skip


def in_order(answer: bytes) -> bytes:
    """The answer with the certificates in its token in the order of a DER set; unchanged where it is none.

    Some authorities send several as they found them, which the library refuses and other readers take: nothing that is
    signed contains them (RFC 5652, 5.1).
    """
    try:
        _, token = _parts(answer, _inside(answer, 0))
        _, content = _parts(answer, _inside(answer, token[0]))
        (signed,) = _parts(answer, _inside(answer, content[0]))
        (held,) = [one for one in _parts(answer, _inside(answer, signed[0])) if answer[one[0]] == _CERTIFICATES]
        start, end = _inside(answer, held[0])
        several = sorted(answer[first:last] for first, last in _parts(answer, (start, end)))
    except (ValueError, IndexError):
        return answer
    return answer[:start] + b"".join(several) + answer[end:]


def _inside(data: bytes, at: int) -> tuple[int, int]:
    """Where the contents of the DER value at `at` begin and end; ValueError or IndexError where there is none."""
    size, start = data[at + 1], at + 2
    if size & 0x80:
        wide = size & 0x7F
        size, start = int.from_bytes(data[start : start + wide], "big"), start + wide
    if start + size > len(data):
        raise ValueError("it ends too early")
    return start, start + size


def _parts(data: bytes, within: tuple[int, int]) -> list[tuple[int, int]]:
    """Where each of the values within begins and ends."""
    at, end = within
    found = []
    while at < end:
        _, after = _inside(data, at)
        found.append((at, after))
        at = after
    if at != end:
        raise ValueError("a value reaches beyond its end")
    return found


def _time(response: TimeStampResponse, data: bytes, nonce: int, trust: Trust) -> datetime:
    if response.status != 0:
        raise VerificationError(f"status {response.status} {' '.join(response.status_string)[:100]}")
    if not _verifier(trust, nonce).verify_message(response, data):
        raise VerificationError("it does not hold")
    return response.tst_info.gen_time.astimezone(UTC)


def _verifier(trust: Trust, nonce: int) -> Verifier:
    policy = x509.ObjectIdentifier(trust.policy) if trust.policy else None
    return VerifierBuilder(policy_id=policy, roots=list(trust.roots), nonce=nonce).build()
