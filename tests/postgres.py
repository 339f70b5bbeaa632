"""A throwaway PostgreSQL cluster for one test run, shared by all its workers.

The controller of the run makes an empty folder and a caretaker; the first test that asks for a database starts the
cluster in it (one at a time, under a file lock); every test clones the template database. The cluster listens on a
Unix socket in that folder only. The caretaker stops the server and removes the folder when the run's controller ends,
however it ends.
"""

import fcntl
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

APT = "apt-get update && apt-get install -y postgresql"
OLDEST = 15
TEMPLATE = "template_of_tests"
ROOM = 2 << 30
"""Bytes that a run may need: a dozen databases at once, and what the server logs."""
CARETAKER = """
read -r _ || true
if [ -f "$1/cluster/postmaster.pid" ]; then
  kill -QUIT "$(head -n 1 "$1/cluster/postmaster.pid")"
  while [ -f "$1/cluster/postmaster.pid" ]; do sleep 0.05; done
fi
rm -rf "$1"
"""
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
shared_buffers = 64MB
"""


def binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, the newest version where several are installed; None where none is."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb"), *map(Path, filter(None, [shutil.which("initdb")]))]
    newest = max(((_version(initdb), initdb.resolve().parent) for initdb in found), default=(0, None))
    return newest[1] if newest[0] >= OLDEST else None


def _version(initdb: Path) -> int:
    """15 for ``initdb (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)``; 0 for anything else."""
    said = subprocess.run([initdb, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(match[1]) if match else 0


@dataclass(frozen=True)
class Cluster:
    """Where the cluster of this run lives; it may not run yet."""

    folder: Path

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of the database `name` in this cluster."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def ensure(self, build_schema: Callable[[str], None]) -> None:
        """Start the cluster and build its template, unless another worker already did."""
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (self.folder / "ready").exists():
                if not (self.folder / "cluster").exists():
                    self._start()
                self._sql(f"DROP DATABASE IF EXISTS {TEMPLATE} WITH (FORCE)")  # an earlier try to build it failed
                self._sql(f"CREATE DATABASE {TEMPLATE}")
                build_schema(self.url(TEMPLATE))
                (self.folder / "ready").touch()

    @contextmanager
    def clone(self) -> Iterator[str]:
        """The URL of a fresh copy of the template; dropped afterwards, whoever is still connected."""
        name = f"t_{uuid.uuid4().hex}"
        self._sql(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        try:
            yield self.url(name)
        finally:
            self._sql(f"DROP DATABASE {name} WITH (FORCE)")

    def _sql(self, statement: str) -> None:
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def _start(self) -> None:
        """initdb and start under an account that PostgreSQL accepts: it refuses to run as root."""
        tools, data = binaries(), self.folder / "cluster"
        assert tools is not None, f"PostgreSQL is not installed: {APT}"
        _as_owner(
            tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"
        )
        with (data / "postgresql.conf").open("a") as conf:
            conf.write(SETTINGS.format(folder=self.folder))
        _as_owner(tools / "pg_ctl", "-D", data, "-w", "-t", "60", "-l", self.folder / "cluster" / "log", "start")


def _account() -> str | None:
    """The unprivileged account to run the server: needed for root only."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def _as_owner(*command: str | Path) -> None:
    account = _account()
    done = subprocess.run(
        [str(part) for part in command],
        user=account,
        group=pwd.getpwnam(account).pw_gid if account else None,
        extra_groups=[] if account else None,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr}")


def _quickest() -> str:
    """Memory, where there is room in it: a clone of the template is a thousand files, twenty times dearer on a disk.

    Either name is short, for a socket's path has at most 107 bytes.
    """
    shared = Path("/dev/shm")  # a folder of our own is made in it
    usable = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > ROOM
    return str(shared) if usable else "/tmp"  # likewise


class Caretaker:
    """Holds the run's folder; closing it, or dying, stops the cluster and removes the folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="comity-pg-", dir=_quickest()))
        if account := _account():
            os.chown(self.folder, pwd.getpwnam(account).pw_uid, pwd.getpwnam(account).pw_gid)
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", CARETAKER, "caretaker", str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )

    def close(self) -> None:
        """Stop the cluster, if it was started, and wait until its folder is gone."""
        self._process.communicate()
