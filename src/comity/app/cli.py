"""The `comity` command: the rooms' groups under one root, and the operator's own verbs (init, run, doctor ...)."""

import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from comity.access import cli as access_cli
from comity.access import service as access
from comity.app import operating, server
from comity.app.settings import Settings, load
from comity.app.wiring import Matchers, Node, create_node, find_key
from comity.base.model import JsonObject
from comity.cases import cli as cases_cli
from comity.dna import cli as dna_cli
from comity.evidence import cli as evidence_cli
from comity.exchange import cli as exchange_cli
from comity.kit.shell import AsJson, Desk, FromEnvironment, PassphraseFile, emit, keep_passphrase, passphrase
from comity.kit.shell import run as run_shell
from comity.legal import cli as legal_cli
from comity.log import cli as log_cli
from comity.search import cli as search_cli

_EPILOG = "Start with `comity demo`, or with `comity init --help` for a node of your own."


class _Opened:
    """The node of this command: opened when a command first needs it, closed when the command ends."""

    def __init__(self) -> None:
        self.home = Path()
        self.node: Node | None = None

    def open(self) -> Node:
        """The node in the home that the root options named."""
        if self.node is None:
            self.node = create_node(load(self.home))
            operating.check_schema(self.node)
        return self.node

    def desk(self) -> Desk:
        """The node's desk, for the rooms' commands."""
        return self.open().desk

    def matchers(self) -> Matchers:
        """The node's matchers, for searches."""
        return self.open().matchers

    def close(self) -> None:
        """Let go of the database, if it was opened."""
        if self.node is not None:
            self.node.close()
            self.node = None


def build() -> tuple[typer.Typer, Callable[[], None]]:
    """The root command with every room's group, and what must be called when the command has ended."""
    opened = _Opened()
    app = typer.Typer(no_args_is_help=True, add_completion=False, epilog=_EPILOG, rich_markup_mode=None)

    @app.callback()
    def root(
        home: Annotated[
            Path, typer.Option(envvar="COMITY_HOME", help="The node's folder: settings, keys, data.", show_default=True)
        ] = Path("comity-home"),
        passphrase: FromEnvironment = None,
        passphrase_file: PassphraseFile = None,
    ) -> None:
        """Comity: the exchange node for cross-border forensic and investigative cooperation."""
        opened.home = home
        keep_passphrase(passphrase, passphrase_file)

    _operator_commands(app, opened)
    _rooms(app, opened)
    return app, opened.close


def _rooms(app: typer.Typer, opened: _Opened) -> None:
    app.add_typer(access_cli.commands(opened.desk), name="person")
    app.add_typer(cases_cli.commands(opened.desk), name="case")
    app.add_typer(legal_cli.commands(opened.desk), name="legal")
    app.add_typer(dna_cli.commands(opened.desk), name="dna")
    app.add_typer(search_cli.commands(opened.desk, opened.matchers), name="search")
    app.add_typer(evidence_cli.commands(opened.desk), name="evidence")
    app.add_typer(log_cli.commands(opened.desk, access.act, find_key), name="log")
    exchange_cli.add_commands(app, opened.desk)
    app.command("verify")(evidence_cli.verify_command)


def _operator_commands(app: typer.Typer, opened: _Opened) -> None:
    @app.command("init")
    def init(  # a command's options are its parameters
        code: Annotated[str, typer.Option(help="The node's code in the federation, such as XA.")],
        name: Annotated[str, typer.Option(help="The agency's name.")],
        admin: Annotated[str, typer.Option(help="The first person: the security administrator.")] = "security-1",
        unit: Annotated[str, typer.Option(help="That person's unit.")] = "security",
        database: Annotated[
            str, typer.Option(help="SQLAlchemy URL; default: SQLite in the home.")
        ] = "sqlite:///node.db",
        host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
        partner_port: Annotated[int, typer.Option(help="Port for partners (mutual TLS).")] = 9440,
        officer_port: Annotated[int, typer.Option(help="Port for officers, on this machine only.")] = 8440,
        training: Annotated[
            bool, typer.Option("--training", help="A synthetic node: quick retries, a banner.")
        ] = False,
        member: Annotated[Path | None, typer.Option(help="Where to write the member entry for the directory.")] = None,
        as_json: AsJson = False,
    ) -> None:
        """Make a node: its keys, its database and its first person. Asks for that person's passphrase."""
        first, most = (1, 5) if training else (5, 3600)
        settings = Settings(opened.home, code, name, database, host, partner_port, officer_port, first, most, training)
        made = operating.init(settings, operating.FirstPerson(admin, unit, passphrase(admin)))
        entry = operating.write_member(made, member or opened.home / "member.json")
        data: JsonObject = {"home": str(opened.home), "code": code, "admin": admin, "member": str(entry)}
        emit(data, as_json, lambda: (
            f"Node {code} is ready in {opened.home}.\nNext: hand {entry} to the federation's office; "
            "import the directory that it signs\n"
            "(comity directory import); add people (comity person add); then comity run."))  # fmt: skip
        made.close()

    @app.command("run")
    def run() -> None:
        """Run the node until Ctrl-C: partners over mutual TLS, officers on this machine, delivery and handling."""
        ended = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            with suppress(ValueError):
                signal.signal(number, lambda *_: ended.set())
        with server.running(opened.open()) as at:
            typer.echo(
                f"{at.code} is ready: officers {at.officers}, partners {at.partners}. Stop with Ctrl-C.", err=True
            )
            ended.wait()

    @app.command("status")
    def status(as_json: AsJson = False) -> None:
        """Say how the node stands: log, partners, queues, what waits for whom."""
        data = operating.status(opened.open())
        emit(data, as_json, lambda: operating.status_text(data))

    @app.command("doctor")
    def doctor(
        migrate: Annotated[bool, typer.Option("--migrate", help="Bring the database to this release.")] = False,
        as_json: AsJson = False,
    ) -> None:
        """Check the node: keys, database, schema, directory, log, disk, clock. Exit 1 when something needs care."""
        node = create_node(load(opened.home))
        if migrate:
            operating.migrate(node)
        data = operating.doctor(node)
        node.close()
        emit(data, as_json, lambda: operating.doctor_text(data))
        if not data["ok"]:
            raise typer.Exit(1)

    @app.command("backup")
    def backup(
        out: Annotated[Path, typer.Option(help="The backup file to write.")],
        keys_out: Annotated[Path, typer.Option(help="The key file to write; keep it elsewhere.")],
        as_json: AsJson = False,
    ) -> None:
        """Write an encrypted backup of data and, apart from it, of the keys. The passphrase opens both."""
        data = operating.backup(opened.open(), out, keys_out, passphrase("the backup"))
        emit(data, as_json, lambda: f"Backup in {out}, keys in {keys_out}. Keep them in different places.")

    @app.command("restore")
    def restore(
        source: Annotated[Path, typer.Argument(metavar="BACKUP", help="The backup file.")],
        keys: Annotated[Path, typer.Option(help="The key file.")],
        database: Annotated[str, typer.Option(help="Where to restore to; default: SQLite.")] = "sqlite:///node.db",
        as_json: AsJson = False,
    ) -> None:
        """Restore a backup into an empty home. The node starts read-only: going on would fork its log."""
        data = operating.restore(opened.home, (source, keys), database, passphrase("the backup"))
        emit(data, as_json, lambda: f"Restored to {opened.home}, read-only, at log size {data['log_size']}.")


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    app, close = build()
    try:
        code = run_shell(app, arguments)
    finally:
        close()
    sys.exit(code)
