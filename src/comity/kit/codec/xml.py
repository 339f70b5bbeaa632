"""Safe reading of XML 1.0 documents from outside: no DTD, no entities, nothing fetched, bounded size and depth.

`defusedxml` refuses document type declarations, which carry entity bombs and external entities; this module adds the
limits and says where in the document the trouble lies.
"""

from typing import Final
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from comity.base.errors import BadInput

MAX_BYTES: Final = 16 * 1024 * 1024
MAX_DEPTH: Final = 100


def parse_xml(data: bytes, *, limit: int = MAX_BYTES, where: str = "") -> Element:
    """The root element of the document in `data` (at most `limit` bytes).

    BadInput, with `where` and the line when known, for a document that is too large or too deep, declares a type or
    an entity, or is not well formed.
    """
    if len(data) > limit:
        raise BadInput("codec.too-large", f"{len(data)} bytes of XML, where {limit} are accepted", where=where,
                       todo="Split the document.")  # fmt: skip
    parser = DefusedXMLParser(target=_Builder(), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except ParseError as error:
        raise _refused("it is not well formed", where, error.position[0]) from error
    except DefusedXmlException as error:
        raise _refused("it declares a document type or an entity", where, _line(parser)) from error
    except _TooDeepError as error:
        raise _refused(f"it has more than {MAX_DEPTH} levels", where, _line(parser)) from error
    except (ValueError, LookupError) as error:  # a declared encoding that Python or expat does not know
        raise _refused("its encoding is unknown", where, _line(parser)) from error
    return root


class _TooDeepError(Exception):
    """Raised inside the parser only, to leave it."""


class _Builder(TreeBuilder):
    """Builds the tree while counting how many elements are open."""

    depth = 0

    def start(self, tag: str, attrs: dict[str, str], /) -> Element:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _TooDeepError
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> Element:
        self.depth -= 1
        return super().end(tag)


def _line(parser: DefusedXMLParser) -> int:
    """The line that the underlying expat parser has reached."""
    return int(parser.parser.CurrentLineNumber)


def _refused(reason: str, where: str, line: int) -> BadInput:
    place = f"{where}, line {line}" if where else f"line {line}"
    return BadInput("codec.xml", f"XML that Comity does not accept: {reason}", where=place,
                    todo="Correct the document at its source.")  # fmt: skip
