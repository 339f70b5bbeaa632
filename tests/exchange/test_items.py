"""Versioned state between real nodes: told, withdrawn, lost in the ways that happen, and right again after a repair."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.base.errors import BadInput, Conflict, NotAllowed
from comity.base.ids import uuid7
from comity.base.model import JsonObject
from comity.exchange import cli, service
from comity.exchange.model import Cursor, Handling, ItemStamp, Listed, Listing, Message, Received
from comity.exchange.service.items import repairing
from comity.exchange.store import followed, inbox, items, sent
from comity.exchange.wire import items as wire
from comity.kit.database.unit import Database, Unit
from comity.log import service as log
from tests.exchange.federation import Federation, Node, federation
from tests.exchange.test_epochs import turn
from tests.faces import Line, desk_over
from tests.people import enrol

Make = Callable[[str], Database]
KIND = "dna.terms"
"""A kind that is no case data; what these tests say of it is their own."""
COMMON = {"items.asked", "items.listed", "items.wanted", "items.withdrawal"}


@dataclass
class Board:
    """A room of one node: what it tells, and what it holds of partners."""

    own: dict[str, str] = field(default_factory=dict)
    held: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def topic(self) -> service.Topic:
        return service.Topic(KIND, self._say, self._take, self._drop)

    def of(self, holder: str) -> dict[str, str]:
        return {id: text for (code, id), text in self.held.items() if code == holder}

    def _say(self, unit: Unit, stamp: ItemStamp, to: tuple[str, ...]) -> None:
        body: JsonObject = {"text": self.own[stamp.id], "item": stamp.as_dict()}
        service.follow_up(unit, Message(KIND, to, uuid7(unit.now), body))

    def _take(self, unit: Unit, received: Received, id: str) -> None:
        text = received.body["text"]
        if text == "nobody can read this":
            raise BadInput("test.text", "It cannot be read", todo="Say something else.")
        self.held[received.sender, id] = str(text)

    def _drop(self, unit: Unit, holder: str, id: str) -> None:
        self.held.pop((holder, id), None)


@dataclass
class World:
    """Two nodes or more, each with its board."""

    nodes: dict[str, Node]
    boards: dict[str, Board]

    def tell(self, id: str, text: str, to: Sequence[str] = ("XB",), by: str = "XA") -> ItemStamp:
        self.boards[by].own[id] = text
        with self.nodes[by].database.unit("test.tell") as unit:
            return service.tell(unit, self.boards[by].topic, id, to)

    def withdraw(self, id: str, by: str = "XA") -> list[str]:
        with self.nodes[by].database.unit("test.withdraw") as unit:
            return service.withdraw(unit, self.boards[by].topic, id)

    def post(self) -> None:
        """Deliver and handle until nothing is left."""
        for _ in range(40):
            busy = [service.deliver_due(node.station) for node in self.nodes.values()]
            if not any([*busy, *(service.handle_pending(node.station) for node in self.nodes.values())]):
                return
        raise AssertionError("messages without end")

    def lose(self, by: str = "XA", type: str = KIND) -> int:
        """What is owed now never arrives: its deadline passed, say; how many."""
        with self.nodes[by].database.unit("test.lose") as unit:
            gone = sa.delete(sent.outbox).where(sent.outbox.c.type == type, sent.outbox.c.what == "message")
            return unit.connection.execute(gone.where(sent.outbox.c.state == "queued")).rowcount

    def repair(self, by: str = "XB") -> None:
        """A day later."""
        self.later(hours=25)
        self.look(by)
        self.post()

    def look(self, by: str = "XB") -> list[str]:
        """What the background does every minute."""
        return service.repair_due(self.nodes[by].station)

    def later(self, **span: float) -> None:
        for node in self.nodes.values():
            clock = node.database.clock
            node.database.clock = lambda old=clock: old() + timedelta(**span)  # type: ignore[misc]

    def came(self, at: str = "XB", type: str = KIND) -> int:
        """How many messages of a type the node ever took."""
        with self.nodes[at].database.read("test.came") as unit:
            counted = sa.select(sa.func.count()).select_from(inbox.inbox).where(inbox.inbox.c.type == type)
            return int(unit.connection.execute(counted).scalar_one())

    def cursor(self, at: str = "XB", holder: str = "XA") -> Cursor:
        with self.nodes[at].database.read("test.cursor") as unit:
            return followed.cursor_of(unit, holder, KIND)


def wired(board: Board) -> dict[str, object]:
    topics = {KIND: board.topic}
    return {"handlers": service.item_handlers(topics), "topics": topics}


@pytest.fixture
def world(make_database: Make) -> Iterator[World]:
    """XA, XB and XC, all up."""
    boards = {code: Board() for code in ("XA", "XB", "XC")}
    wiring = {code: wired(board) for code, board in boards.items()}
    with federation(make_database, tuple(boards), listening=tuple(boards), wiring=wiring) as made:
        yield World(made.nodes, boards)


def test_what_is_told_holds_until_it_is_changed_or_withdrawn(world: World) -> None:
    assert world.tell("a", "first").version == 1
    world.post()
    assert world.boards["XB"].of("XA") == {"a": "first"} and world.boards["XC"].held == {}
    assert world.tell("a", "second").version == 2
    world.tell("b", "another", ("XB", "XC"))
    world.post()
    assert world.boards["XB"].of("XA") == {"a": "second", "b": "another"}
    assert world.boards["XC"].of("XA") == {"b": "another"}
    assert world.withdraw("b") == ["XB", "XC"] and world.withdraw("b") == []
    world.post()
    assert world.boards["XB"].of("XA") == {"a": "second"} and world.boards["XC"].held == {}
    assert world.came(type="items.asked", at="XA") == 0, "nothing was missing, so nobody asked"
    world.tell("b", "told anew")
    world.post()
    assert world.boards["XB"].of("XA")["b"] == "told anew"


def test_who_is_told_no_more_learns_of_a_withdrawal_and_nothing_else(world: World) -> None:
    world.tell("a", "for both", ("XB", "XC"))
    world.post()
    world.tell("a", "for XC alone", ("XC",))
    world.post()
    assert world.boards["XB"].held == {} and world.boards["XC"].of("XA") == {"a": "for XC alone"}
    assert (world.came("XB"), world.came("XB", "items.withdrawal")) == (1, 1)


def test_a_lost_change_shows_with_the_next_one_and_only_it_is_sent_again(world: World) -> None:
    for id in "abc":
        world.tell(id, "one")
    world.post()
    world.tell("a", "two")
    assert world.lose() == 1
    world.post()
    assert world.boards["XB"].of("XA")["a"] == "one"
    before = world.came()
    world.tell("b", "two")
    world.post()
    assert world.boards["XB"].of("XA") == {"a": "two", "b": "two", "c": "one"}
    assert world.came() == before + 2, "the news, and the one that was missing"
    assert world.cursor().number == 5 and world.cursor().asked is None


def test_a_lost_withdrawal_is_made_good_by_the_daily_look(world: World) -> None:
    world.tell("a", "one")
    world.repair()
    world.withdraw("a")
    assert world.lose(type="items.withdrawal") == 1
    assert world.look() == [], "it was looked at today"
    world.later(hours=25)
    assert world.look() == ["XA", "XC"]
    world.post()
    assert world.boards["XB"].held == {} and world.look() == []


def test_a_node_that_lost_everything_gets_all_that_it_should_hold(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repairing, "MOST_LISTED", 4)
    for number in range(11):
        world.tell(f"item-{number:02}", f"text {number}")
    world.withdraw("item-03")
    world.post()
    whole = dict(world.boards["XB"].of("XA"))
    forget_everything(world)
    assert world.cursor().number == 0
    world.repair()
    assert world.boards["XB"].of("XA") == whole and len(whole) == 10
    assert world.came("XA", "items.asked") == 3, "three pages"
    assert world.cursor().number == 12 and world.cursor().checked is not None


def forget_everything(world: World) -> None:
    world.boards["XB"].held.clear()
    with world.nodes["XB"].database.unit("test.forget") as unit:
        unit.connection.execute(sa.delete(followed.held))
        unit.connection.execute(sa.delete(followed.cursor))


def test_what_differs_behind_the_cursor_is_found_by_the_digest(world: World) -> None:
    for id in "abcd":
        world.tell(id, "one")
    world.repair()
    del world.boards["XB"].held["XA", "b"]
    with world.nodes["XB"].database.unit("test.forget") as unit:
        unit.connection.execute(sa.delete(followed.held).where(followed.held.c.id == "b"))
    before = world.came()
    world.repair()
    assert world.boards["XB"].of("XA") == dict.fromkeys("abcd", "one") and world.came() == before + 1


def test_what_never_came_is_asked_for_again(world: World) -> None:
    world.tell("a", "one")
    world.lose()
    assert world.look() == [], "the partners were listed today"
    world.later(hours=25)
    world.look()
    for _ in range(3):  # the question, the listing, what is wanted: then the item is lost once more
        service.deliver_due(world.nodes["XB"].station)
        service.handle_pending(world.nodes["XA"].station)
        world.lose()
        service.deliver_due(world.nodes["XA"].station)
        service.handle_pending(world.nodes["XB"].station)
    world.post()
    assert world.boards["XB"].held == {}
    with world.nodes["XB"].database.read("test") as unit:
        (stand,) = [one for one in service.followed(unit) if one.cursor.holder == "XA"]
        assert (stand.held, stand.due) == (0, 1) and "1 that have not come" in stand.told
        assert [one.items_due for one in service.partners(unit)] == [1, 0]
    world.repair()
    assert world.boards["XB"].of("XA") == {"a": "one"}


def test_what_is_refused_stays_due_and_the_sender_knows(world: World) -> None:
    world.tell("a", "nobody can read this")
    world.post()
    with world.nodes["XA"].database.read("test") as unit:
        states = unit.connection.execute(sa.select(sent.outbox.c.state, sent.outbox.c.reason)).all()
    assert ("rejected", "test.text") in states
    world.repair()
    assert world.boards["XB"].held == {} and world.came() == 2
    world.tell("a", "better")
    world.post()
    assert world.boards["XB"].of("XA") == {"a": "better"}


def test_a_holder_whose_log_began_another_epoch_is_asked_for_the_whole(world: World) -> None:
    for id in "abc":
        world.tell(id, "before")
    world.post()
    world.tell("c", "lost with the disk")
    world.tell("d", "lost with the disk")
    world.post()
    with world.nodes["XA"].database.unit("test.restore") as unit:  # as the backup had it
        unit.connection.execute(sa.delete(items.told).where(items.told.c.id == "d"))
        unit.connection.execute(sa.delete(items.item).where(items.item.c.id == "d"))
        for table in (items.item, items.told):
            unit.connection.execute(sa.update(table).where(table.c.id == "c").values(version=1, number=3))
    world.boards["XA"].own["c"] = "before"
    turn(world.nodes["XA"], planned=True)
    republish(world)
    world.tell("e", "after")
    world.post()
    assert world.boards["XB"].of("XA") == {"a": "before", "b": "before", "c": "before", "e": "after"}
    assert (world.cursor().era, world.cursor().number) == (2, 4)


def test_a_daily_look_notices_another_epoch_as_well(world: World) -> None:
    for text in ("one", "two", "three"):
        world.tell("a", text)
    world.repair()
    assert (world.cursor().era, world.cursor().number) == (1, 3)
    with world.nodes["XA"].database.unit("test.restore") as unit:  # as the backup had it
        for table in (items.item, items.told):
            unit.connection.execute(sa.update(table).values(version=1, number=1))
    world.boards["XA"].own["a"] = "one"
    turn(world.nodes["XA"], planned=True)
    republish(world)
    world.repair()
    assert world.boards["XB"].of("XA") == {"a": "one"}
    assert (world.cursor().era, world.cursor().number) == (2, 1)


def republish(world: World) -> None:
    """The directory names the log's new epoch."""
    made = Federation(next(iter(world.nodes.values())).database.clock())
    made.nodes, made.version = world.nodes, 9
    made.publish()
    for node in world.nodes.values():
        service.verify_partners(node.station)


