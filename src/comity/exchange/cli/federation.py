"""`comity federation`: the office's acts (create, invite, publish, revoke) and a member's (join, mirror, show)."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from comity.base.clock import system_clock
from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.exchange import service
from comity.exchange.cli.linking import add_link_commands
from comity.exchange.cli.rooting import add_root_commands
from comity.exchange.cli.told import directory_dict, directory_text, office_dict, office_text
from comity.exchange.service import Station
from comity.exchange.service.federation import folder, joining
from comity.exchange.service.federation.founding import Charter
from comity.kit.shell import AsJson, Desk, emit, read_file, table, write_file

Office = Annotated[Path, typer.Option("--dir", metavar="DIR", help="The office's folder.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The federation's name; it never changes.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="The code of a member's node, such as XA.")]
Files = Annotated[list[Path] | None, typer.Argument(metavar="ENTRY.json...", help="Files that members handed in.")]
Lift = Annotated[bool, typer.Option("--lift", help="The other way round: no longer revoked.")]
InvitedFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Else CODE-invitation.json.")]
EntryFile = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where it goes; else CODE-entry.json.")]
Invited = Annotated[Path | None, typer.Argument(metavar="INVITATION.json", help="The file that the office sent.")]
Fingerprint = Annotated[
    str | None, typer.Option("--root-key", metavar="FINGERPRINT", help="The root's fingerprint, told by another way.")
]
Place = Annotated[
    str | None,
    typer.Option("--from", metavar="PLACE", help="FEDERATION.zip, the office's folder, an https address."),
]
OfOffice = Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="What this office's folder says instead.")]


def commands(
    desk: Callable[[], Desk],
    station: Callable[[], Station] | None = None,
    entry: Callable[[], JsonObject] | None = None,
) -> typer.Typer:
    """The group `federation`. `entry` gives what this node says of itself, `station` its end of the exchange."""
    app = typer.Typer(no_args_is_help=True, help="Whom this node trusts: found a federation, join one, keep it fresh.")
    for act in (create, invite, publish, revoke):
        app.command()(act)
    add_root_commands(app)
    add_link_commands(app)
    if entry is not None:
        _add_join(app, desk, entry)
    _add_node(app, desk, station)
    return app


def create(name: Name, office: Office, as_json: AsJson = False) -> None:
    """Found a federation: the office's folder with its keys, and a root that one founder holds.

    Keep DIR/keys to yourself; move root.pem and targets.pem offline, and add holders with `federation rotate`.

    Example: comity federation create "Training Region" --dir office
    """
    made = folder.create(office, Charter(name), system_clock())
    emit(office_dict(made), as_json, lambda: (
        f"{office_text(made)}\nNext: comity federation invite CODE --dir {office}"))  # fmt: skip


def invite(code: Code, office: Office, out: InvitedFile = None, as_json: AsJson = False) -> None:
    """Invite a node: one file for it, good for one joining. Tell its operator the fingerprint by telephone.

    A member that has lost its membership key is invited again the same way.
    """
    with folder.working(office) as made:
        invitation = made.invite(code, system_clock())
        file = out or Path(f"{code}-invitation.json")
        write_file(file, joining.invitation_file(invitation))
    data: JsonObject = {
        "file": str(file), "code": code, "federation": invitation.federation, "invitation": invitation.id,
        "root": invitation.fingerprint,
    }  # fmt: skip
    emit(data, as_json, lambda: (
        f"Send {file} to {code}. On the telephone, tell its operator the root key {invitation.fingerprint}\n"
        f"There: comity federation join {file.name} --root-key {invitation.fingerprint}"))  # fmt: skip


def publish(office: Office, files: Files = None, as_json: AsJson = False) -> None:
    """Take in what members handed in, and say anew which edition is the newest.

    Without files it only says so: do that every hour, or let a running node `mirror --from DIR`. With a file of
    somebody new it needs the targets key. Compare the printed key of a newcomer with its operator.
    """
    with folder.working(office) as made:
        for file in files or []:
            made.admit(joining.read_entry_file(read_file(file, 1 << 18)), system_clock())
        made.office.refresh(system_clock())
    emit(
        office_dict(made),
        as_json,
        lambda: f"{office_text(made)}\nHand out {made.bundle}.",
    )


def revoke(code: Code, office: Office, lift: Lift = False, as_json: AsJson = False) -> None:
    """Revoke a member, and publish that: who hears of it exchanges nothing with it any more.

    It needs neither root nor targets key, so that it can be done at night. What it signed before stays provable.
    """
    with folder.working(office) as made:
        known = set(made.office.view().revoked)
        made.office.revoke(known - {code} if lift else known | {code}, system_clock())
        made.office.refresh(system_clock())
    done = "no longer revoked" if lift else "revoked"
    emit(office_dict(made), as_json, lambda: f"{code} is {done}.\n{office_text(made)}")


def _add_join(app: typer.Typer, desk: Callable[[], Desk], entry: Callable[[], JsonObject]) -> None:
    @app.command()
    def join(
        invitation: Invited = None, root_key: Fingerprint = None, out: EntryFile = None, as_json: AsJson = False
    ) -> None:
        """Join a federation: pin its root, and write the one file that goes back to the office.

        Ask the office for the root's fingerprint on the telephone. Later, without an invitation: this node's entry
        anew, after a change of its address or certificate; the office needs no key of its own to take it.
        """
        said, node = entry(), desk().code
        file = out or Path(f"{node}-entry.json")
        with desk().database.unit("federation.join") as unit:
            made = service.join(unit, said, read_file(invitation, 1 << 20) if invitation else None, root_key)
            write_file(file, made)
        request = joining.read_entry_file(made)
        data: JsonObject = {
            "file": str(file), "code": node, "federation": request.federation, "key": request.key.fingerprint,
        }  # fmt: skip
        emit(data, as_json, lambda: (
            f"Send {file} to the office of {request.federation}, and tell it your key {request.key.fingerprint}\n"
            "When it has published: comity federation mirror --from FEDERATION.zip"))  # fmt: skip


def _add_node(app: typer.Typer, desk: Callable[[], Desk], station: Callable[[], Station] | None) -> None:
    @app.command()
    def mirror(place: Place = None, root_key: Fingerprint = None, as_json: AsJson = False) -> None:
        """Take the newest edition into use, from a file, an office's folder or an address; it is remembered.

        A running node looks there every minute, and at a partner: every node shows the directory to its partners, so
        that none depends on the office. Without --from it looks once, now. Exit 1 where nobody could be asked.
        """
        if place is None:
            _look(station, as_json)
            return
        data = service.read_place(place)
        with desk().database.unit("directory.import") as unit:
            found = service.mirror(unit, place, data, root_key)
        emit(directory_dict(found), as_json, lambda: f"{found.federation}, version {found.version}, is in force.")

    @app.command()
    def show(office: OfOffice = None, as_json: AsJson = False) -> None:
        """Show the directory in force: members, endpoints, key fingerprints, who is revoked, how fresh it is."""
        if office is not None:
            made = folder.load(office)
            emit(office_dict(made), as_json, lambda: office_text(made))
            return
        with desk().database.read("directory.show") as unit:
            found, told = service.directory(unit), service.freshness(unit)
        emit({**directory_dict(found), "freshness": told}, as_json, lambda: directory_text(found, told))


def _look(station: Callable[[], Station] | None, as_json: bool) -> None:
    if station is None:
        raise BadInput("exchange.mirror", "Where should it look?", todo="Add --from PLACE.")
    found = service.refresh(station())
    data: list[Json] = [
        {"place": one.place, "ok": one.ok, "version": one.version, "detail": one.detail} for one in found
    ]
    rows = [(one.place, "yes" if one.ok else "NO", str(one.version), one.detail) for one in found]
    emit(data, as_json, lambda: table(("PLACE", "REACHED", "VERSION", "DETAIL"), rows, _NOWHERE))
    if not any(one.ok for one in found):
        raise typer.Exit(1)


_NOWHERE = "Nowhere to look yet: comity federation mirror --from PLACE"
