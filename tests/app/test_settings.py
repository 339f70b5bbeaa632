"""Settings: what was saved is read back; a bad file is refused with its name and what to write."""

import string
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.app.settings import FILE, Settings, check, load, save
from comity.base.errors import BadInput, Misconfigured

GOOD = 'code = "XA"\nname = "Agency"\n'
NAMES = st.text(min_size=1, max_size=80).filter(lambda text: text.strip() and text.isprintable())
CODES = st.builds(str.__add__, st.sampled_from(string.ascii_uppercase),
                  st.text(string.ascii_uppercase + string.digits + "-", min_size=1, max_size=15))  # fmt: skip


@given(NAMES, CODES, st.tuples(st.integers(1, 65535), st.integers(1, 10**6)), st.booleans())
def test_what_was_saved_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, code: str, numbers: tuple[int, int], training: bool
) -> None:
    home = tmp_path_factory.mktemp("home")
    port, seconds = numbers
    officer = 1 if port == 65535 else port + 1
    made = Settings(home, code, name, 'sqlite:///a "quoted" \\ name.db', "::1", port, officer, 1, seconds, training,
                    "https://node.example:9440")  # fmt: skip
    save(made)
    assert load(home) == made


def test_the_file_is_of_its_owner_alone(tmp_path: Path) -> None:
    save(Settings(tmp_path, "XA", "Agency", "postgresql://node:secret@db/comity"))
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600


def test_defaults(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(GOOD)
    found = load(tmp_path)
    assert found.database_url == f"sqlite:///{tmp_path.resolve()}/node.db"
    assert found.partner_endpoint == "https://127.0.0.1:9440"
    assert found.officer_address == "http://xa.localhost:8440"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgresql+psycopg://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////srv/x.db", "sqlite:////srv/x.db"),
    ],
)
def test_database_urls(tmp_path: Path, given: str, used: str) -> None:
    assert Settings(tmp_path, "XA", "Agency", given).database_url == used


def test_an_ipv6_endpoint_and_one_that_was_given(tmp_path: Path) -> None:
    one = Settings(tmp_path, "XA", "Agency", host="::1")
    assert one.partner_endpoint == "https://[::1]:9440"
    assert replace(one, endpoint="https://xa.example:443").partner_endpoint == "https://xa.example:443"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"code = ", "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
        (b'code = "XA"\n', "`name` is missing"),
        (b"", "`code` is missing"),
        (GOOD.encode() + b"colour = 1\n", "no setting `colour`"),
        (GOOD.encode() + b'home = "/x"\n', "no setting `home`"),
        (GOOD.encode() + b'partner_port = "9440"\n', "`partner_port` is of the wrong kind"),
        (GOOD.encode() + b"partner_port = true\n", "`partner_port` is of the wrong kind"),
        (GOOD.encode() + b"training = 1\n", "`training` is of the wrong kind"),
        (GOOD.encode() + b"partner_port = 70000\n", "`partner_port` cannot be used"),
        (GOOD.encode() + b"officer_port = 9440\n", "`officer_port` cannot be used"),
        (GOOD.encode() + b"retry_first_s = 0\n", "`retry_first_s` cannot be used"),
        (GOOD.encode() + b"retry_most_s = 1\n", "`retry_most_s` cannot be used"),
        (GOOD.encode() + b'endpoint = "http://x:1"\n', "`endpoint` cannot be used"),
        (GOOD.encode() + b'endpoint = "https://x:1/path"\n', "`endpoint` cannot be used"),
        (GOOD.encode() + b'host = "a b"\n', "`host` cannot be used"),
        (GOOD.encode() + b'database = "mysql://x/y"\n', "neither an SQLite file nor PostgreSQL"),
        (GOOD.encode() + b'database = "nonsense"\n', "neither an SQLite file nor PostgreSQL"),
        (b'code = "xa"\nname = "Agency"\n', "no node code"),
        (b'code = "XA"\nname = "two\\nlines"\n', "`name` cannot be used"),
        (b'code = "XA"\nname = " "\n', "`name` cannot be used"),
    ],
)
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(Misconfigured) as caught:
        load(tmp_path)
    assert says in caught.value.what
    assert caught.value.where == str(tmp_path / FILE)
    assert caught.value.todo


@pytest.mark.parametrize("place", ["nowhere", "file"])
def test_no_node_there(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Misconfigured) as caught:
        load(tmp_path / place)
    assert caught.value.code == "node.no-home"


def test_nothing_unusable_is_saved(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        save(Settings(tmp_path, "XA", "Agency", partner_port=0))
    assert not (tmp_path / FILE).exists()
    check(Settings(tmp_path, "XA", "Agency"))
