"""The command line as a whole: every command teaches, answers JSON, and fails in one way."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from comity.app import program
from comity.app.cli import COMMANDS, Lazy, Root, build, loaded
from tests.app.conftest import Line

SILENT = {("run",), ("witness", "run"), ("relay", "run")}
"""Commands without output to read by a program."""
ROOT = Root()
HEAVY = ("sqlalchemy", "fastapi", "uvicorn", "alembic", "numpy", "psycopg")
PAGES = ("jinja2", "babel", "webauthn", "typst", "segno", "joserfc", "fastapi", "uvicorn")


def tree(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command beneath a group, with its words."""
    subs = getattr(command, "commands", {})
    if not subs:
        yield path, command
    for name, sub in subs.items():
        yield from tree(sub, (*path, name))


def everything() -> list[tuple[tuple[str, ...], Any]]:
    """Every command of `comity`."""
    found = []
    for name, lazy in COMMANDS.items():
        found += list(tree(loaded(name, lazy.load(ROOT)), (name,)))
    return found


ALL = everything()
NAMES = [" ".join(path) for path, _ in ALL]


@pytest.mark.parametrize(("path", "command"), ALL, ids=NAMES)
def test_every_command_teaches(path: tuple[str, ...], command: Any, line: Line) -> None:
    assert command.help, "it says what it does"
    assert command.help.rstrip()[0].isupper()
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"--help of {parameter.name}"
    assert path in SILENT or "--json" in {o for p in command.params for o in p.opts}
    code, out, err = line.run(*path, "--help")
    assert (code, err) == (0, "")
    assert out.startswith("Usage: comity ")
    assert "completion" not in out


@pytest.mark.parametrize(
    ("path", "command"), [(p, c) for p, c in ALL if len(p) > 1], ids=[n for n in NAMES if " " in n]
)
def test_commands_need_a_node(path: tuple[str, ...], command: Any, line: Line) -> None:
    """Without a node every command of a room says so, or needs a word or a file first; none fails in its own way."""
    code, _, err = line.run(*path, "--json")
    assert code in {2, 7}, err
    told = json.loads(err)["error"]
    assert told["code"] in {"shell.usage", "node.no-home"}
    assert told["todo"]


def test_the_root_lists_every_command(line: Line) -> None:
    code, out, _ = line.run("--help")
    assert code == 0
    for name, lazy in COMMANDS.items():
        assert f"  {name} " in out
        assert lazy.line in out, "no line is cut"
    assert line.run()[0] == 2  # no command: the help again, and a usage exit code


def test_groups_say_what_they_hold() -> None:
    for name, lazy in COMMANDS.items():
        command: Any = loaded(name, lazy.load(ROOT))
        assert command.help, name


def test_an_unknown_command(line: Line) -> None:
    assert line.fails("serach") == (2, "shell.usage")
    assert line.fails("person", "ad") == (2, "shell.usage")


def test_empty_states_say_what_to_do(line: Line) -> None:
    line.init()
    for words in (("status",), ("legal", "decisions")):
        code, out, err = line.run(*words)
        assert code == 0, err
        assert "comity " in out, words
    code, _, err = line.run("partners")
    assert code == 7
    assert "comity federation join" in err


def test_the_home_from_the_environment(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    line.init()
    monkeypatch.setenv("COMITY_HOME", str(line.home))
    app, close = build()
    assert typer.main.get_command(app).main(["status", "--json"], prog_name="comity", standalone_mode=False) is None
    close()


def test_more_commands_come_first() -> None:
    app, _ = build({"demo": Lazy("A line.", ROOT_DEMO)})
    group: Any = typer.main.get_command(app)
    assert group.list_commands(None)[0] == "demo"
    assert group.get_command(typer.Context(group), "demo").help


def ROOT_DEMO(_: Root) -> typer.Typer:  # noqa: N802  # stands for a command of another module
    app = typer.Typer()

    @app.command("demo", help="A demo.")
    def demo() -> None: ...

    return app


def test_the_program_ends_with_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        program.main(["--home", "/nowhere", "status"])
    assert left.value.code == 7
    assert "comity init" in capsys.readouterr().err


def test_help_loads_no_more_than_it_needs() -> None:
    """The root's help starts neither web server nor numbers; only what the shared options need."""
    script = f"import sys, comity.app.program as p; print([m for m in {HEAVY!r} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"fastapi", "uvicorn", "alembic", "numpy"} & set(json.loads(told.stdout.replace("'", '"')))


def test_no_command_loads_what_only_pages_and_papers_need(tmp_path: Path) -> None:
    """Every command of the root as it is loaded for use, and one that opens the node; in a process of its own."""
    script = (
        "import json, sys\n"
        "from comity.app.cli import COMMANDS, Root, build\n"
        "from comity.kit.shell import run\n"
        "root = Root()\n"
        "names = [*COMMANDS]\n"
        "for name in names:\n"
        "    COMMANDS[name].load(root)\n"
        "app, close = build()\n"
        f"code = run(app, ['--home', {str(tmp_path / 'home')!r}, 'init', '--code', 'XA', '--name', 'A', '--json'])\n"
        f"code = code or run(app, ['--home', {str(tmp_path / 'home')!r}, 'status', '--json'])\n"
        "close()\n"
        f"print(json.dumps([code, len(names), [m for m in {PAGES!r} if m in sys.modules]]))\n"
    )
    environment = {**os.environ, "COMITY_PASSPHRASE": "correct horse battery staple"}
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=environment)
    code, number, found = json.loads(told.stdout.splitlines()[-1])
    assert (code, found) == (0, []) and number > 20
