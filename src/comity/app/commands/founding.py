"""`comity init` and `comity upgrade`: a node's beginning, and its way to a newer release."""

from typing import Annotated

import typer

from comity.access import service as access
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
TokenModule = Annotated[
    str, typer.Option("--token-module", metavar="FILE", help="PKCS #11 module of a token that keeps the node's keys.")
]
TokenLabel = Annotated[str, typer.Option("--token-label", metavar="LABEL", help="That token's label.")]
Training = Annotated[bool, typer.Option("--training", help="A synthetic node: quick retries, a banner.")]


def init(settings: Settings, admin: str, of: str) -> JsonObject:
    """Make the node; what was made."""
    check(settings)
    node = operating.init(settings, operating.FirstPerson(admin, of, _chosen(admin)))
    with node.database.unit("access.first-link") as unit:
        token = access.issue_link(unit, admin, "first")
    node.close()
    link = f"{node.desk.address}/join/{token}"
    return {"home": str(settings.home), "code": settings.code, "admin": admin, "link": link}


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
        token_module: TokenModule = "", token_label: TokenLabel = "", as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Make a node: its keys, its database and its first person. Asks for that person's passphrase, twice.

        With --token-module and --token-label, its signing and log key are made in that token and never leave it, and
        the key-encryption key is sealed there; the PIN comes from --pin-file, COMITY_PIN or a prompt.

        The home must be empty. Nothing stays behind when it fails. Then join a federation, or found one.

        Example: comity --home /srv/comity init --code XA --name "Police of Exampleland"
        """
        home = opened.home
        first, most = (1, 5) if training else (5, 3600)
        settings = Settings(
            home, code, name, database, host, partner_port, officer_port, first, most, training, endpoint,
            token_module=token_module, token_label=token_label,
        )  # fmt: skip
        data = init(settings, admin, unit)
        emit(data, as_json, lambda: (
            f"Node {code} is ready in {home}. What to do next:\n"
            "1. Have the federation's office invite it: comity federation join INVITATION --root-key FINGERPRINT\n"
            "2. When the office has published: comity federation mirror --from FEDERATION.zip\n"
            f"3. Add people: comity person add PERSON --unit UNIT --role ROLE --as {admin}\n"
            "4. Start it: comity run\n"
            f"5. Make {admin}'s passkey, within 24 hours: {data['link']}"))  # fmt: skip

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
