"""`comity partners` and `comity log monitor`: how the exchange with each partner stands, and how its log does."""

from collections.abc import Callable
from typing import Annotated

import typer

from comity.base.clock import rfc3339
from comity.base.errors import BadInput
from comity.base.model import Json, JsonObject
from comity.exchange import service
from comity.exchange.cli.told import transfer_told
from comity.exchange.model import CosignReport, HeadReport, MessageReport, PartnerStatus
from comity.exchange.service import Station, Topics
from comity.kit.shell import AsJson, Desk, acting, emit, table

Verify = Annotated[bool, typer.Option("--verify", help="Ask each partner whether its log extends all it showed.")]
Thaw = Annotated[
    str | None,
    typer.Option("--thaw", metavar="CODE", help="Exchange again with a partner that is frozen: both have talked."),
]
Reason = Annotated[str, typer.Option("--reason", help="For --thaw: what the operators of both nodes found out.")]
Person = Annotated[
    str,
    typer.Option(
        "--as", metavar="PERSON", help="For --thaw: the security administrator who acts; for --repair: who asks."
    ),
]
Repair = Annotated[
    str | None,
    typer.Option("--repair", metavar="CODE", help="Ask this partner (ALL: each) what it tells that is missing here."),
]
Retry = Annotated[str | None, typer.Option("--retry", metavar="CODE", help="Try now what waits for this partner.")]


def partners_command(desk: Callable[[], Desk], topics: Callable[[], Topics]) -> typer.Typer:
    """The command `partners`; `topics` are the station's."""
    app = typer.Typer()

    @app.command("partners")
    def partners(
        verify: Verify = False, retry: Retry = None, thaw: Thaw = None, reason: Reason = "", person: Person = "",
        repair: Repair = None, as_json: AsJson = False,
    ) -> None:  # fmt: skip
        """List the partners: reachable or not, what waits, what could not be delivered, how far their logs are known.

        VERSION is the highest that both nodes speak, CAPABILITIES what the partner takes beyond plain messages.
        COSIGNED is the size of this node's largest checkpoint that the partner has cosigned. A partner whose log showed
        two histories is frozen, and so is one whose log began another epoch in which something was lost: nothing is
        exchanged until --thaw.

        With --verify every partner is asked over mutual TLS for its signed checkpoint, and for the proofs that it
        extends every checkpoint this node has kept; a partner that shows two histories raises an alarm (exit 1). Every
        message exchanged is proven again in both logs. Large files on their way are listed below, with the time left.

        What partners tell until further notice (their DNA terms, say) is compared once a day by ids and versions, and
        what is missing is sent again; --repair does that now.
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
        if repair:
            _repair(desk(), topics(), repair, person)
        with desk().database.read("exchange.partners") as unit:
            found = service.partners(unit)
            files = [one.as_dict(unit.now) for one in service.transfers(unit)]
            items = service.followed(unit)
        data: list[Json] = [
            _status(p)
            | {"files": [f for f in files if f["partner"] == p.code]}
            | {"items": [one.as_dict() for one in items if one.cursor.holder == p.code]}
            for p in found
        ]
        told = [*map(transfer_told, files), *(one.told for one in items)]
        emit(data, as_json, lambda: "\n".join([_status_text(found), *told]))

    return app


def _thaw(desk: Desk, partner: str, reason: str, person: str) -> None:
    if not person or not reason:
        raise BadInput("exchange.thaw", "Who thaws an exchange says who and why", todo="Add --as PERSON and --reason.")
    with acting(desk, "exchange.thaw", person) as (unit, issuer):
        service.thaw(unit, issuer, partner, reason)


def _repair(desk: Desk, topics: Topics, partner: str, person: str) -> None:
    if not person:
        raise BadInput(
            "exchange.repair", "Who has a partner asked says who it is", todo="Add --as PERSON: an operator."
        )
    with acting(desk, "exchange.repair", person) as (unit, issuer):
        service.repair_now(unit, topics, issuer, "" if partner == "ALL" else partner)


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


_NOBODY = "No partners yet: join a federation with `comity federation join`."


def _status(p: PartnerStatus) -> JsonObject:
    return {
        "code": p.code, "name": p.name, "endpoint": p.endpoint, "revoked": p.revoked, "available": p.available,
        "reason": p.reason, "next_try": rfc3339(p.next_try) if p.next_try else None,
        "last_seen": rfc3339(p.last_seen) if p.last_seen else None, "queued": p.queued, "waiting": p.waiting,
        "undelivered": p.undelivered, "gaps": p.gaps, "items_due": p.items_due,
        "head_size": p.head_size, "heads_unverified": p.heads_unverified,
        "frozen": rfc3339(p.frozen) if p.frozen else None, "frozen_why": p.frozen_why, "epoch": p.epoch,
        "cosigned_size": p.cosigned_size,
        "versions": list[Json](p.versions), "version": p.version, "capabilities": list[Json](p.capabilities),
    }  # fmt: skip


def _status_text(found: list[PartnerStatus]) -> str:
    rows = [
        (p.code, p.name, _standing(p), str(p.queued), str(p.waiting), str(p.undelivered), str(p.gaps),
         str(p.head_size), str(p.cosigned_size), str(p.version or "none"), " ".join(p.capabilities))
        for p in found
    ]  # fmt: skip
    headings = (
        "CODE",
        "NAME",
        "STATE",
        "QUEUED",
        "WAITING",
        "UNDELIVERED",
        "GAPS",
        "LOG",
        "COSIGNED",
        "VERSION",
        "CAPABILITIES",
    )
    return table(headings, rows, _NOBODY)


def _standing(p: PartnerStatus) -> str:
    """One word, or the code of what is wrong; a partner that answers may still put a message off."""
    if p.barred or not p.available:
        return f"frozen: {p.frozen_why}" if p.barred == "frozen" else p.barred or p.reason
    return f"available; {p.reason}" if p.reason else "available"
