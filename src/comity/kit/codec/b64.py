"""Base64 (RFC 4648), one spelling for each byte string: what does not encode back to the same text is refused."""

import base64
import binascii

from comity.base.errors import BadInput


def encode(data: bytes) -> str:
    """Standard alphabet, padded (RFC 4648, 4)."""
    return base64.b64encode(data).decode("ascii")


def decode(text: str) -> bytes:
    """The bytes behind `encode`'s text; BadInput for other alphabets, padding, white space or stray bits."""
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise _refused() from error
    if encode(data) != text:
        raise _refused()
    return data


def encode_url(data: bytes) -> str:
    """URL-safe alphabet without padding (RFC 4648, 5; RFC 7515, 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_url(text: str) -> bytes:
    """The bytes behind `encode_url`'s text; BadInput for other alphabets, padding, white space or stray bits."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error) as error:
        raise _refused() from error
    if encode_url(data) != text:
        raise _refused()
    return data


def _refused() -> BadInput:
    return BadInput("codec.base64", "Not canonical base64", todo="Send the text exactly as it was made.")
