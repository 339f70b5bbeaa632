"""Safe XML: entity bombs, external entities and endless nesting are refused, with the line."""

from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import BadInput
from comity.kit.codec.xml import MAX_DEPTH, parse_xml

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [
 <!ENTITY a "ha">
 <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
]>
<lolz>&c;</lolz>"""


def test_a_plain_document_is_read() -> None:
    root = parse_xml(b'<?xml version="1.0" encoding="UTF-8"?>\n<a x="1"><b>t\xc3\xa9xt</b><!-- c --><b/></a>')
    assert (root.tag, root.get("x"), [child.text for child in root]) == ("a", "1", ["t\u00e9xt", None])


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_standard_encodings_are_read(encoding: str) -> None:
    root = parse_xml(f'<?xml version="1.0" encoding="{encoding}"?><a>\u00e9</a>'.encode(encoding))
    assert root.text == "\u00e9"


def test_namespaces_are_kept() -> None:
    assert parse_xml(b'<a xmlns="urn:x"/>').tag == "{urn:x}a"


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (BOMB, "document type", 2),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>\n<a>&x;</a>', "document type", 1),
        (b'<!DOCTYPE a SYSTEM "http://example.org/a.dtd"><a/>', "document type", 1),
        (b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://example.org/p">%p;]><a/>', "document type", 1),
        (b"\n\n<!DOCTYPE a>\n<a/>", "document type", 3),
        (b"", "not well formed", 1),
        (b"<a>\n<b></a>", "not well formed", 2),
        (b"<a>&undefined;</a>", "not well formed", 1),
        (b"<a/><a/>", "not well formed", 1),
        (b"<a x='1' x='2'/>", "not well formed", 1),
        (b"<a>\x00</a>", "not well formed", 1),
        (b"<a>\xff</a>", "not well formed", 1),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "encoding", 1),
        (b'<?xml version="1.0" encoding="utf-7"?><a/>', "encoding", 1),
        (b"<a>\n" * (MAX_DEPTH + 1), "levels", 101),
        (b"<a>" * 1_000_000, "levels", 1),
    ],
    ids=map(str, count()),
)
def test_hostile_documents_are_refused(data: bytes, reason: str, line: int) -> None:
    with pytest.raises(BadInput) as caught:
        parse_xml(data, where="codis.xml")
    assert reason in caught.value.what
    assert caught.value.where == f"codis.xml, line {line}"


def test_the_deepest_document_is_read() -> None:
    assert len(parse_xml(b"<a>" * MAX_DEPTH + b"</a>" * MAX_DEPTH)) == 1


def test_size_is_limited() -> None:
    with pytest.raises(BadInput, match="11 bytes of XML, where 10"):
        parse_xml(b"<a>hello</a"[:11], limit=10)


@given(st.binary(max_size=60) | st.text("<>/a!&; ='\"[]", max_size=30).map(str.encode))
def test_arbitrary_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        root = parse_xml(data)
    except BadInput as error:
        assert error.where.startswith("line ")
        return
    assert isinstance(root.tag, str)


def test_real_codis_documents_are_read(data: Path) -> None:
    documents = sorted((data / "dna" / "codis").glob("*.xml"))
    assert documents
    for document in documents:
        try:
            assert parse_xml(document.read_bytes()).tag
        except BadInput as error:
            assert "line" in error.where
