"""Files that a browser keeps."""

from starlette.responses import Response

_PLAIN = frozenset("0123456789abcdefghijklmnopqrstuvwxyz-")


def file_name(kind: str, id: str, ending: str) -> dict[str, str]:
    """The header that has a browser keep the answer; an id may be a partner's, and is no file's name as it is."""
    named = "".join(sign for sign in id[:40] if sign in _PLAIN)
    return {"content-disposition": f'attachment; filename="{kind}-{named}.{ending}"'}


def pdf_file(data: bytes, kind: str, id: str) -> Response:
    """A PDF to keep."""
    return Response(data, headers=file_name(kind, id, "pdf"), media_type="application/pdf")
