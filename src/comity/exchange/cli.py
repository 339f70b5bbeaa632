"""`comity directory` and `comity partners`: whom this node trusts, and how the exchange with each of them stands."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from comity.base.clock import rfc3339, system_clock
from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.exchange import service
from comity.exchange.model import CosignReport, Directory, HeadReport, Member, MessageReport, PartnerStatus
from comity.exchange.service import Edition, Station
from comity.kit.shell import AsJson, Desk, acting, emit, read_file, table, write_file

Members = Annotated[list[Path], typer.Argument(metavar="MEMBER.json...", help="Entries that the members' nodes wrote.")]
RootFile = Annotated[Path, typer.Option("--key", metavar="ROOTKEY", help="The root key (PEM); made when missing.")]
Out = Annotated[Path, typer.Option("--out", metavar="FEDERATION.json", help="Where the signed directory goes.")]
Name = Annotated[str, typer.Option("--federation", help="The federation's name; it never changes.")]
Revoked = Annotated[list[str] | None, typer.Option("--revoke", metavar="CODE", help="List this member as revoked.")]
Days = Annotated[int, typer.Option("--days", help="For how many days the directory is valid.", min=1, max=3660)]
Fingerprint = Annotated[
    str | None, typer.Option("--root-key", metavar="FINGERPRINT", help="SHA-256 of the root key, told by another way.")
]
Signed = Annotated[Path, typer.Argument(metavar="FEDERATION.json", help="The signed directory.")]
Verify = Annotated[bool, typer.Option("--verify", help="Ask each partner whether its log extends all it showed.")]
Thaw = Annotated[
    str | None,
    typer.Option("--thaw", metavar="CODE", help="Exchange again with a partner whose log contradicted itself."),
]
Reason = Annotated[str, typer.Option("--reason", help="For --thaw: what the operators of both nodes found out.")]
Person = Annotated[str, typer.Option("--as", metavar="PERSON", help="For --thaw: the security administrator who acts.")]
Retry = Annotated[str | None, typer.Option("--retry", metavar="CODE", help="Try now what waits for this partner.")]


def partners_command(desk: Callable[[], Desk]) -> typer.Typer:
    """The command `partners`."""
    app = typer.Typer()

    @app.command("partners")
    def partners(
        verify: Verify = False, retry: Retry = None, thaw: Thaw = None, reason: Reason = "", person: Person = "",
        as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """List the partners: reachable or not, what waits, what could not be delivered, how far their logs are known.

        COSIGNED is the size of this node's largest checkpoint that the partner has cosigned. A partner whose log showed
        two histories is frozen: nothing is exchanged until --thaw.

        With --verify every partner is asked over mutual TLS for its signed checkpoint, and for the proofs that it
        extends every checkpoint this node has kept; a partner that shows two histories raises an alarm (exit 1). Every
        message exchanged is proven again in both logs.
        """
        if verify:
            heads = service.verify_partners(Station(desk().database))
            with desk().database.read("exchange.messages") as unit:
                _verify(heads, service.verify_messages(unit), as_json)
            return
        if retry:
            with desk().database.unit("exchange.retry") as unit:
                service.retry(unit, retry)
        if thaw:
            _thaw(desk(), thaw, reason, person)
        with desk().database.read("exchange.partners") as unit:
            found = service.partners(unit)
        emit([_status(p) for p in found], as_json, lambda: _status_text(found))

    return app


def _thaw(desk: Desk, partner: str, reason: str, person: str) -> None:
    if not person or not reason:
        raise BadInput("exchange.thaw", "Who thaws an exchange says who and why", todo="Add --as PERSON and --reason.")
    with acting(desk, "exchange.thaw", person) as (unit, issuer):
        service.thaw(unit, issuer, partner, reason)


def monitor_command(station: Callable[[], Station]) -> typer.Typer:
    """The command `log monitor`."""
    app = typer.Typer()

    @app.command("monitor")
    def monitor(as_json: AsJson = False) -> None:
        """Do now what a running node does every minute: check the partners' logs, and have them cosign ours.

        Every partner's checkpoint must extend all it showed before; our present checkpoint is handed to every partner
        that cosigns; and every partner shows the largest checkpoint it holds of our log, which ours must extend: else
        the node becomes read-only. Exit 1 where something does not hold or somebody could not be asked.
        """
        found: dict[str, list[HeadReport] | list[CosignReport]] = {
            "partners": list(service.verify_partners(station())), "cosigned": list(service.gather(station())),
            "ours": list(service.check_standing(station())),
        }  # fmt: skip
        data: JsonObject = {what: [one.as_dict() for one in reports] for what, reports in found.items()}
        rows = [
            (what, one.partner, "yes" if one.ok else "NO", str(one.size), one.detail)
            for what, reports in found.items() for one in reports
        ]  # fmt: skip
        emit(data, as_json, lambda: table(("LOGS", "PARTNER", "HOLDS", "ENTRIES", "DETAIL"), rows, _NOBODY))
        if not all(one.ok for reports in found.values() for one in reports):
            raise typer.Exit(1)

    return app


def commands(desk: Callable[[], Desk]) -> typer.Typer:
    """The sub-application `directory`."""
    app = typer.Typer(no_args_is_help=True, help="The federation's signed list of members and their keys.")
    _add_sign(app)

    @app.command("import")
    def import_(file: Signed, root_key: Fingerprint = None, as_json: AsJson = False) -> None:
        """Take a directory into use. The first pins the root key: compare its fingerprint by telephone or in person.

        A later directory must be signed by the same root and have a higher version; a running node uses it at once.
        """
        data = read_file(file)
        with desk().database.unit("directory.import") as unit:
            found = service.import_directory(unit, data, root_key)
        emit(_directory(found), as_json, lambda: f"Directory of {found.federation}, version {found.version}, in force.")

    @app.command()
    def show(as_json: AsJson = False) -> None:
        """Show the directory in force: members, endpoints, key fingerprints, who is revoked."""
        with desk().database.read("directory.show") as unit:
            found = service.directory(unit)
        emit(_directory(found), as_json, lambda: _directory_text(found))

    return app


def _add_sign(app: typer.Typer) -> None:
    @app.command()
    def sign(
        members: Members, key: RootFile, out: Out, federation: Name = "federation", revoke: Revoked = None,
        days: Days = 365, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """Sign a directory over the members' entries: the act of the federation's office, on a machine of its own.

        The version is one more than that of the directory already at --out. Tell every member the printed root
        fingerprint by a way of its own; keep the root key offline.
        """
        data = _sign(members, key, Edition(federation, _next_version(out), system_clock(), days), revoke or [])
        write_file(out, data)
        made = service.open_directory(data, None)
        emit(_directory(made), as_json, lambda: f"{_directory_text(made)}\nWritten to {out}.")


def _sign(members: Sequence[Path], key: Path, edition: Edition, revoked: Sequence[str]) -> bytes:
    entries = [service.read_member_entry(read_file(file)) for file in members]
    unknown = set(revoked) - {str(e.get("code")) for e in entries}
    if unknown:
        names = ", ".join(sorted(unknown))
        raise BadInput("exchange.member", f"No entry for {names}", todo="Give the revoked member's entry too.")
    marked = [e | {"revoked": True} if e.get("code") in revoked else e for e in entries]
    pem = read_file(key) if key.exists() else service.make_root_key(key)
    return service.sign_directory(marked, service.root_key(pem), edition)


def _next_version(out: Path) -> int:
    if not out.exists():
        return 1
    return service.open_directory(read_file(out), None).version + 1


def _verify(reports: list[HeadReport], proven: list[MessageReport], as_json: bool) -> None:
    messages = {p.partner: p for p in proven}
    data = [_verified(r, messages[r.partner]) for r in reports]
    rows = [[str(d[k]) for k in ("partner", "ok", "size", "checked", "messages", "detail")] for d in data]
    headings = ("PARTNER", "HOLDS", "ENTRIES", "HEADS", "MESSAGES", "DETAIL")
    emit(list[Json](data), as_json, lambda: table(headings, rows, _NOBODY))
    if not all(d["ok"] for d in data):
        raise typer.Exit(1)


def _verified(head: HeadReport, messages: MessageReport) -> JsonObject:
    return {
        "partner": head.partner, "ok": head.ok and not messages.failures, "size": head.size, "checked": head.checked,
        "messages": messages.received + messages.sent, "detail": "; ".join((head.detail, *messages.failures[:3])),
        "failures": list[Json](messages.failures),
    }  # fmt: skip


_NOBODY = "No partners yet: import the federation's directory with `comity directory import`."


def _status(p: PartnerStatus) -> JsonObject:
    return {
        "code": p.code, "name": p.name, "endpoint": p.endpoint, "revoked": p.revoked, "available": p.available,
        "reason": p.reason, "next_try": rfc3339(p.next_try) if p.next_try else None,
        "last_seen": rfc3339(p.last_seen) if p.last_seen else None, "queued": p.queued, "waiting": p.waiting,
        "undelivered": p.undelivered, "gaps": p.gaps, "head_size": p.head_size, "heads_unverified": p.heads_unverified,
        "frozen": rfc3339(p.frozen) if p.frozen else None, "cosigned_size": p.cosigned_size,
    }  # fmt: skip


def _status_text(found: list[PartnerStatus]) -> str:
    rows = [
        (p.code, p.name, _standing(p), str(p.queued), str(p.waiting), str(p.undelivered), str(p.gaps),
         str(p.head_size), str(p.cosigned_size))
        for p in found
    ]  # fmt: skip
    headings = ("CODE", "NAME", "STATE", "QUEUED", "WAITING", "UNDELIVERED", "GAPS", "LOG", "COSIGNED")
    return table(headings, rows, _NOBODY)


def _standing(p: PartnerStatus) -> str:
    """One word, or the code of what is wrong; a partner that answers may still put a message off."""
    if p.barred or not p.available:
        return p.barred or p.reason
    return f"available; {p.reason}" if p.reason else "available"


def _directory(found: Directory) -> JsonObject:
    return {
        "federation": found.federation, "version": found.version, "root": found.root, "issued": rfc3339(found.issued),
        "expires": rfc3339(found.expires), "members": [_member(m) for _, m in sorted(found.members.items())],
    }  # fmt: skip


def _member(m: Member) -> JsonObject:
    services: list[Json] = [*m.services]
    return {
        "code": m.code, "name": m.name, "endpoint": m.endpoint, "officer": m.officer, "services": services,
        "signing": service.fingerprint_of(m), "kem": m.kem_id, "certificate": m.certificate_fingerprint, "log": m.log,
        "revoked": m.revoked,
    }  # fmt: skip


def _directory_text(found: Directory) -> str:
    rows = [
        (m.code, m.name, m.endpoint, service.fingerprint_of(m)[:16], "revoked" if m.revoked else "member")
        for _, m in sorted(found.members.items())
    ]
    head = f"{found.federation}, version {found.version}, valid until {rfc3339(found.expires)}\nroot key {found.root}"
    return head + "\n" + table(("CODE", "NAME", "ENDPOINT", "SIGNING KEY", "STATE"), rows, "It lists nobody.")
