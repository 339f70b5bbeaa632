"""Checking partners' logs while messages go on passing."""

from collections.abc import Callable

from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.exchange import service
from comity.exchange.api import partner_app
from comity.exchange.service.partners import CHECKPOINT
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