def test_a_listing_that_nobody_asked_for_changes_nothing(world: World) -> None:
    world.tell("a", "one")
    world.post()
    empty = Listing(KIND, 1, 0, 0, True, False, 0, wire.digest_of([]), ())
    with world.nodes["XA"].database.unit("test.unasked") as unit:
        service.follow_up(unit, Message("items.listed", ("XB",), uuid7(unit.now), wire.listed_body(empty)))
    before = world.cursor()
    world.post()
    assert world.boards["XB"].of("XA") == {"a": "one"} and world.cursor() == before


def test_a_partner_speaks_of_its_own_items_alone(world: World) -> None:
    world.tell("a", "of XA")
    world.tell("a", "of XC", by="XC")
    world.post()
    world.withdraw("a", by="XC")
    world.post()
    assert world.boards["XB"].held == {("XA", "a"): "of XA"}
    with world.nodes["XC"].database.unit("test.wanted") as unit:  # XC asks for what only XB was told
        service.follow_up(unit, Message("items.wanted", ("XA",), uuid7(unit.now), {"kind": KIND, "ids": ["a", "b"]}))
    before = world.came("XC")
    world.post()
    assert world.came("XC") == before


def test_an_operator_has_it_done_now(world: World) -> None:
    station = world.nodes["XB"].station
    with station.database.unit("test.people") as unit:
        operator, officer = enrol(unit, "operator-1", "operator"), enrol(unit, "officer-1", "officer")
    world.repair()
    world.tell("a", "one")
    world.lose()
    with station.database.unit("test.repair") as unit:
        assert service.repair_now(unit, station.topics, operator, "XA") == ["XA"]
    world.post()
    assert world.boards["XB"].of("XA") == {"a": "one"}
    with station.database.unit("test.repair") as unit:
        assert service.repair_now(unit, station.topics, operator, "") == ["XA", "XC"]
        with pytest.raises(Conflict, match="XX cannot be asked"):
            service.repair_now(unit, station.topics, operator, "XX")
        with pytest.raises(NotAllowed):
            service.repair_now(unit, station.topics, officer, "XA")
    with station.database.read("test.log") as unit:
        assert [entry.type for entry in log.entries(unit)].count("items.repair") == 2


