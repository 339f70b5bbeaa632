"""A node killed in the middle of a file, with real processes: it goes on where it was, and one chunk is sent twice."""

from pathlib import Path

from benchmarks import files


def test_a_recipient_that_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    found = files.measure(tmp_path, 64 / 1024, kill=True)
    assert found["sent_twice"] in {0, 1}
    assert not list((tmp_path / "XB" / "vault" / "arriving").iterdir())
