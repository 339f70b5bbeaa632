"""What commands say, to people and to programs."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import Unavailable
from comity.kit import shell
from tests.kit.shell.programs import failing


def test_emit_speaks_to_people_or_to_programs(capsys: pytest.CaptureFixture[str]) -> None:
    shell.emit({"n": 1}, True, lambda: "one")
    shell.emit({"n": 1}, False, lambda: "one")
    assert capsys.readouterr().out == '{"n": 1}\none\n'


def test_text_of_a_partner_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    shell.emit(None, False, lambda: "a\x1b[2Jb\x9bc\rd\te\nf")
    shell.run(failing(Unavailable("x.y", "a\x1b]0;b", todo="c")), ["do"])
    assert capsys.readouterr() == ("a\\x1b[2Jb\\x9bc\\x0dd\te\nf\n", "Error: a\\x1b]0;b. c\n")


def test_a_table_aligns_and_says_what_to_do_when_empty() -> None:
    assert (
        shell.table(["ID", "UNIT"], [["officer-1", "u"], ["o", "unit"]], "none")
        == "ID         UNIT\nofficer-1  u\no          unit"
    )
    assert shell.table(["ID"], [], "Nobody yet: comity person add.") == "Nobody yet: comity person add."


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.floats(0, 10**7))
def test_time_left_is_said_only_while_something_is_left(done: int, total: int, seconds: float) -> None:
    assert (shell.time_left(done, total, seconds) != "") == (0 < done < total)


def test_time_left_in_words() -> None:
    assert shell.time_left(50, 100, 30) == "about 30 s left"
    assert shell.time_left(10, 100, 60) == "about 9 min left"
    assert shell.time_left(1, 100, 60) == "about 1.6 h left"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_rewrites_one_line_of_a_terminal_and_clears_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell.Progress, "REDRAW_SECONDS", 0.0)
    with shell.Progress("importing", 2000, Terminal()) as progress:
        progress.advance(1500)
        stream = progress._stream
        assert isinstance(stream, Terminal)
        assert stream.getvalue() == "\r\x1b[Kimporting: 1,500 of 2,000, about 1 s left"
    assert stream.getvalue().endswith("\r\x1b[K")


def test_progress_is_silent_where_nobody_watches() -> None:
    stream = io.StringIO()
    with shell.Progress("importing", 2, stream) as progress:
        progress.advance(2)
    assert stream.getvalue() == ""
