"""Every verb of the officer API has a function of the client, and every function a verb: by the API's own description.

The client's sources are read, not run: each call of its connection names method, path, places, query and body.
"""

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from comity import client
from comity.app import officers, operating
from comity.app.pages.pages import frame
from comity.app.settings import Settings
from comity.client.dna import Kin, Mixture, Own
from comity.client.evidence import Wanted
from comity.client.searches import Question
from tests.people import PASSPHRASE

CALLS: Final = {"ask", "ask_all", "text", "upload", "download"}
BODIES: Final = {
    "question.body()": set(Question("c", "p", ["XB"]).body()),
    "kin.body()": set(Kin("p").body()),
    "own.body()": set(Own("p").body()),
    "mixture.body()": set(Mixture("t", 2).body()),
    "wanted.body()": set(Wanted("c", "w").body()),
    "terms.body()": {"title", "from", "until", "table", "text"},
    "{**terms.body(), 'with': partner}": {"title", "from", "until", "table", "text", "with"},
}
"""The members of bodies that a noun of the client makes."""
ANYTHING: Final = "question"
"""A body whose members the caller chooses."""


@dataclass(frozen=True)
class Call:
    """One call of the connection, as the source has it."""

    where: str
    kind: str
    verb: tuple[str, str]
    names: frozenset[str]
    query: frozenset[str]
    body: frozenset[str] | None


def calls() -> Iterator[Call]:
    for path in sorted(Path(client.__file__).parent.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                yield from _of(path.name, function)


def _of(where: str, function: ast.FunctionDef) -> Iterator[Call]:
    known: dict[str, ast.expr] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            known[node.target.id] = node.value
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            known[node.targets[0].id] = node.value
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Tuple)
            and isinstance(node.value, ast.Tuple)
        ):
            pairs = zip(node.targets[0].elts, node.value.elts, strict=True)
            known |= {name.id: value for name, value in pairs if isinstance(name, ast.Name)}
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {f"self._at.{kind}" for kind in CALLS}:
            yield _call(f"{where}:{function.name}", node, known)


def _call(where: str, node: ast.Call, known: dict[str, ast.expr]) -> Call:
    kind = ast.unparse(node.func).rpartition(".")[2]
    method, path, *more = [ast.literal_eval(one) for one in node.args[:2]] + node.args[2:]
    given = {one.arg: one.value for one in node.keywords}
    if kind == "upload":
        given, more = {"query": more[1]}, []
    body = given.get("body")
    return Call(
        where, kind, (method, path), _keys(more[0], known) if more else frozenset(),
        _keys(given["query"], known) if "query" in given else frozenset(),
        None if body is None else _keys(body, known),
    )  # fmt: skip


def _keys(node: ast.expr, known: dict[str, ast.expr]) -> frozenset[str]:
    """The members of a literal, or of what a noun makes."""
    if isinstance(node, ast.Name) and node.id in known:
        node = known[node.id]
    if isinstance(node, ast.Name) and node.id == ANYTHING:
        return frozenset({ANYTHING})
    text = ast.unparse(node)
    if text in BODIES:
        return frozenset(BODIES[text])
    assert isinstance(node, ast.Dict), text
    return frozenset(ast.literal_eval(key) for key in node.keys if key is not None)


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("verbs") / "home"
    node = operating.init(Settings(home, "XA", "Agency"), operating.FirstPerson("admin-1", "s", PASSPHRASE))
    found: dict[str, Any] = json.loads(json.dumps(officers.api(node, frame(node)).openapi()))
    node.close()
    return found


def operations(description: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method.upper(), path.removeprefix(officers.API)): what
        for path, verbs in description["paths"].items() if path.startswith(officers.API)
        for method, what in verbs.items()
    }  # fmt: skip


def test_every_verb_has_a_function_and_every_function_a_verb(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert {call.verb for call in calls()} == set(operations(description))


def test_each_function_sends_what_its_verb_takes(description: dict[str, Any]) -> None:
    known = operations(description)
    for call in calls():
        what = known[call.verb]
        places = {one["name"] for one in what.get("parameters", ()) if one["in"] == "path"}
        taken = {one["name"]: one["required"] for one in what.get("parameters", ()) if one["in"] == "query"}
        assert call.names == places, call
        assert {name for name, needed in taken.items() if needed} <= call.query <= set(taken), call
        _same_body(description, what, call)


def _same_body(description: dict[str, Any], what: dict[str, Any], call: Call) -> None:
    content = what.get("requestBody", {}).get("content", {})
    if call.kind == "upload":
        assert set(content) == {"application/octet-stream"}, call
        return
    if not content:
        assert call.body is None, call
        return
    schema = content["application/json"]["schema"]
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "properties" not in schema:
        assert call.body == frozenset({ANYTHING}), call
        return
    assert call.body is not None and call.body <= set(schema["properties"]), call
    assert set(schema.get("required", ())) <= call.body, call


def test_each_function_reads_what_its_verb_answers(description: dict[str, Any]) -> None:
    known = operations(description)
    for call in calls():
        good = next(answer for code, answer in known[call.verb]["responses"].items() if code[0] == "2")
        kinds = {kind: told["schema"].get("type", "object") for kind, told in good.get("content", {}).items()}
        expected = {
            "ask": {"application/json": "object"}, "upload": {"application/json": "object"},
            "ask_all": {"application/json": "array"}, "text": {"text/plain": "string"}, "download": {},
        }[call.kind]  # fmt: skip
        assert kinds == expected, call
