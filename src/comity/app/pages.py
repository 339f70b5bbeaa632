"""The officers' two pages: how the node stands, and what its API offers. They load nothing from elsewhere, run no
script, and can be read by keyboard, screen reader, on paper, and in light and dark (WCAG 2.2, level AA).
"""

from html import escape
from typing import Any, Final

from comity.app.wiring import Node

STYLE: Final = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-inline-size: 70rem; margin-inline: auto; padding: 1rem; }
.skip:not(:focus) { position: absolute; inset-inline-start: -100rem; }
.banner { padding: .4rem 1rem; font-weight: 600; margin-block: 0 .5rem; }
.training { background: #7a3e00; color: #fff; }
.sealed { background: #14395b; color: #fff; }
nav ul { display: flex; flex-wrap: wrap; gap: 1.5rem; list-style: none; padding: 0; }
a:focus-visible { outline: 3px solid currentcolor; outline-offset: 3px; }
a[aria-current] { font-weight: 700; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin-block: .5rem 1.5rem; }
.wide table { inline-size: 100%; }
caption { text-align: start; font-weight: 700; font-size: 1.15rem; padding-block: .5rem; }
th, td { text-align: start; padding: .35rem .8rem .35rem 0; border-block-end: 1px solid #8888; vertical-align: top; }
td.number, th.number { text-align: end; font-variant-numeric: tabular-nums; }
code { font-family: ui-monospace, monospace; overflow-wrap: break-word; }
.verb { font-family: ui-monospace, monospace; font-weight: 700; }
.care { color: #b3261e; font-weight: 600; }
@media (prefers-color-scheme: dark) { .care { color: #ffb4ab; } }
@media print { nav, .skip { display: none; } }
"""
_PAGES: Final = (("/status", "Status"), ("/docs", "Officer API"), ("/openapi.json", "OpenAPI description"))
_COUNTS: Final = ("Queued", "Waiting", "Undelivered", "Log entries known")
_SIGN_IN: Final = (
    "<p>Sign in with HTTP Basic: the person's name and passphrase, on this machine only. Bodies are JSON, files are "
    "<code>application/octet-stream</code>. Errors are problem details (RFC 9457) with a stable <code>code</code> and, "
    "in <code>todo</code>, what to do next. Every act here is also a command: <code>comity --help</code>.</p>"
)


def page(node: Node, path: str, body: str) -> str:
    """A whole page of the node; `path` is that of the page, `body` the HTML of its main part."""
    title = dict(_PAGES)[path]
    name = escape(f"{node.settings.code} {node.settings.name}")
    links = "".join(
        f'<li><a href="{to}"{" aria-current=page" if to == path else ""}>{what}</a></li>' for to, what in _PAGES
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} - {name}</title><link rel="stylesheet" href="/style.css"></head><body>'
        f'<a class="skip" href="#main">Skip to the content</a>{_banners(node)}'
        f'<header><p><bdi>{name}</bdi></p><nav aria-label="Pages"><ul>{links}</ul></nav></header>'
        f'<main id="main"><h1>{escape(title)}</h1>{body}</main></body></html>'
    )


def _banners(node: Node) -> str:
    found = ""
    if node.settings.training:
        found += '<p class="banner training">Training node: synthetic data only</p>'
    if node.database.sealed:
        found += (
            '<p class="banner sealed">Read-only: restored from a backup. It reads and proves, and writes nothing.</p>'
        )
    return found


# --- status --------------------------------------------------------------------------------------------------------


def status_body(found: Any) -> str:
    """The main part of the status page, from what `standing.status` found."""
    rows = [("Log entries", found["log"]["size"]), ("DNA profiles", found["profiles"]), ("Alarms", found["alarms"])]
    facts = "".join(_fact(what, count, care=what == "Alarms" and count > 0) for what, count in rows)
    queries = "".join(_fact(state.replace("_", " "), count) for state, count in found["queries"].items())
    return (
        f'<p>As of <time datetime="{found["at"]}">{found["at"][:19].replace("T", " ")} UTC</time>. '
        "Load the page again for the present state.</p>"
        f"<table><caption>This node</caption><tbody>{facts}{_law(found['law'])}"
        f"{_directory(found['directory'])}</tbody></table>"
        + (f"<table><caption>Queries</caption><tbody>{queries}</tbody></table>" if queries else "")
        + _partners(found["partners"])
    )


def _directory(told: str) -> str:
    """How fresh the federation's directory is; nothing before there is one."""
    if not told:
        return ""
    shown = told if told == "fresh" else f'<span class="care">{escape(told)}</span>'
    return f'<tr><th scope="row">Directory</th><td><bdi>{shown}</bdi></td></tr>'


def _law(law: Any) -> str:
    told = escape(law["told"])
    care = law["fault"] or law["lacking"]
    told = f'<span class="care">{told}</span>' if care else told
    return f'<tr><th scope="row">Law</th><td><bdi>{told}</bdi></td></tr>'


def _fact(what: str, count: int, *, care: bool = False) -> str:
    number = f'<span class="care">{count:,}</span>' if care else f"{count:,}"
    return f'<tr><th scope="row">{escape(what)}</th><td class="number">{number}</td></tr>'


def _partners(partners: list[Any]) -> str:
    if not partners:
        return (
            "<h2>Partners</h2><p>No partners yet. Join a federation: "
            "<code>comity federation join INVITATION --root-key FINGERPRINT</code></p>"
        )
    rows = "".join(
        f'<tr><th scope="row"><bdi>{escape(p["code"])}</bdi></th><td><bdi>{escape(p["name"])}</bdi></td>'
        f"<td>{_state(p)}</td>"
        + "".join(f'<td class="number">{p[n]:,}</td>' for n in ("queued", "waiting", "undelivered", "head_size"))
        + "</tr>"
        for p in partners
    )
    return _table("Partners", ("Partner", "Name", "State", *_COUNTS), rows)


def _state(partner: Any) -> str:
    if partner["available"]:
        put_off = f'; messages wait: <span class="care"><bdi>{escape(partner["reason"])}</bdi></span>'
        return "available" + (put_off if partner["reason"] else "")
    return f'<span class="care">unavailable: <bdi>{escape(partner["reason"])}</bdi></span>'


def _table(caption: str, heads: tuple[str, ...], rows: str) -> str:
    cells = "".join(f'<th scope="col"{" class=number" if h in _COUNTS else ""}>{h}</th>' for h in heads)
    return (
        f'<div class="wide" role="region" aria-label="{escape(caption)}" tabindex="0"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


# --- the API -------------------------------------------------------------------------------------------------------


def docs_body(schema: dict[str, Any]) -> str:
    """The main part of the page about the API: every act, room by room, from its OpenAPI description."""
    rooms: dict[str, list[str]] = {}
    for path, verbs in schema["paths"].items():
        for verb, what in verbs.items():
            rooms.setdefault((what.get("tags") or ["node"])[0], []).append(_act(schema, path, verb, what))
    heads = ("Method", "Path", "What it does", "Fields")
    return _SIGN_IN + "".join(_table(room.capitalize(), heads, "".join(acts)) for room, acts in rooms.items())


def _act(schema: dict[str, Any], path: str, verb: str, what: dict[str, Any]) -> str:
    described = escape(what.get("description") or what.get("summary", ""))
    if not what.get("security"):
        described += " (no sign-in)"
    shown = escape(path).replace("/", "<wbr>/")
    return (
        f'<tr><td class="verb">{verb.upper()}</td><th scope="row"><code>{shown}</code></th>'
        f"<td>{described}</td><td>{_fields(schema, what)}</td></tr>"
    )


def _fields(schema: dict[str, Any], what: dict[str, Any]) -> str:
    """The names that the query and the body may have, the needed ones marked."""
    asked = [(f"?{p['name']}", p.get("required", False)) for p in what.get("parameters", []) if p["in"] == "query"]
    content = what.get("requestBody", {}).get("content", {})
    body = content.get("application/json", {}).get("schema", {})
    body = schema.get("components", {}).get("schemas", {}).get(body.get("$ref", "").rpartition("/")[2], body)
    needed = body.get("required", ())
    asked += [(name, name in needed) for name in body.get("properties", {})]
    files = "" if not content or "application/json" in content else "a file "
    names = ", ".join(f"<code>{escape(name)}</code>" + (" (needed)" if must else "") for name, must in asked)
    return files + names or "none"
