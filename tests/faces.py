"""A node's two faces for tests of one room: its command line in this process, its officer API over loopback."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import fastapi
import httpx
import pytest
import typer

from comity.access import service as access
from comity.base.errors import Conflict, NotAllowed
from comity.base.model import Actor
from comity.kit import shell
from comity.kit.database.unit import Database, Unit
from comity.kit.vault.blobs import Vault
from comity.kit.vault.desk import Desk
from comity.kit.web.problems import answer_errors
from comity.kit.web.servers import serve_in_thread
from comity.log import service as log
from comity.log.model import Record
from tests.people import PASSPHRASE


def desk_over(database: Database, home: Path) -> Desk:
    """The desk of a node with real people."""
    return Desk(database.node, home, database, Vault(home / "vault"), access.enter, _refused)


def _refused(unit: Unit, actor: Actor, verb: str, error: NotAllowed | Conflict) -> None:
    log.append(unit, Record("act.refused", actor, {"verb": verb}, {"code": error.code}))


class Line:
    """`comity` with one room's group; everybody's passphrase is `tests.people.PASSPHRASE`."""

    def __init__(self, name: str, group: typer.Typer, capsys: pytest.CaptureFixture[str]) -> None:
        self._app, self._capsys = typer.Typer(), capsys
        self._app.callback()(self._root)
        self._app.add_typer(group, name=name)

    @staticmethod
    def _root(secret: shell.FromEnvironment = None, passphrase_file: shell.PassphraseFile = None) -> None:
        """Comity."""
        shell.keep_passphrase(secret or PASSPHRASE, passphrase_file)

    def run(self, *argv: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a command."""
        code = shell.run(self._app, argv)
        told = self._capsys.readouterr()
        return code, told.out, told.err

    def ask(self, *argv: str) -> Any:
        """The JSON answer of a command that must succeed."""
        code, out, err = self.run(*argv, "--json")
        assert code == 0, err
        return json.loads(out)

    def fails(self, *argv: str) -> tuple[int, str]:
        """Exit code and error code of a command that must fail."""
        code, out, err = self.run(*argv, "--json")
        assert out == ""
        return code, json.loads(err)["error"]["code"]


@contextmanager
def serving(*routers: fastapi.APIRouter) -> Iterator[Callable[..., httpx.Response]]:
    """`ask(person, method, path, **request)` at a real server on loopback that has `routers`."""
    app = fastapi.FastAPI()
    answer_errors(app)
    for router in routers:
        app.include_router(router)
    server = serve_in_thread(app, "127.0.0.1", 0)
    client = httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False, timeout=60)

    def ask(person: str, method: str, path: str, **request: Any) -> httpx.Response:
        return client.request(method, path, auth=(person, PASSPHRASE), **request)

    try:
        yield ask
    finally:
        client.close()
        server.stop()
