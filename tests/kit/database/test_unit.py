"""The unit of work on both databases: all or nothing, one writer, snapshots for readers, and waking those who wait."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
import sqlalchemy as sa

from comity.base.errors import BadInput, ComityError, Conflict, Misconfigured, Unavailable
from comity.kit.crypto.keyring import KeyRing
from comity.kit.database.unit import Database, Unit
from tests.clock import FixedClock

NOTES = sa.Table("probe_note", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("text", sa.Text))


@pytest.fixture
def notes(database: Database) -> Iterator[Database]:
    """The database with one small table of this module's own."""
    NOTES.create(database.engine)
    yield database


def write(unit: Unit, number: int, text: str = "") -> None:
    unit.connection.execute(sa.insert(NOTES), {"id": number, "text": text})


def read(database: Database) -> list[int]:
    with database.read("probe.read") as unit:
        return list(unit.connection.scalars(sa.select(NOTES.c.id).order_by(NOTES.c.id)))


def refusal() -> BadInput:
    return BadInput("probe.bad", "not like this", todo="Do it otherwise")


def test_a_unit_commits_everything_or_nothing(notes: Database) -> None:
    with notes.unit("probe.write") as unit:
        write(unit, 1)
        write(unit, 2)
    with pytest.raises(BadInput), notes.unit("probe.write") as unit:
        write(unit, 3)
        raise refusal()
    assert read(notes) == [1, 2]


def test_the_unit_knows_its_node_keys_name_and_one_moment(notes: Database, keys: KeyRing, clock: FixedClock) -> None:
    with notes.unit("probe.write") as unit:
        begun = clock()
        clock.advance(60)
        assert (unit.node, unit.keys, unit.name, unit.now) == ("XA", keys, "probe.write", begun)


def test_an_act_that_fails_takes_back_its_rows_its_scratch_and_its_hooks(notes: Database) -> None:
    ran: list[str] = []
    with notes.unit("probe.write") as unit:
        unit.scratch["pending"] = (1,)
        write(unit, 1)
        with pytest.raises(BadInput), unit.act():
            write(unit, 2)
            unit.scratch["pending"] = (1, 2)
            unit.before_commit("lost", lambda _: ran.append("lost"))
            unit.after_commit(lambda: ran.append("lost too"))
            raise refusal()
        assert unit.scratch == {"pending": (1,)}
        with unit.act():
            write(unit, 3)
            unit.before_commit("kept", lambda _: ran.append("kept"))
            unit.after_commit(lambda: ran.append("after"))
    assert read(notes) == [1, 3]
    assert ran == ["kept", "after"]


