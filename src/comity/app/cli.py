"""The `comity` command: the rooms' groups and the operator's own commands under one root.

Each is loaded when it is named, so that `comity --help` and offline commands start at once: the imports stand inside
the loaders below, where the checks of types and of the architecture see them.
"""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple, TypeVar

import typer
from typer.core import TyperGroup

from comity.base.errors import BadInput
from comity.kit.shell import (
    FromEnvironment,
    PassphraseFile,
    PinFile,
    PinFromEnvironment,
    keep_passphrase,
    keep_pin,
)
from comity.kit.shell import run as run_shell

if TYPE_CHECKING:
    from comity.app.commands.opened import Opened
    from comity.client.node import Node
    from comity.exchange.service import Station

Done = TypeVar("Done")

_EPILOG: Final = "Start with `comity demo`, or with `comity init --help` for a node of your own."


class Lazy(NamedTuple):
    """A command or group that is not loaded yet: its line in the root's help, and what loads it."""

    line: str
    load: "Callable[[Root], typer.Typer]"


class Root:
    """What the root's options said, and the node that they name, once a command has asked for it."""

    def __init__(self) -> None:
        self.home = Path()
        self.at = ""
        self.token_file: Path | None = None
        self._opened: Opened | None = None

    def far(self, there: "Callable[[Node], Done]") -> "Done | None":
        """What `there` makes of the node that --at names; None where the node is here."""
        from comity.app.commands.far import distant

        return there(distant(self.at, self.token_file)) if self.at else None

    def _here(self) -> Path:
        """The home, for whatever opens it; BadInput where the node is at a distance."""
        if self.at:
            raise BadInput("shell.far", "This is done on the node's own machine", where="--at",
                           todo="Do it there, or leave --at and COMITY_AT out.")  # fmt: skip
        return self.home

    @property
    def opened(self) -> "Opened":
        """The node's handle; asking for it opens nothing."""
        from comity.app.commands.opened import Opened

        if self._opened is None:
            self._opened = Opened(self._here)
        return self._opened

    def close(self) -> None:
        """Let go of the node, if it was opened."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None


# --- loaders: the operator's commands -------------------------------------------------------------------------------


def _init(root: Root) -> typer.Typer:
    from comity.app.commands.founding import init_command

    return init_command(root.opened)


def _upgrade(root: Root) -> typer.Typer:
    from comity.app.commands.founding import upgrade_command

    return upgrade_command(root.opened)


def _run(root: Root) -> typer.Typer:
    from comity.app.commands.running import run_command

    return run_command(root.opened)


def _status(root: Root) -> typer.Typer:
    from comity.app.commands.looking import status_command

    return status_command(root.opened)


def _doctor(root: Root) -> typer.Typer:
    from comity.app.commands.looking import doctor_command

    return doctor_command(root.opened)


def _backup(root: Root) -> typer.Typer:
    from comity.app.commands.saving import backup_command

    return backup_command(root.opened)


def _restore(root: Root) -> typer.Typer:
    from comity.app.commands.saving import restore_command

    return restore_command(root.opened)


def _keys(root: Root) -> typer.Typer:
    from comity.app.commands.keys import keys_command

    return keys_command(root.opened)


def _relay(root: Root) -> typer.Typer:
    from comity.app.commands.relaying import relay_commands

    return relay_commands(root.opened)


# --- loaders: the rooms ---------------------------------------------------------------------------------------------


def _person(root: Root) -> typer.Typer:
    from comity.access import cli

    return cli.commands(root.opened.desk)


def _token(root: Root) -> typer.Typer:
    from comity.access import cli

    return cli.token_commands(root.opened.desk)


def _duty(root: Root) -> typer.Typer:
    from comity.access import cli
    from comity.exchange.cli import add_alarms

    app = cli.duty_commands(root.opened.desk)
    add_alarms(app, root.opened.desk)
    return app


def _case(root: Root) -> typer.Typer:
    from comity.app.wiring import check_offence, forget_case
    from comity.cases import cli

    far = root.far(lambda node: lambda _person: cli.There(node))
    return cli.commands(root.opened.desk, check_offence, forget_case, far)


def _legal(root: Root) -> typer.Typer:
    from comity.app.wiring import partner_key
    from comity.legal import cli

    return cli.commands(root.opened.desk, partner_key)


def _dna(root: Root) -> typer.Typer:
    from comity.dna import cli

    return cli.commands(root.opened.desk, root.far(cli.there))


def _search(root: Root) -> typer.Typer:
    from comity.app.wiring import matchers
    from comity.search import cli

    far = root.far(lambda node: lambda _person: cli.There(node))
    return cli.commands(root.opened.desk, lambda: matchers(None if root.at else root.opened.home), far)


def _evidence(root: Root) -> typer.Typer:
    from comity.evidence import cli

    return cli.commands(root.opened.desk, root.far(cli.there))


def _verify(_root: Root) -> typer.Typer:
    from comity.evidence import cli

    app = typer.Typer()
    app.command("verify")(cli.verify_command)
    return app


def _log(root: Root) -> typer.Typer:
    from comity.access import service as access
    from comity.app.epochs import begin
    from comity.app.wiring import upstairs
    from comity.exchange.cli import epoch_command, monitor_command, timestamps_command
    from comity.log import cli

    def station() -> "Station":
        return root.opened.open().station

    app = cli.commands(root.opened.desk, access.act, upstairs(station), root.far(cli.there))
    app.add_typer(monitor_command(station))
    app.add_typer(timestamps_command(station))
    app.add_typer(epoch_command(root.opened.desk, lambda *what: begin(root.opened.open(), *what)))
    return app


def _federation(root: Root) -> typer.Typer:
    from comity.app.operating import own_entry
    from comity.exchange import cli

    opened = root.opened
    return cli.commands(opened.desk, lambda: opened.open().station, lambda: own_entry(opened.open()))


def _partners(root: Root) -> typer.Typer:
    from comity.exchange import cli

    return cli.partners_command(root.opened.desk, lambda: root.opened.open().station.topics)


def _witness(_root: Root) -> typer.Typer:
    from comity.app.commands.running import run_witness
    from comity.exchange import cli

    return cli.witness_commands(run_witness)


def _deadlines(root: Root) -> typer.Typer:
    from comity.legal import cli

    return cli.deadlines_command(root.opened.desk)


COMMANDS: Final[Mapping[str, Lazy]] = {
    "init": Lazy("Make a node: its keys, its database, its first person.", _init),
    "run": Lazy("Run the node until Ctrl-C.", _run),
    "relay": Lazy("A relay for members that accept no connections.", _relay),
    "status": Lazy("Say how the node stands and what waits.", _status),
    "doctor": Lazy("Check the node; each finding says what to do.", _doctor),
    "deadlines": Lazy("List what is due, the soonest first.", _deadlines),
    "keys": Lazy("The certificate that partners see: show it, renew it.", _keys),
    "person": Lazy("People of this node: add, list, deactivate.", _person),
    "token": Lazy("Access tokens, by which programs act for people.", _token),
    "duty": Lazy("Who is on duty when, hand-overs, alarms.", _duty),
    "federation": Lazy("Whom this node trusts: found, join, keep fresh.", _federation),
    "partners": Lazy("List the partners: reachable or not, what waits.", _partners),
    "witness": Lazy("A neutral witness: cosign others' logs, without a node.", _witness),
    "case": Lazy("Case files: open, show, list, admit.", _case),
    "legal": Lazy("The law that this node applies, and its decisions.", _legal),
    "dna": Lazy("DNA profiles: import, show, weigh, kinship, mixture.", _dna),
    "search": Lazy("Ask other states, and follow the question to its end.", _search),
    "evidence": Lazy("Exhibits: take in, seal, hand over, receive.", _evidence),
    "verify": Lazy("Verify an evidence package, trusting no node.", _verify),
    "log": Lazy("The node's evidence log: read it, prove it whole.", _log),
    "backup": Lazy("Write an encrypted backup: data and keys apart.", _backup),
    "restore": Lazy("Restore a backup into an empty home, read-only.", _restore),
    "upgrade": Lazy("Bring the database to this release.", _upgrade),
}


def build(more: Mapping[str, Lazy] | None = None) -> tuple[typer.Typer, Callable[[], None]]:
    """The root command, `more` commands first, and what must be called when the command has ended."""
    known = {**(more or {}), **COMMANDS}
    root = Root()
    app = typer.Typer(cls=_group(root, known), no_args_is_help=True, add_completion=False, epilog=_EPILOG,
                      rich_markup_mode=None)  # fmt: skip

    @app.callback()
    def comity(
        home: Annotated[
            Path, typer.Option(envvar="COMITY_HOME", help="The node's folder: settings, keys, data.", show_default=True)
        ] = Path("comity-home"),
        passphrase: FromEnvironment = None,
        passphrase_file: PassphraseFile = None,
        pin: PinFromEnvironment = None,
        pin_file: PinFile = None,
        at: Annotated[
            str,
            typer.Option(
                metavar="URL",
                envvar="COMITY_AT",
                show_envvar=False,
                help="A node at a distance, such as http://127.0.0.1:8440.",
            ),
        ] = "",
        token_file: Annotated[
            Path | None,
            typer.Option(
                metavar="FILE",
                envvar="COMITY_TOKEN_FILE",
                show_envvar=False,
                help="With --at: read the access token from the first line of FILE.",
            ),
        ] = None,
    ) -> None:
        """Comity: the exchange node for cross-border forensic and investigative cooperation."""
        root.home = home
        keep_passphrase(passphrase, passphrase_file)
        keep_pin(pin, pin_file)

    return app, root.close


def _group(root: Root, known: Mapping[str, Lazy]) -> type[TyperGroup]:
    """The class of the root group: it lists the known commands, and loads the one that is named."""

    class Group(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            return [*known, *super().list_commands(ctx)]

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            from comity.app.commands.far import without_persons

            root.at, root.token_file = ctx.params.get("at") or "", ctx.params.get("token_file")
            lazy = known.get(cmd_name)
            found = loaded(cmd_name, lazy.load(root)) if lazy else super().get_command(ctx, cmd_name)
            return without_persons(found) if root.at and found is not None else found

        def format_commands(self, ctx: Any, formatter: Any) -> None:
            with formatter.section("Commands"):
                formatter.write_dl([(name, lazy.line) for name, lazy in known.items()])

    return Group


def loaded(name: str, app: typer.Typer) -> Any:
    """The command `name`: the only one of `app`, or `app` itself as a group; its help looks like the root's."""
    holder = typer.Typer(add_completion=False, rich_markup_mode=None)
    if [one.name for one in app.registered_commands] == [name]:
        holder.registered_commands = app.registered_commands
        return typer.main.get_command(holder)
    holder.add_typer(app, name=name)
    return typer.main.get_group(holder).commands[name]


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code."""
    app, close = build()
    try:
        code = run_shell(app, arguments)
    finally:
        close()
    sys.exit(code)
