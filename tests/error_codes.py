"""The table of error codes in `docs/operate/error-codes.md`, read from the source: `python -m tests.error_codes`.

It finds every call of an error class, and every call of a function that hands its own argument on as an error's code.
Parts of a text that are known only when it happens are shown as `…`.
"""

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from comity.base import errors
from comity.kit.shell import EXIT_CODES, INTERNAL

ROOT: Final = Path(__file__).parent.parent
SOURCE: Final = ROOT / "src" / "comity"
PAGE: Final = ROOT / "docs" / "operate" / "error-codes.md"
BRANCHES: Final = {
    name: found.branch
    for name, found in vars(errors).items()
    if inspect.isclass(found) and issubclass(found, errors.ComityError)
}
"""Class name to branch."""
_CODE: Final = re.compile(r"[a-z]+\.[a-z0-9-]+…?")

HEAD: Final = """# Error codes

Every error of a command, of the officer API and of a node names its code; programs may compare it, it does not change.
The exit code is the command's; what a command does with one is in [troubleshooting](troubleshooting.md). `…` stands for
what is known only when it happens. This page is written by `python -m tests.error_codes`; a test compares it with the
source.
"""


@dataclass(frozen=True, order=True)
class Code:
    """One error code, with its branch, what happened and what to do about it."""

    code: str
    branch: str
    what: str
    todo: str


@dataclass(frozen=True)
class Maker:
    """A function that makes an error of `branch` whose code is `template` with its `argument` in place of `{}`."""

    name: str
    branch: str
    template: str
    argument: str
    parameters: tuple[str, ...]
    call: ast.Call


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(codes())} codes", file=sys.stderr)


def page() -> str:
    """The page's text."""
    parts = [HEAD]
    merged = [list(same) for _, same in groupby(codes(), lambda one: one.code)]
    for room, rows in groupby(merged, lambda same: same[0].code.partition(".")[0]):
        parts.append(f"## {room}\n\n| code | exit | what happened | what to do |\n|---|---|---|---|\n")
        parts.append("".join(_row(same) for same in rows))
    return "\n".join(parts).replace("|\n\n| `", "|\n| `")


def _row(same: list[Code]) -> str:
    """The row of one code, which may stand in several branches: its exits and texts side by side."""
    exits = dict.fromkeys(str(EXIT_CODES.get(one.branch, INTERNAL)) for one in same)
    whats = dict.fromkeys(_cell(one.what) for one in same)
    todos = dict.fromkeys(_cell(one.todo) for one in same)
    return f"| `{same[0].code}` | {', '.join(exits)} | {' / '.join(whats)} | {' / '.join(todos)} |\n"


def codes() -> list[Code]:
    """Every code with one text for each branch: the first in the source's order stands for all."""
    modules = {_module(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SOURCE.rglob("*.py"))}
    makers = {(name, maker.name): maker for name, tree in modules.items() for maker in _makers(tree)}
    makers |= {(name, shown): makers[made] for name, tree in modules.items() for made, shown in _shown(tree)
               if made in makers}  # fmt: skip
    found: dict[tuple[str, str], Code] = {}
    for name, tree in modules.items():
        for one in _raised(tree, _known(name, tree, makers)):
            found.setdefault((one.code, one.branch), one)
    return sorted(found.values())


def _module(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _makers(tree: ast.Module) -> Iterator[Maker]:
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        parameters = tuple(argument.arg for argument in function.args.args)
        for call in _calls(function):
            template = _template(call.args[0], parameters)
            if template is not None and len(call.args) > 1:
                code, argument = template
                yield Maker(function.name, BRANCHES[_name(call)], code, argument, parameters, call)


def _shown(tree: ast.Module) -> Iterator[tuple[tuple[str, str], str]]:
    """What a module takes from another one only to show it: where it is made, and its name here."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (((node.module, one.name), one.asname) for one in node.names if one.asname == one.name)


def _template(code: ast.expr, parameters: tuple[str, ...]) -> tuple[str, str] | None:
    """(`evidence.{}-unknown`, parameter) for an f-string over one parameter, (`{}`, it) for itself, else None."""
    if isinstance(code, ast.Name) and code.id in parameters:
        return "{}", code.id
    if isinstance(code, ast.JoinedStr):
        parts = [ast.Constant("{}") if isinstance(part, ast.FormattedValue) else part for part in code.values]
        named = [part.value for part in code.values if isinstance(part, ast.FormattedValue)]
        if len(named) == 1 and isinstance(named[0], ast.Name) and named[0].id in parameters:
            return "".join(str(part.value) for part in parts if isinstance(part, ast.Constant)), named[0].id
    return None


def _known(name: str, tree: ast.Module, makers: dict[tuple[str, str], Maker]) -> dict[str, Maker]:
    """The makers by the words with which a module calls them: `refused`, or `rules.refused`."""
    known = {function: maker for (module, function), maker in makers.items() if module == name}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                called = alias.asname or alias.name
                for (module, function), maker in makers.items():
                    if (module, function) == (node.module, alias.name):
                        known[called] = maker
                    elif module == f"{node.module}.{alias.name}":
                        known[f"{called}.{function}"] = maker
    return known


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    return (n for n in ast.walk(tree) if isinstance(n, ast.Call) and n.args and _name(n) in BRANCHES)


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _keyword(call: ast.Call, name: str) -> ast.expr:
    return next((k.value for k in call.keywords if k.arg == name), ast.Constant("…"))


def _raised(tree: ast.Module, makers: dict[str, Maker]) -> Iterator[Code]:
    constants = dict(_constants(tree))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args):
        maker = makers.get(ast.unparse(call.func))
        if maker is not None:
            given = dict(zip(maker.parameters, call.args, strict=False)) | {
                k.arg: k.value for k in call.keywords if k.arg
            }
            code = given.get(maker.argument, ast.Constant("…"))
            template, made, known = maker.template, maker.call, constants | given
        elif _name(call) in BRANCHES and len(call.args) > 1:
            code, template, made, known = call.args[0], "{}", call, constants
        else:
            continue
        branch = maker.branch if maker else BRANCHES[_name(call)]
        for one in (code.body, code.orelse) if isinstance(code, ast.IfExp) else (code,):
            named = template.replace("{}", _text(one, constants))
            if _CODE.fullmatch(named):
                yield Code(named, branch, _text(made.args[1], known), _text(_keyword(made, "todo"), known))


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
            yield node.target.id, node.value
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _text(node: ast.expr, known: dict[str, ast.expr], depth: int = 0) -> str:
    """The text of an expression, with `…` for what only the moment knows."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(v, known, depth) for v in node.values)
    if isinstance(node, ast.FormattedValue):
        return _text(node.value, known, depth)
    if isinstance(node, ast.Name) and node.id in known and depth < 3:
        return _text(known[node.id], known, depth + 1)
    return "…"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;") or "…"


if __name__ == "__main__":
    main()