def test_an_attempt_holds_nothing_else_up_and_says_what_failed(
    notes: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def deed(n: int, error: Exception | None = None) -> int:
        write(unit, n)
        if error is not None:
            raise error
        return n

    with notes.unit("probe.write") as unit:
        assert unit.attempt("the first", lambda: deed(1)) == (1, "")
        assert unit.attempt("the second", lambda: deed(2, refusal())) == (None, refusal().code)
        assert unit.attempt("the third", lambda: deed(3, ZeroDivisionError())) == (None, "node.internal")
        assert unit.attempt("the fourth", lambda: deed(4)) == (4, "")
    assert read(notes) == [1, 4]
    assert "the second: " in caplog.text and "the third" in caplog.text and "the first" not in caplog.text


def test_an_attempt_is_no_way_around_a_storage_that_fails(notes: Database) -> None:
    with pytest.raises(Unavailable), notes.unit("probe.write") as unit:
        write(unit, 1)
        unit.attempt("the second", lambda: (_ for _ in ()).throw(Unavailable("node.storage", "full", todo="Free it.")))
    assert read(notes) == []


def test_acts_nest(notes: Database) -> None:
    with notes.unit("probe.write") as unit, unit.act():
        write(unit, 1)
        with pytest.raises(BadInput), unit.act():
            write(unit, 2)
            raise refusal()
    assert read(notes) == [1]


def test_a_broken_constraint_in_an_act_leaves_the_unit_usable(notes: Database) -> None:
    with notes.unit("probe.write") as unit:
        write(unit, 1)
        with pytest.raises(sa.exc.IntegrityError), unit.act():
            write(unit, 1)
        write(unit, 2)
    assert read(notes) == [1, 2]


def test_a_broken_statement_without_an_act_never_commits_half(notes: Database) -> None:
    with pytest.raises(sa.exc.DBAPIError), notes.unit("probe.write") as unit:
        write(unit, 1)
        write(unit, 1)
    assert read(notes) == []


def test_hooks_run_once_per_key_and_may_ask_again(notes: Database) -> None:
    ran: list[str] = []

    def flush(unit: Unit) -> None:
        ran.append("flush")
        write(unit, len(ran))

    def late(unit: Unit) -> None:
        ran.append("late")
        unit.before_commit("flush", flush)

    with notes.unit("probe.write") as unit:
        unit.before_commit("flush", flush)
        unit.before_commit("flush", flush)
        unit.before_commit("late", late)
    assert ran == ["flush", "late", "flush"]
    assert read(notes) == [1, 3]


def test_a_failing_hook_undoes_the_unit_and_after_hooks_stay_silent(notes: Database) -> None:
    ran: list[str] = []

    def fail(_unit: Unit) -> None:
        raise refusal()

    with pytest.raises(BadInput), notes.unit("probe.write") as unit:
        write(unit, 1)
        unit.after_commit(lambda: ran.append("after"))
        unit.before_commit("fail", fail)
    assert (read(notes), ran) == ([], [])


def test_an_after_hook_that_fails_is_reported_and_undoes_nothing(
    notes: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise refusal()

    with notes.unit("probe.write") as unit:
        write(unit, 1)
        unit.after_commit(fail)
    assert read(notes) == [1]
    assert "after the commit of probe.write" in caplog.text


def test_the_observer_hears_every_point_in_order(notes: Database) -> None:
    heard: list[str] = []
    notes.observer = heard.append
    with notes.unit("probe.write") as unit:
        unit.point("probe.write:halfway")
        unit.after_commit(lambda: heard.append("hook"))
    assert heard == ["probe.write:halfway", "probe.write:before-commit", "probe.write:after-commit", "hook"]


def test_a_read_unit_cannot_write_and_takes_no_hooks(notes: Database) -> None:
    with pytest.raises(Conflict) as caught, notes.read("probe.read") as unit:
        write(unit, 1)
    assert caught.value.code == "node.read-only"
    with pytest.raises(Conflict), notes.read("probe.read") as unit:
        unit.before_commit("never", lambda _: None)
    with notes.unit("probe.write") as unit:  # the reader's connection went back clean
        write(unit, 2)
    assert read(notes) == [2]


def test_a_read_unit_sees_one_snapshot(notes: Database) -> None:
    count = sa.select(sa.func.count()).select_from(NOTES)
    with notes.read("probe.read") as unit:
        assert unit.connection.scalar(count) == 0
        with notes.unit("probe.write") as writer:
            write(writer, 1)
        assert unit.connection.scalar(count) == 0
    assert read(notes) == [1]


def test_a_sealed_database_only_reads(notes: Database) -> None:
    notes.sealed = True
    with pytest.raises(Conflict) as caught, notes.unit("probe.write"):
        pass
    assert caught.value.code == "node.read-only"
    assert read(notes) == []


def test_a_thread_cannot_open_two_write_units(notes: Database) -> None:
    with pytest.raises(Conflict) as caught, notes.unit("probe.write"), notes.unit("probe.inner"):
        pass
    assert caught.value.code == "node.unit-open"


def test_writers_of_many_threads_take_turns(notes: Database, clock: FixedClock) -> None:
    moments: list[datetime] = []

    def add(start: int) -> None:
        for number in range(start, start + 10):
            with notes.unit("probe.write") as unit:
                clock.advance(1)
                write(unit, number)
                moments.append(unit.now)

    threads = [threading.Thread(target=add, args=(start,)) for start in (0, 100, 200, 300)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read(notes)) == 40
    assert moments == sorted(moments)


def test_two_processes_take_turns(notes: Database, again: Callable[[Database], Database]) -> None:
    """A second `Database` on the same files stands for another process: it shares nothing in memory."""
    other = again(notes)
    done: list[int] = []

    def add(database: Database, start: int) -> None:
        for number in range(start, start + 15):
            with database.unit("probe.write") as unit:
                highest = unit.connection.scalar(sa.select(sa.func.count()).select_from(NOTES))
                write(unit, number, str(highest))
                done.append(number)

    threads = [threading.Thread(target=add, args=pair) for pair in ((notes, 0), (other, 100))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with notes.read("probe.read") as unit:
        counts = [int(text) for text in unit.connection.scalars(sa.select(NOTES.c.text))]
    assert sorted(counts) == list(range(30))


@pytest.fixture
def again(keys: KeyRing, clock: FixedClock) -> Iterator[Callable[[Database], Database]]:
    """Opens the same database a second time."""
    opened: list[Database] = []

    def make(database: Database) -> Database:
        url = database.engine.url.render_as_string(hide_password=False)
        opened.append(Database(url, node="XA", keys=keys, clock=clock))
        return opened[-1]

    yield make
    for database in opened:
        database.dispose()


@pytest.mark.parametrize("elsewhere", [False, True])
def test_waiting_ends_with_a_commit_of_this_or_another_process(
    notes: Database, again: Callable[[Database], Database], elsewhere: bool
) -> None:
    writer = again(notes) if elsewhere else notes
    assert notes.wait_for_change(0)  # the first call starts the watch
    assert not notes.wait_for_change(0.05)
    ready = threading.Event()

    def commit() -> None:
        ready.wait()
        with writer.unit("probe.write") as unit:
            write(unit, 1)

    thread = threading.Thread(target=commit)
    thread.start()
    ready.set()
    assert notes.wait_for_change(10)
    thread.join()
    assert not notes.wait_for_change(0.05)


def test_a_unit_that_changes_nothing_wakes_nobody(notes: Database) -> None:
    notes.wait_for_change(0)
    with notes.unit("probe.look"):
        pass
    assert not notes.wait_for_change(0.05)


def test_a_commit_between_two_waits_is_not_missed(notes: Database) -> None:
    notes.wait_for_change(0)
    with notes.unit("probe.write") as unit:
        write(unit, 1)
    assert notes.wait_for_change(10)  # a server tells its listeners when it comes to it, at once or a moment later
    assert not notes.wait_for_change(0)


def test_dispose_frees_a_waiting_thread(notes: Database) -> None:
    answers: list[bool] = []
    started = threading.Event()

    def wait() -> None:
        notes.wait_for_change(0)
        started.set()
        answers.append(notes.wait_for_change(60))

    thread = threading.Thread(target=wait)
    thread.start()
    started.wait()
    notes.dispose()
    thread.join(10)
    assert answers == [False]


def test_a_missing_table_says_what_to_run(database: Database) -> None:
    with pytest.raises(Misconfigured) as caught:
        read(database)
    assert caught.value.code == "node.schema"


def test_a_database_out_of_reach_is_unavailable(keys: KeyRing, engine: str) -> None:
    urls = {"sqlite": "sqlite:////nowhere/at/all.db", "postgresql": "postgresql://nobody@127.0.0.1:1/none"}
    database = Database(urls[engine], node="XA", keys=keys)
    with pytest.raises(Unavailable), database.unit("probe.write"):
        pass
    with pytest.raises(Unavailable):
        database.wait_for_change(0)
    database.dispose()


def test_a_full_disk_changes_nothing(notes: Database, engine: str) -> None:
    """SQLite's own page limit is the full disk; it drops the transaction by itself, also inside an act."""
    if engine != "sqlite":
        return
    with notes.unit("probe.write") as unit:
        write(unit, 1)
        pages = unit.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        unit.connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    for swallow in (False, True):
        with pytest.raises(Unavailable) as caught, notes.unit("probe.write") as unit:
            write(unit, 2)
            try:
                with unit.act():
                    write(unit, 3, "x" * 1_000_000)
            except (ComityError, sa.exc.DBAPIError):
                if not swallow:
                    raise
        assert caught.value.code == "node.storage"
    assert read(notes) == [1]


def test_other_errors_of_the_disk_are_mapped_and_strange_ones_are_not(notes: Database) -> None:
    with pytest.raises(Unavailable), notes.unit("probe.write"):
        raise OSError(28, "No space left on device")
    with pytest.raises(FileNotFoundError), notes.unit("probe.write"):
        raise FileNotFoundError(2, "none")
