"""Sealed fields of searches, under the caller's data key.

The associated data is ``search|ROW|FIELD``, so that a blob moved to another row or column does not open.
"""

import json

from comity.base.model import DataKey, JsonObject
from comity.kit.crypto.symmetric import decrypt, encrypt


def sealed(key: DataKey, row: str, field: str, value: JsonObject) -> bytes:
    """A field of a row, sealed."""
    return encrypt(key.secret, json.dumps(value).encode(), f"search|{row}|{field}".encode())


def opened(key: DataKey, row: str, field: str, blob: bytes) -> JsonObject:
    """A field of a row, opened; Tampered where it is not that one."""
    value: JsonObject = json.loads(decrypt(key.secret, blob, f"search|{row}|{field}".encode()))
    return value
