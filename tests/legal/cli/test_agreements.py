"""`comity legal agreement` on two nodes: written, carried by hand, signed, extended, ended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database
from comity.legal import cli
from tests.faces import Line, desk_over
from tests.legal.agreements import TABLE, TEXT, Office, office

Lines = tuple[Line, Line]


@pytest.fixture
def lines(
    make_database: Callable[[str], Database], keyring: Callable[[str], KeyRing], tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> Lines:  # fmt: skip
    """The command lines of XA and XB."""
    made = [_line(office(make_database(code), keyring), tmp_path / code, capsys) for code in ("XA", "XB")]
    (tmp_path / "mou.yaml").write_text(TABLE, encoding="utf-8")
    (tmp_path / "mou.md").write_bytes(TEXT)
    return made[0], made[1]


def _line(one: Office, home: Path, capsys: pytest.CaptureFixture[str]) -> Line:
    desk = desk_over(one.database, home)
    return Line("legal", cli.commands(lambda: desk, one.find_key), capsys)


def new(folder: Path, *more: str) -> tuple[str, ...]:
    files = ("--table", str(folder / "mou.yaml"), "--text", str(folder / "mou.md"))
    days = ("--from", "2026-04-01", "--until", "2028-03-31")
    return ("legal", "agreement", "new", "DNA searches", "--with", "XB", *days, *files, "--as", "lawyer-1", *more)


def test_two_nodes_come_to_an_agreement_by_letters(lines: Lines, tmp_path: Path) -> None:
    a, b = lines
    code, out, _ = a.run("legal", "agreement", "list")
    assert code == 0 and "No agreements yet" in out
    made = a.ask(*new(tmp_path))
    assert (made["state"], made["with"], made["version"]) == ("draft", "XB", 1)
    act = ("--as", "lawyer-1")
    letter, answer = str(tmp_path / "letter"), str(tmp_path / "answer")
    assert a.ask("legal", "agreement", "sign", made["agreement"], *act)["state"] == "signed_here"
    assert a.ask("legal", "agreement", "propose", made["agreement"], "--out", letter, *act)["letter"] == letter
    assert b.ask("legal", "agreement", "receive", letter, *act)["state"] == "signed_there"
    code, out, _ = b.run("legal", "agreement", "show", made["agreement"])
    assert code == 0 and made["digest"] in out and "Memorandum on DNA searches" in out and "hit_no_hit" in out
    b.ask("legal", "agreement", "sign", made["agreement"], *act)
    b.ask("legal", "agreement", "propose", made["agreement"], "--out", answer, *act)
    assert a.ask("legal", "agreement", "receive", answer, *act)["state"] == "concluded"
    mine, other = (one.ask("legal", "agreement", "show", made["agreement"]) for one in lines)
    assert mine["digest"] == other["digest"] and mine["text"] == other["text"] == TEXT.decode()
    assert {s["node"] for s in mine["versions"][0]["signatures"]} == {"XA", "XB"}
    assert "XA-XB-1" in a.run("legal", "show")[1]
    _, out, _ = a.run("legal", "agreement", "list")
    assert "concluded" in out and "2028-03-31" in out
    longer = a.ask("legal", "agreement", "extend", made["agreement"], "--until", "2030-03-31", *act)
    assert (longer["version"], longer["until"], longer["versions"][1]["kind"]) == (2, "2030-03-31", "extension")
    assert b.fails("legal", "agreement", "end", made["agreement"], "--on", "soon", *act) == (2, "legal.agreement-terms")
    ended = b.ask("legal", "agreement", "end", made["agreement"], "--on", "2027-01-31", "--reason", "new statute", *act)
    assert ended["versions"][1]["reason"] == "new statute"


def test_a_counter_proposal(lines: Lines, tmp_path: Path) -> None:
    a, b = lines
    made = a.ask(*new(tmp_path))
    letter = str(tmp_path / "letter")
    a.ask("legal", "agreement", "propose", made["agreement"], "--out", letter, "--as", "lawyer-1")
    b.ask("legal", "agreement", "receive", letter, "--as", "lawyer-1")
    files = ("--table", str(tmp_path / "mou.yaml"), "--text", str(tmp_path / "mou.yaml"))
    options = ("--from", "2026-04-01", "--until", "2028-03-31", "--title", "Ours", *files, "--as", "lawyer-1")
    found = b.ask("legal", "agreement", "revise", made["agreement"], *options)
    assert (found["version"], found["title"], found["versions"][1]["previous"]) == (2, "Ours", made["digest"])


def test_slips_say_what_to_do_and_keep_nothing(lines: Lines, tmp_path: Path) -> None:
    a, b = lines
    assert a.fails(*new(tmp_path)[:-1], "officer-1") == (3, "access.role")
    (tmp_path / "mou.yaml").write_text(TABLE.replace('source: "memorandum, paragraph 1"', 'source: ""'))
    assert a.fails(*new(tmp_path)) == (2, "legal.table")
    (tmp_path / "letter").write_bytes(b"Dear colleagues,")
    assert b.fails("legal", "agreement", "receive", str(tmp_path / "letter"), "--as", "lawyer-1") == (
        2,
        "legal.agreement-letter",
    )
    assert a.ask("legal", "agreement", "list") == b.ask("legal", "agreement", "list") == []
    assert a.fails("legal", "agreement", "show", "none") == (2, "legal.agreement")


def test_a_letter_that_cannot_be_written_is_not_sent(lines: Lines, tmp_path: Path) -> None:
    a, _ = lines
    made = a.ask(*new(tmp_path))
    out = ("--out", str(tmp_path), "--as", "lawyer-1")
    assert a.fails("legal", "agreement", "propose", made["agreement"], *out) == (2, "shell.out")
    assert a.ask("legal", "agreement", "show", made["agreement"])["versions"][0]["sent"] is False


def test_without_a_directory_there_are_no_agreements(database: Database, tmp_path: Path) -> None:
    desk = desk_over(database, tmp_path)
    groups = cli.commands(lambda: desk).registered_groups
    assert [group.name for group in groups if group.name == "agreement"] == []
