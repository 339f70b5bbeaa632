"""Every rule of the house can fail: these violations are planted in one copy of the tree, and each must be named."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
}

MUST_NOT_IMPORT = [
    ("storeys", "comity.log.service", "comity.legal.model"),
    ("storeys", "comity.base.ids", "comity.kit.codec.jcs"),
    ("storeys", "comity.dna.service", "comity.evidence.model"),
    ("files", "comity.search.rules", "comity.search.wire"),
    ("files", "comity.access.store", "comity.access.service"),
    ("kit", "comity.kit.crypto.signing", "comity.kit.codec.b64"),
    ("kit", "comity.kit.shell", "comity.kit.web.servers"),
    ("pure-kit", "comity.search.model", "comity.kit.codec.jcs"),
    ("pure-world", "comity.search.model", "os"),
    ("pure-world", "comity.legal.rules", "socket"),
    ("pure-world", "comity.log.rules", "sqlalchemy"),
    ("wire", "comity.search.wire", "comity.kit.database.unit"),
    ("store", "comity.search.store", "comity.kit.vault.blobs"),
    ("faces", "comity.search.cli", "comity.search.store"),
    ("faces", "comity.exchange.jobs", "comity.kit.crypto.signing"),
    ("frameworks", "comity.kit.codec.b64", "typer"),
    ("frameworks", "comity.log.service", "fastapi"),
]
MUST_NOT_CIRCLE = ("comity.kit.codec.b64", "comity.kit.codec.xml")
MUST_NOT_BE = {
    "test_rooms_enter_each_other_by_the_door": ("comity.dna.service", "import comity.search.rules"),
    "test_a_rooms_init_imports_nothing": ("comity.log.__init__", "import comity.log.model"),
    "test_folders_storeys_and_containers_agree": ("comity.alerts.__init__", ""),
    "test_only_legal_makes_permits": ("comity.search.service", "import comity.legal.model as m\n\nm.Permit()"),
}


def plant(house: Path, module: str, line: str) -> None:
    """Add `line` to `module`: to its file, to its folder's `__init__`, or to a new file."""
    path = house.joinpath(*module.split(".")[1:])
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    file.parent.mkdir(exist_ok=True)
    with file.open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")


def run_in(copy: Path, *command: str) -> str:
    """What `command`, run on the copy instead of the installed package, prints."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def mutant(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source and the rules, with every violation in it."""
    copy = tmp_path_factory.mktemp("mutant")
    shutil.copytree(REPOSITORY / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", copy)
    (copy / "tests").mkdir()
    shutil.copy(REPOSITORY / "tests" / "test_architecture.py", copy / "tests")
    for _, importer, imported in MUST_NOT_IMPORT:
        plant(copy / "src" / "comity", importer, f"import {imported}")
    for one, other in (MUST_NOT_CIRCLE, MUST_NOT_CIRCLE[::-1]):
        plant(copy / "src" / "comity", one, f"import {other}")
    plant(copy / "src" / "comity", "comity.log.helpers", "")
    for module, line in MUST_NOT_BE.values():
        plant(copy / "src" / "comity", module, line)
    return copy


@pytest.fixture(scope="module")
def complaints(mutant: Path) -> dict[str, str]:
    """What import-linter says of the mutant, by the contract's id."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    (mutant / "lint.py").write_text(code, encoding="utf-8")
    said = run_in(mutant, "lint", "--no-cache", "--no-logo").split("Broken contracts", 1)[1]
    titles = "|".join(re.escape(name) for name in CONTRACTS.values())
    parts = re.split(rf"^({titles})\n-+$", said, flags=re.MULTILINE)
    by_name = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {ident: by_name.get(name, "") for ident, name in CONTRACTS.items()}


@pytest.mark.parametrize(("contract", "importer", "imported"), MUST_NOT_IMPORT)
def test_this_import_must_fail(complaints: dict[str, str], contract: str, importer: str, imported: str) -> None:
    assert f"{importer} -> {imported} (" in complaints[contract]


def test_every_contract_has_a_mutation() -> None:
    assert {contract for contract, _, _ in MUST_NOT_IMPORT} == set(CONTRACTS) - {"cycles"}


def test_a_cycle_within_a_package_must_fail(complaints: dict[str, str]) -> None:
    assert "No cycles are allowed in comity.kit.codec." in complaints["cycles"]


def test_a_file_of_another_name_must_fail(complaints: dict[str, str]) -> None:
    assert "comity.log.helpers" in complaints["files"]


def test_the_rules_that_import_linter_cannot_say_must_fail(mutant: Path) -> None:
    said = run_in(mutant, "pytest", "-p", "no:randomly", "-p", "no:cacheprovider", "--noconftest", "tests")
    assert set(re.findall(r"^FAILED \S+::(\w+)", said, re.MULTILINE)) == set(MUST_NOT_BE)
