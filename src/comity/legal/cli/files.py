"""Files that a command writes."""

from pathlib import Path

from comity.base.errors import BadInput


def write_file(file: Path, data: bytes) -> None:
    """Write a new file or over an old one; BadInput ``legal.file`` when that is not possible."""
    try:
        file.write_bytes(data)
    except OSError as error:
        raise BadInput(
            "legal.file", f"cannot be written: {error.strerror}", where=str(file), todo="Check the path."
        ) from error
