"""The catalogues of the pages, brought up to date with the source: `make translations`.

Each ``locales/<language>.po`` then holds exactly the phrases of the templates, and those that `to_say` marks in code,
sorted; a new one has no translation yet and is listed. The comment ``# draft`` above a phrase says that a machine made
the translation; a person who has reviewed it takes the comment away. `tests/kit/web/test_catalogues.py` compares.
"""

import sys
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from comity.base.languages import LANGUAGES
from comity.kit.web.speech import FOLDER, catalogue

SOURCE: Final = Path(__file__).parent.parent / "src" / "comity"
PLACE: Final = SOURCE / "kit" / "web" / FOLDER
_METHODS: Final = [("**.py", "python"), ("**.html", "jinja2")]
_OPTIONS: Final[Any] = {
    "**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false", "extensions": "jinja2.ext.do"}
}
_KEYWORDS: Final[Any] = {
    "_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2), "to_say": None
}  # fmt: skip


def source() -> Catalog:
    """Every phrase of the source, without translations."""
    found = Catalog()
    for _, _, message, _, context in extract_from_dir(SOURCE, _METHODS, _OPTIONS, _KEYWORDS):
        found.add(message, context=context)
    return found


def updated(language: str) -> Catalog:
    """The catalogue of `language` with exactly the phrases of the source."""
    kept, made = catalogue(language), Catalog(locale=language)
    for one in source():
        if one.id:
            old = kept.get(one.id, one.context)
            string: Any = old.string if old else None
            made.add(one.id, string, context=one.context, user_comments=old.user_comments if old else ())
    return made


def text(found: Catalog) -> bytes:
    """The file of a catalogue: no dates, no places, so that it changes only with what it says."""
    body = BytesIO()
    write_po(body, found, no_location=True, omit_header=True, sort_output=True, width=120)
    head = (
        f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n"Language: {found.locale_identifier}\\n"\n'
    )
    return f'{head}"Plural-Forms: {found.plural_forms}\\n"\n\n'.encode() + body.getvalue()


def main() -> None:
    """Write every catalogue, and list what lacks a translation."""
    for language in LANGUAGES[1:]:
        found = updated(language)
        (PLACE / f"{language}.po").write_bytes(text(found))
        for one in found:
            if one.id and not (all(one.string) if isinstance(one.string, tuple) else one.string):
                print(f"{language}: {one.id}", file=sys.stderr)


if __name__ == "__main__":
    main()