def test_the_command_repairs_and_shows(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    station = world.nodes["XB"].station
    with station.database.unit("test.people") as unit:
        enrol(unit, "operator-1", "operator")
    desk = desk_over(station.database, tmp_path)
    line = Line("exchange", cli.partners_command(lambda: desk, lambda: station.topics), capsys)
    world.tell("a", "one")
    world.lose()
    assert line.fails("exchange", "partners", "--repair", "XA") == (2, "exchange.repair")
    line.ask("exchange", "partners", "--repair", "ALL", "--as", "operator-1")
    world.post()
    first, second = line.ask("exchange", "partners")
    assert [(one["kind"], one["held"], one["due"]) for one in first["items"]] == [(KIND, 1, 0)]
    assert first["items"][0]["checked"] and second["items_due"] == 0
    assert f"XA tells 1 items of {KIND}; compared" in line.run("exchange", "partners")[1]


def test_a_partner_of_an_earlier_release_is_neither_told_nor_asked(world: World) -> None:
    made = Federation(world.nodes["XA"].database.clock())
    made.nodes, made.version = world.nodes, 9
    made.publish(told={"XB": {"capabilities": ["batch", "files"]}})
    with pytest.raises(Conflict, match="does not announce items"):
        world.tell("a", "one", ("XC", "XB"))
    with world.nodes["XA"].database.read("test") as unit:
        assert service.told_to(unit, world.boards["XA"].topic, "a") == []
    world.later(hours=25)
    assert world.look("XA") == ["XC"]
    with pytest.raises(BadInput), world.nodes["XA"].database.unit("test.nobody") as unit:
        service.tell(unit, world.boards["XA"].topic, "a", ())


def test_a_node_without_a_directory_follows_nobody(make_database: Make) -> None:
    with federation(make_database, ("XA",), wiring={"XA": wired(Board())}, joined=False) as made:
        assert service.repair_due(made.nodes["XA"].station) == []


stamps = st.builds(
    lambda id, version, number, era: ItemStamp(id, version, number, era, {}),
    st.sampled_from("abc"), st.integers(1, 4), st.integers(1, 9), st.integers(1, 2),
)  # fmt: skip


@given(come=st.lists(stamps, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_order_the_newest_version_stays(one_database: Database, come: list[ItemStamp]) -> None:
    board = Board()
    topics = {KIND: board.topic}
    handler = service.item_handlers(topics)[KIND]
    with one_database.unit("test.order") as unit, pytest.raises(KeyError), unit.act():
        for stamp in come:
            handler(unit, received({"text": f"{stamp.era}.{stamp.version}", "item": stamp.as_dict()}))
        newest = {id: max((s.era, s.version) for s in come if s.id == id) for id in {s.id for s in come}}
        assert board.of("XA") == {id: f"{era}.{version}" for id, (era, version) in newest.items()}
        raise KeyError


def received(body: JsonObject, sender: str = "XA") -> Received:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    return Received(
        uuid7(now), KIND, sender, uuid7(now), 1, now, now, now, "", "", Handling(), "normal", body, "00" * 32, 0
    )  # fmt: skip


@pytest.fixture
def one_database(make_database: Make) -> Database:
    return make_database("XB")


@given(since=st.integers(0, 3), entries=st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=4))
def test_listings_are_read_as_they_are_written(since: int, entries: list[tuple[int, bool]]) -> None:
    numbers = [since + n + 1 for n in range(len(entries))]
    page = tuple(
        Listed(f"item-{n}", version, n, gone) for n, (version, gone) in zip(numbers, entries, strict=True)
    )  # fmt: skip
    made = Listing(KIND, 1, since, since + len(entries), since == 0, False, 3, wire.digest_of([("a", 1)]), page)
    assert wire.read_listed(wire.listed_body(made)) == made
    if len(page) > 1:
        with pytest.raises(BadInput, match="do not rise"):
            wire.read_listed(wire.listed_body(replace(made, items=page[::-1])))
