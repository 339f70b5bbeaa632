"""`comity init` and `comity upgrade`: a node's beginning, and its way to a newer release."""

from pathlib import Path
from typing import Annotated

import typer

from comity.app import operating
from comity.app.commands.opened import Opened
from comity.app.settings import SQLITE, Settings, check, load
from comity.app.wiring import create_node
from comity.base.errors import BadInput
from comity.base.model import JsonObject
from comity.kit.shell import AsJson, emit, passphrase

Code = Annotated[str, typer.Option("--code", help="The node's code in the federation, such as XA.")]
Name = Annotated[str, typer.Option("--name", help="The agency's name.")]
Admin = Annotated[str, typer.Option("--admin", metavar="PERSON", help="The first person: the security administrator.")]
Of = Annotated[str, typer.Option("--unit", help="That person's unit.")]
DatabaseUrl = Annotated[
    str, typer.Option("--database", metavar="URL", help="sqlite:///FILE in the home, or postgresql://USER@HOST/NAME.")
]
Host = Annotated[str, typer.Option("--host", help="The address at which partners are listened to.")]
PartnerPort = Annotated[int, typer.Option("--partner-port", help="Port for partners (mutual TLS).")]
OfficerPort = Annotated[int, typer.Option("--officer-port", help="Port for officers, on this machine only.")]
Endpoint = Annotated[
    str, typer.Option("--endpoint", metavar="URL", help="What partners are told; default https://HOST:PORT.")
]
Training = Annotated[bool, typer.Option("--training", help="A synthetic node: quick retries, a banner.")]
MemberFile = Annotated[
    Path | None, typer.Option("--member", metavar="FILE", help="Where the entry for the directory goes.")
]


def init(settings: Settings, admin: str, of: str, member: Path) -> JsonObject:
    """Make the node and write its member entry; what was made."""
    check(settings)
    operating.init(settings, operating.FirstPerson(admin, of, _chosen(admin)), member).close()
    return {"home": str(settings.home), "code": settings.code, "admin": admin, "member": str(member)}


def _chosen(person: str) -> str:
    """A new passphrase, asked for twice so that a slip of the finger locks nobody out."""
    once, again = passphrase(person), passphrase(person)
    if once != again:
        raise BadInput("shell.passphrase-differs", "The two passphrases differ", todo="Type the same one twice.")
    return once


def init_command(opened: Opened) -> typer.Typer:
    """`comity init`."""
    app = typer.Typer()

    @app.command("init")
    def command(
        code: Code, name: Name, admin: Admin = "security-1", unit: Of = "security",
        database: DatabaseUrl = f"{SQLITE}node.db", host: Host = "127.0.0.1", partner_port: PartnerPort = 9440,
        officer_port: OfficerPort = 8440, endpoint: Endpoint = "", training: Training = False,
        member: MemberFile = None, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Make a node: its keys, its database and its first person. Asks for that person's passphrase, twice.

        The home must be empty. Hand the member entry that it writes to the federation's office: with it the others
        learn this node's public keys. Nothing stays behind when it fails.

        Example: comity --home /srv/comity init --code XA --name "Police of Exampleland"
        """
        home = opened.home
        first, most = (1, 5) if training else (5, 3600)
        settings = Settings(
            home, code, name, database, host, partner_port, officer_port, first, most, training, endpoint
        )
        data = init(settings, admin, unit, member or home / operating.MEMBER)
        emit(data, as_json, lambda: (
            f"Node {code} is ready in {home}. What to do next:\n"
            f"1. Hand {data['member']} to the federation's office.\n"
            "2. Import the directory that it signs: comity directory import FILE --root-key FINGERPRINT\n"
            f"3. Add people: comity person add PERSON --unit UNIT --role ROLE --as {admin}\n"
            "4. Start it: comity run"))  # fmt: skip

    return app


def upgrade_command(opened: Opened) -> typer.Typer:
    """`comity upgrade`."""
    app = typer.Typer()

    @app.command("upgrade")
    def command(as_json: AsJson = False) -> None:
        """Bring the node's database to this release. Stop the node and take a copy of its data first.

        One transaction: it happens whole or not at all. Safe to run again; a database that a newer release has
        upgraded is refused.
        """
        node = create_node(load(opened.home))
        try:
            before, after = operating.upgrade(node)
        finally:
            node.close()
        data: JsonObject = {"before": before, "after": after, "changed": before != after}
        done = f"The database is at revision {after}"
        emit(data, as_json, lambda: f"{done}, was {before}." if before != after else f"{done} already.")

    return app
