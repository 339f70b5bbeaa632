"""A decision as HTML: a fragment to put into a page, and a page of its own.

It holds no script, no style and no link, so that the strictest content policy takes it; it is read by keyboard, screen
reader and on paper: headings in order, a table with scope and caption, the language and direction of every text. What
is not the reader's language stands in ``bdi`` and, where nobody knows its language, under an empty ``lang``.
"""

from html import escape

from comity.legal.model import Decision, Finding
from comity.legal.rules.explaining.pieces import Piece, Pieces, mark
from comity.legal.rules.explaining.wording import Wording

COLUMNS = ("condition", "result", "place", "values", "cure")


def page(decision: Decision, wording: Wording) -> str:
    """A whole HTML document."""
    catalogue, title = wording.catalogue, _html(wording.page("title"))
    return (
        f'<!doctype html>\n<html lang="{catalogue.language}" dir="{catalogue.direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title></head>\n'
        f"<body><main><h1>{title}</h1>\n{fragment(decision, wording)}</main></body></html>\n"
    )


def fragment(decision: Decision, wording: Wording) -> str:
    """One section with headings of level 2, for a page that has its own of level 1."""
    catalogue = wording.catalogue
    return (
        f'<section lang="{catalogue.language}" dir="{catalogue.direction}"'
        f' aria-label="{escape(catalogue.say("page", "title"))}">\n'
        f"<p><strong>{_html(wording.phrase('outcome', decision.outcome))}</strong></p>\n"
        f"{_question(decision, wording)}{_findings(decision, wording)}{_requirements(decision, wording)}"
        f"{_law(decision, wording)}<p>{_html(wording.page('as_written'))}</p>\n</section>\n"
    )


def _question(decision: Decision, wording: Wording) -> str:
    state = decision.asking if decision.side == "asking" else decision.asked
    seen = (*mark(state), *wording.page("separator"), *wording.phrase("side", decision.side))
    rows = [
        ("measure", wording.label(decision.measure, "measures")), ("from_state", mark(decision.asking)),
        ("to_state", mark(decision.asked)), ("basis", wording.basis(decision)),
        ("day", mark(decision.on.isoformat())), ("seen_by", seen),
    ]  # fmt: skip
    return _heading(wording, "question") + _list(wording, rows)


def _findings(decision: Decision, wording: Wording) -> str:
    heads = "".join(f'<th scope="col">{_html(wording.page(name))}</th>' for name in COLUMNS)
    rows = "\n".join(_finding(finding, wording) for finding in decision.findings)
    return (
        f"{_heading(wording, 'findings')}<table><caption>{_html(wording.page('findings'))}</caption>\n"
        f"<thead><tr>{heads}</tr></thead>\n<tbody>{rows}</tbody></table>\n"
    )


def _finding(finding: Finding, wording: Wording) -> str:
    pairs = (wording.page("pair", name=name, value=value) for name, value in wording.values(finding))
    told = "".join(f"<li>{_html(pair)}</li>" for pair in pairs)
    return (
        f'<tr><th scope="row">{_html(wording.term(finding.condition))}</th>'
        f"<td>{_html(wording.phrase('result', finding.result))}</td>"
        f"<td>{_html(mark(finding.article)) if finding.article else ''}</td>"
        f"<td>{f'<ul>{told}</ul>' if told else ''}</td>"
        f"<td>{_html(wording.cure(finding.cure)) if finding.cure else ''}</td></tr>"
    )


def _requirements(decision: Decision, wording: Wording) -> str:
    if not decision.requirements:
        return ""
    items = "".join(f"<li>{_html(wording.requirement(code))}</li>" for code in decision.requirements)
    return f"{_heading(wording, 'requirements')}<ul>{items}</ul>\n"


def _law(decision: Decision, wording: Wording) -> str:
    made = mark(decision.id) if decision.id else wording.page("not_kept")
    return _heading(wording, "law") + _list(
        wording, [("rules_name", mark(decision.rules_hash)), ("decision_name", made)]
    )


def _heading(wording: Wording, name: str) -> str:
    return f"<h2>{_html(wording.page(name))}</h2>\n"


def _list(wording: Wording, rows: list[tuple[str, Pieces]]) -> str:
    items = "".join(f"<dt>{_html(wording.page(name))}</dt><dd>{_html(value)}</dd>" for name, value in rows)
    return f"<dl>{items}</dl>\n"


def _html(pieces: Pieces) -> str:
    return "".join(_one(piece) for piece in pieces)


def _one(piece: Piece) -> str:
    text = escape(piece.text)
    if piece.kind == "words":
        return text
    if piece.kind == "code":
        return f'<data value="{escape(piece.code)}">{text}</data>'
    if piece.kind == "day":
        return f'<time datetime="{text}"><bdi>{text}</bdi></time>'
    return f'<bdi lang="">{text}</bdi>' if piece.kind == "free" else f"<bdi>{text}</bdi>"
