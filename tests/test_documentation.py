"""The documentation stays true: every command it shows exists, every link leads somewhere, the first steps run.

Read-only but for one test, which joins a federation in a temporary folder by the README's own lines.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import typer

from comity.app import program
from comity.app.cli import Lazy, build
from tests import error_codes

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").rglob("*.md"))]
SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:\.venv/bin/)?comity(?: [^`]+)?|make [a-z]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEREDOC = re.compile(r"<<(\w+)\n.*?^\1\n", re.MULTILINE | re.DOTALL)
MACHINE = re.compile(r"pypi|artifactory|nexus|jfrog|index-url|/(?:root|work|tmp|Users|home/\w+)/", re.IGNORECASE)
"""Names of one machine or one registry; a reader has another."""
PLACEHOLDER = re.compile(r"\.\.\.|…")


class Shown(NamedTuple):
    """A command as a page shows it."""

    page: str
    words: tuple[str, ...]


@cache
def tree() -> Any:
    """The command line's root group, demo included."""
    app, _ = build({"demo": Lazy("", program._demo)})
    return typer.main.get_command(app)


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def lines(page: Path) -> Iterator[str]:
    """The lines of the page's shell blocks, joined where they are continued, without here-documents and comments."""
    for block in SHELL.findall(page.read_text(encoding="utf-8")):
        yield from HEREDOC.sub("\n", block).replace("\\\n", " ").splitlines()


def shown(name: str) -> list[Shown]:
    """Every call of the program `name` in blocks and in running text."""
    found = []
    for page in PAGES:
        text = INLINE.findall(SHELL.sub("", page.read_text(encoding="utf-8")))
        for line in [*lines(page), *text]:
            words = shlex.split(re.sub(r"\$\([^)]*\)|[][|]", " ", line), comments=True)
            while words and ("=" in words[0] and not words[0].startswith("-")):
                words = words[1:]
            if words and Path(words[0]).name == name:
                found.append(Shown(named(page), tuple(words[1:])))
    return found


def problem(words: tuple[str, ...]) -> str:
    """What is wrong with a call of `comity`; empty when every command and option in it exists."""
    command, rest = tree(), [word for word in words if not PLACEHOLDER.fullmatch(word)]
    while rest:
        word = rest.pop(0)
        if word.startswith("-"):
            option = next((p for p in command.params if word.partition("=")[0] in p.opts), None)
            if option is None and word not in ("--help",):
                return f"{command.name} has no option {word}"
            if option is not None and not option.is_flag and "=" not in word and rest:
                rest.pop(0)
        elif hasattr(command, "list_commands"):
            inner = command.get_command(typer.Context(command), word)
            if inner is None:
                return f"{command.name} has no command {word}"
            command = inner
    return ""


def test_the_pages_show_commands() -> None:
    """The tests below look at something."""
    assert len(shown("comity")) > 40
    assert len(shown("make")) >= 2


@pytest.mark.parametrize("call", sorted(set(shown("comity"))), ids=lambda c: f"{c.page}: {' '.join(c.words)}"[:100])
def test_every_comity_command_exists(call: Shown) -> None:
    assert problem(call.words) == ""


@pytest.mark.parametrize(
    "words", [("frobnicate",), ("person", "sing"), ("person", "add", "--rôle", "x"), ("--hom", "x", "run")]
)
def test_a_command_that_does_not_exist_is_noticed(words: tuple[str, ...]) -> None:
    assert problem(words)


def test_every_make_target_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    asked = {word for call in shown("make") for word in call.words if re.fullmatch("[a-z]+", word)}
    assert asked <= targets


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_relative_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in link and not link.startswith(("#", "mailto:")):
            assert (page.parent / link.partition("#")[0]).exists(), link


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md", *sorted((ROOT / "deploy").iterdir())], ids=named)
def test_no_machine_and_no_registry_is_named(page: Path) -> None:
    assert not MACHINE.findall(page.read_text(encoding="utf-8"))


def test_every_decision_has_its_own_number() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [page.name.partition("-")[0] for page in pages]
    assert len(set(numbers)) == len(numbers) > 0
    for page, number in zip(pages, numbers, strict=True):
        text = page.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(number)}. "), page.name
        assert all(f"\n## {part}\n" in text for part in ("Context", "Decision", "Consequences")), page.name


