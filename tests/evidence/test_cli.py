"""`comity evidence` and `comity verify` as a person or a program calls them."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer

from comity.evidence import cli
from comity.kit.database.unit import Database
from comity.kit.shell import FromEnvironment, PassphraseFile, keep_passphrase, run
from tests.evidence.scene import scene, signed_answer
from tests.evidence.service.agencies import Agency, World, world
from tests.faces import desk_over
from tests.people import PASSPHRASE

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def met(make_database: Callable[[str], Database], tmp_path: Path) -> Iterator[World]:
    with world(make_database, tmp_path) as made:
        yield made


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Ask:
    """`ask(agency, *arguments)`: one command in JSON, which must succeed."""
    monkeypatch.setenv("COMITY_PASSPHRASE", PASSPHRASE)

    def call(agency: Agency, *arguments: str, code: int = 0) -> dict[str, Any]:
        given = run(_app(agency, tmp_path), [*arguments, "--json"])
        told = capsys.readouterr()
        assert given == code, told.err
        answer: dict[str, Any] = json.loads(told.out or told.err)
        return answer

    return call


def _app(agency: Agency, home: Path) -> typer.Typer:
    desk = replace(desk_over(agency.database, home), vault=agency.vault)
    app = typer.Typer()

    @app.callback()
    def root(passphrase: FromEnvironment = None, passphrase_file: PassphraseFile = None) -> None:
        keep_passphrase(passphrase, passphrase_file)

    app.add_typer(cli.commands(lambda: desk), name="evidence")
    app.command("verify")(cli.verify_command)
    return app


def test_a_hand_over_by_commands(met: World, ask: Ask, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_bytes(b"typed twice, both agree\n" * 100)
    item = ask(met.b, "evidence", "take-in", str(report), "--case", met.b.case, "--kind", "laboratory_report",
               "--source", "laboratory", "--exhibit", "B-7", "--as", "custodian-1")["item"]  # fmt: skip
    request = ask(met.a, "evidence", "request", "--case", met.a.case, "--to", "XB", "--yes", "--as",
                  "officer-1")["request"]  # fmt: skip
    ask(met.b, "evidence", "show", request, code=2)
    met.post()
    assert ask(met.b, "evidence", "show", request)["stage"] == "open"
    ask(met.b, "evidence", "offer", request, "--item", item, "--as", "custodian-1")
    ask(met.b, "evidence", "release", request, "--as", "approver-1")
    met.post()
    seen = ask(met.a, "evidence", "show", request, "--until", "received", "--wait", "1")
    assert (seen["stage"], seen["custody"]) == ("received", "XB")
    ask(met.a, "evidence", "show", request, "--until", "countersigned", code=6)
    ask(met.a, "evidence", "accept", request, "--as", "custodian-1")
    met.post()
    done = ask(met.a, "evidence", "show", request, "--until", "countersigned")
    assert done["custody"] == "XA"
    out, receipt, directory = tmp_path / "package.zip", tmp_path / "receipt.dsse", tmp_path / "FEDERATION.zip"
    ask(met.a, "evidence", "export", request, "--out", str(out), "--receipt", str(receipt), "--as", "officer-1")
    directory.write_bytes(met.federation.publish())
    checked = ask(met.a, "verify", str(out), "--receipt", str(receipt), "--directory", str(directory))
    assert checked["ok"] is True
    assert ask(met.a, "verify", str(out), code=2)["authenticated"] is False
    changed = bytearray(out.read_bytes())
    changed[len(changed) // 2] ^= 1
    out.write_bytes(bytes(changed))
    assert ask(met.a, "verify", str(out), "--directory", str(directory), code=1)["ok"] is False
    listed = ask(met.a, "evidence", "list", "--case", met.a.case, "--as", "officer-1")
    assert [row["standing"] for row in listed["items"]] == ["held"]
    told = ask(met.a, "evidence", "show", item, "--as", "officer-1")
    assert told["events"][-1]["type"] == "copied"


def test_text_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = scene()
    (tmp_path / "p.zip").write_bytes(made.build())
    (tmp_path / "r.dsse").write_bytes(signed_answer(made))
    app = typer.Typer()
    app.command("verify")(cli.verify_command)
    assert run(app, [str(tmp_path / "p.zip"), "--receipt", str(tmp_path / "r.dsse")]) == 2
    shown = capsys.readouterr().out
    assert "authenticity not checked" in shown
    assert "information only" in shown
    (tmp_path / "p.zip").write_bytes(b"PK")
    assert run(app, [str(tmp_path / "p.zip")]) == 1
    assert "FAIL container [container]" in capsys.readouterr().out


@pytest.mark.parametrize("more", [["--root-key", "00"], ["--directory", "missing.json"], ["--receipt", "missing"]])
def test_files_that_are_missing(tmp_path: Path, more: list[str]) -> None:
    (tmp_path / "p.zip").write_bytes(scene().build())
    app = typer.Typer()
    app.command("verify")(cli.verify_command)
    assert run(app, [str(tmp_path / "p.zip"), *more]) == 2


def test_a_refusal_by_command(met: World, ask: Ask) -> None:
    _, release = met.offered()
    ask(met.a, "evidence", "refuse", release.id, "--reason", "not needed", "--as", "examiner-1")
    met.post()
    assert ask(met.b, "evidence", "show", release.id)["stage"] == "refused"


def test_a_file_that_cannot_be_read(met: World, ask: Ask, tmp_path: Path) -> None:
    told = ask(met.b, "evidence", "take-in", str(tmp_path / "nothing"), "--case", met.b.case, "--kind", "x", "--source",
               "y", "--as", "custodian-1", code=2)  # fmt: skip
    assert told["error"]["code"] == "shell.file"


def test_an_empty_file_is_sealed_and_named_as_empty(
    met: World, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wiped.dd").write_bytes(b"")
    argv = ["take-in", str(tmp_path / "wiped.dd"), "--case", met.b.case, "--kind", "disk_image", "--source", "s"]
    kept = ask(met.b, "evidence", *argv, "--as", "custodian-1")
    assert kept["empty"] is True and kept["container"]["size"] == 0
    code, out, _ = said(met.b, tmp_path, capsys, "show", kept["item"], "--as", "custodian-1")
    assert code == 0 and "the file is EMPTY (0 bytes)" in out
    (tmp_path / "full.dd").write_bytes(b"x")
    argv[1] = str(tmp_path / "full.dd")
    assert ask(met.b, "evidence", *argv, "--as", "custodian-1")["empty"] is False


def said(agency: Agency, home: Path, capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = run(_app(agency, home), ["evidence", *argv])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_a_request_shows_findings_and_recipient_before_it_is_sent(
    met: World, ask: Ask, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ("request", "--case", met.a.case, "--to", "XB", "--as", "officer-1")
    assert ask(met.a, "evidence", *argv, code=2)["error"]["code"] == "shell.agree"
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    code, _, err = said(met.a, tmp_path, capsys, *argv)
    assert code == 0 and err.endswith("Nothing was sent.\n")
    for told in ("ALLOWED", "Exact recipients: XB\n", "wanted: The laboratory report", "asked by: node XA"):
        assert told in err
    assert "{" not in err and "None" not in err and "True" not in err
    assert ask(met.a, "evidence", "list", "--case", met.a.case, "--as", "officer-1")["requests"] == []
    code, out, _ = said(met.a, tmp_path, capsys, *argv, "--yes")
    assert code == 0 and "sent to XB" in out
    request = out.split()[1]
    code, out, _ = said(met.a, tmp_path, capsys, "show", request, "--as", "officer-1")
    assert code == 0 and "{" not in out and "None" not in out and "category: exhibit" in out


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--to", "XQ"), (2, "evidence.unknown-state")),
        (("--to", "XA"), (2, "evidence.unknown-state")),
        (("--to", "XB", "--instrument", "NOPE"), (2, "evidence.unknown-instrument")),
    ],
)
def test_a_request_that_nobody_could_answer_is_a_slip(
    met: World, ask: Ask, more: tuple[str, ...], code: tuple[int, str]
) -> None:
    argv = ("request", "--case", met.a.case, "--yes", "--as", "officer-1", *more)
    assert ask(met.a, "evidence", *argv, code=code[0])["error"]["code"] == code[1]
