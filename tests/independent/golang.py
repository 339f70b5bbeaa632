"""Debian's Go with its checksum database packages, and the verifier built by it: once, into `build/independent`.

No module is downloaded: Go works in GOPATH mode over the sources that the package holds.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

APT = "apt-get update && apt-get install -y golang-go golang-golang-x-mod-dev"
SOURCE = Path(__file__).parent / "verifier" / "main.go"
SOURCES = Path("/usr/share/gocode")
BUILD = Path(__file__).resolve().parents[2] / "build" / "independent"


def compiler() -> str | None:
    """The `go` command; None unless it and the sources of its note and tlog packages are installed."""
    packages = SOURCES / "src" / "golang.org" / "x" / "mod" / "sumdb"
    found = all((packages / name).is_dir() for name in ("note", "tlog"))
    return shutil.which("go") if found else None


@cache
def verifier() -> Path:
    """The program, built anew where its source changed; by one process at a time."""
    go = compiler()
    if go is None:
        raise RuntimeError(f"The independent verifier needs Debian's Go. As root: {APT}")
    BUILD.mkdir(parents=True, exist_ok=True)
    program = BUILD / f"verifier-{hashlib.sha256(SOURCE.read_bytes()).hexdigest()[:16]}"
    with (BUILD / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            subprocess.run([go, "vet", str(SOURCE)], env=_environment(), check=True)
            made = program.with_suffix(".new")
            subprocess.run([go, "build", "-trimpath", "-o", str(made), str(SOURCE)], env=_environment(), check=True)
            made.rename(program)
    return program


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "HOME": str(BUILD), "GOPATH": str(SOURCES), "GOCACHE": str(BUILD / "cache"),
        "GO111MODULE": "off", "GOFLAGS": "", "GOPROXY": "off", "CGO_ENABLED": "0",
    }  # fmt: skip


def answers(*questions: dict[str, Any]) -> list[tuple[bool, str]]:
    """What the verifier says to each question: whether it holds, and what was signed or why not."""
    asked = "".join(f"{json.dumps(question)}\n" for question in questions)
    ended = subprocess.run([verifier()], input=asked, capture_output=True, text=True, check=True, env={})
    said = [line.partition(" ") for line in ended.stdout.splitlines()]
    assert len(said) == len(questions), ended.stderr
    assert {word for word, _, _ in said} <= {"yes", "no"}
    return [(word == "yes", rest) for word, _, rest in said]