def test_terms_are_sorted_and_explained_once() -> None:
    text = (ROOT / "docs" / "terms.md").read_text(encoding="utf-8")
    terms = [row.split("|")[1].strip() for row in text.splitlines() if row.startswith("| ")][1:]
    assert terms == sorted(set(terms), key=str.casefold)


def test_the_tests_that_the_threats_name_exist() -> None:
    text = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
    named_tests = re.findall(r"`([\w/]+\.py)::(\w+)`", text)
    assert named_tests
    for path, function in named_tests:
        assert f"def {function}(" in (ROOT / "tests" / path).read_text(encoding="utf-8"), f"{path}::{function}"


def test_error_codes_are_those_of_the_source() -> None:
    """The generated page is up to date."""
    assert error_codes.PAGE.read_text(encoding="utf-8") == error_codes.page(), "Run: python -m tests.error_codes"


STEPS = ("init", "create", "invite", "join", "publish", "mirror", "add")


def test_joining_a_federation_as_the_readme_says(tmp_path: Path) -> None:
    """The README's own lines, with their placeholders filled in, up to the first person; `run` is left out."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = SHELL.findall(readme[readme.index("## Join a federation") :])[0]
    fingerprint = ""
    done = []
    for line in block.splitlines():
        words = shlex.split(line, comments=True)
        if not words or words[-1] == "run":
            continue
        filled = [_filled(word, fingerprint) for word in words]
        out = _comity(tmp_path, filled[1:])
        found = re.search(r"root key ([0-9a-f]{64})", out)
        fingerprint = found[1] if found else fingerprint
        done.append(" ".join(word for word in filled if word in STEPS))
    assert done == list(STEPS)
    assert "officer-1" in _comity(tmp_path, ["--home", "home", "person", "list"])
    assert "XY" in _comity(tmp_path, ["--home", "home", "federation", "show"])


def test_the_law_is_imported_and_asked_as_its_page_says(tmp_path: Path) -> None:
    """Every shell block of the page, in order, on a node with a lawyer and an operator, to all three outcomes."""
    _comity(tmp_path, ["--home", "home", "init", "--code", "XY", "--name", "Agency"])
    for person in ("lawyer-1", "operator-1"):
        role = person.removesuffix("-1")
        added = ["person", "add", person, "--unit", "law", "--role", role, "--as", "security-1"]
        _comity(tmp_path, ["--home", "home", *added])
    script = "".join(SHELL.findall((ROOT / "docs" / "operate" / "law.md").read_text(encoding="utf-8")))
    program = f'comity() {{ {shlex.quote(sys.executable)} -m comity --home home "$@"; }}'
    ended = subprocess.run(
        ["bash", "-euc", f"{program}\n{script}"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env=os.environ | {"COMITY_PASSPHRASE": "words for a test only"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert "ok   law: set 3 of lawyer-1" in ended.stdout and "day_off XY --12-25" in ended.stdout
    for name in ("allow", "deny", "refer"):
        asked = ["--home", "home", "legal", "explain", "--facts", f"{name}.json", "--json"]
        assert f'"decision": "{name}"' in _comity(tmp_path, asked)


def _filled(word: str, fingerprint: str) -> str:
    return {"HOME": "home", "FINGERPRINT": fingerprint}.get(word, word)


def _comity(folder: Path, arguments: list[str]) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    ended = subprocess.run(
        [sys.executable, "-m", "comity", *arguments], cwd=folder, capture_output=True, text=True, check=False,
        env=environment | {"COMITY_PASSPHRASE": "words for a test only"},
    )  # fmt: skip
    assert ended.returncode == 0, f"comity {shlex.join(arguments)}: {ended.stderr}"
    return ended.stdout


def test_the_service_unit_is_accepted_by_systemd(tmp_path: Path) -> None:
    """Its program exists (`comity run`), and where systemd is installed it finds no fault with the unit."""
    unit = (ROOT / "deploy" / "comity.service").read_text(encoding="utf-8")
    started = re.findall(r"^ExecStart=\S*/comity (.*)$", unit, re.MULTILINE)
    assert [problem(tuple(words.split())) for words in started] == [""]
    if shutil.which("systemd-analyze"):
        here = tmp_path / "comity.service"
        here.write_text(re.sub(r"^ExecStart=\S*/comity", f"ExecStart={sys.executable}", unit, flags=re.MULTILINE))
        ended = subprocess.run(["systemd-analyze", "verify", here], capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
