"""Checking partners' logs while messages go on passing."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.exchange import service
from comity.exchange.api import partner_app
from comity.exchange.service.partners import CHECKPOINT
from comity.exchange.store import partners
from comity.kit.database.unit import Database
from comity.kit.web.servers import serve_in_thread
from tests.exchange.federation import federation, send_query

Make = Callable[[str], Database]


def slow(app: ASGIApp, meanwhile: Callable[[], object]) -> ASGIApp:
    """`app`, whose answer about its checkpoint leaves only after `meanwhile`."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        if scope["path"] != CHECKPOINT:
            await app(scope, receive, send)
            return
        await app(scope, receive, hold)
        await run_sync(meanwhile)
        for message in held:
            await send(message)

    return served


def test_a_head_that_overtakes_the_checkpoint_is_no_second_history(make_database: Make) -> None:
    wiring = {"XB": {"handlers": {"search.query": lambda unit, received: None}}}
    with federation(make_database, wiring=wiring) as world:
        a, b = world.nodes["XA"], world.nodes["XB"]

        def meanwhile() -> None:
            send_query(a.station, "XB", 2)
            service.deliver_due(a.station)

        app = slow(partner_app(b.station), meanwhile)
        b.server = serve_in_thread(app, "127.0.0.1", 0, service.server_tls(b.station))
        try:
            world.publish()
            send_query(a.station, "XB", 1)
            service.deliver_due(a.station)
            (report,) = service.verify_partners(a.station)
        finally:
            b.hang_up()
        assert report.ok, report.detail
        with a.database.read("test") as unit:
            assert service.alarms(unit) == []
            (status,) = service.partners(unit)
        assert status.head_size > report.size
        assert status.heads_unverified == 2, "neither has been compared with a later one"


def counted(app: ASGIApp, paths: list[str]) -> ASGIApp:
    """`app`; what is asked of its log is noted."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/cx/1/log/"):
            paths.append(scope["path"].rpartition("/")[2])
        await app(scope, receive, send)

    return served


@pytest.mark.parametrize("forged", [False, True])
def test_many_heads_are_checked_by_few_questions(make_database: Make, *, forged: bool) -> None:
    wiring = {"XB": {"handlers": {"search.query": lambda unit, received: None}}}
    with federation(make_database, wiring=wiring) as world:
        a, b, asked = world.nodes["XA"], world.nodes["XB"], list[str]()
        b.server = serve_in_thread(
            counted(partner_app(b.station), asked), "127.0.0.1", 0, service.server_tls(b.station)
        )
        try:
            world.publish()
            for number in range(1, 9):
                send_query(a.station, "XB", number)
                service.deliver_due(a.station)
            with a.database.unit("test") as unit:
                rows = partners.heads(unit, "XB", 1)
                if forged:
                    these = partners.head.c.size == rows[len(rows) // 2].size
                    unit.connection.execute(sa.update(partners.head).where(these).values(root=bytes(32)))
            (report,) = service.verify_partners(a.station)
        finally:
            b.hang_up()
        assert len(rows) >= 8
        with a.database.read("test") as unit:
            alarms, waiting = service.alarms(unit), partners.unverified_heads(unit, "XB", 1, 100)
    if forged:
        assert not report.ok and "another root" in report.detail and len(alarms) == 1
    else:
        assert (report.ok, alarms, report.checked) == (True, [], len(rows) - 1)
        assert asked == ["checkpoint", "stretch", "consistency"]
        assert [row.size for row in waiting] == [report.size]
