"""`comity federation link` and `unlink`: another federation's members count as ours, by delegation to its root."""

from pathlib import Path
from typing import Annotated

import typer

from comity.base.clock import system_clock
from comity.exchange import service
from comity.exchange.cli.told import office_dict, office_text
from comity.exchange.model import Link
from comity.exchange.service.federation import folder, linking
from comity.kit.shell import AsJson, emit

Office = Annotated[Path, typer.Option("--dir", metavar="DIR", help="The office's folder.")]
Place = Annotated[str, typer.Argument(metavar="PLACE", help="Its FEDERATION.zip, its office's folder or address.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The other federation's name.")]
Root = Annotated[
    str, typer.Option("--root-key", metavar="FINGERPRINT", help="Its root's fingerprint, told by another way.")
]
Codes = Annotated[list[str] | None, typer.Option("--code", help="Only this member of it; may be repeated.")]
Depth = Annotated[int, typer.Option("--depth", min=0, max=2, help="Follow its own links so far.")]


def add_link_commands(app: typer.Typer) -> None:
    """The commands about other federations."""

    @app.command()
    def link(
        place: Place, root_key: Root, office: Office, code: Codes = None, depth: Depth = 0, as_json: AsJson = False
    ) -> None:
        """Delegate to another federation's root: its members are in our directory too, under their own codes.

        Do it again to take its newer edition, at least daily: a federation that is silent for too long leaves only its
        own members out. Its office must link ours as well, or its members do not know us.

        Example: comity federation link other/FEDERATION.zip --root-key FINGERPRINT --dir office
        """
        data = service.read_place(place)
        found = service.open_directory(data, root_key)
        with folder.working(office) as made:
            wanted = Link(found.federation, root_key.lower(), depth, tuple(code or ()))
            linking.link_to(made.office, wanted, data, system_clock())
            made.office.refresh(system_clock())
        emit(office_dict(made), as_json, lambda: f"{found.federation} is linked.\n{office_text(made)}")

    @app.command()
    def unlink(name: Name, office: Office, as_json: AsJson = False) -> None:
        """Delegate to that federation no longer: its members leave our directory with the next edition."""
        with folder.working(office) as made:
            linking.unlink(made.office, name, system_clock())
            made.office.refresh(system_clock())
        emit(office_dict(made), as_json, lambda: f"{name} is no longer linked.\n{office_text(made)}")
