"""Workers work when woken or when it is time, outlive faults, and have ended when they are stopped."""

import threading

import pytest

from comity.base.errors import Unavailable
from comity.base.workers import Worker, ticking


def test_a_worker_works_at_the_start_and_whenever_it_is_woken() -> None:
    done = threading.Semaphore(0)

    def work() -> float:
        done.release()
        return threading.TIMEOUT_MAX

    worker = Worker("probe", work)
    assert done.acquire(timeout=10)
    worker.wake()
    assert done.acquire(timeout=10)
    worker.stop()
    worker.wake()
    assert not done.acquire(blocking=False)


@pytest.mark.parametrize("fault", [Unavailable("probe.away", "away", todo="wait"), ZeroDivisionError()])
def test_a_worker_outlives_a_fault(
    fault: Exception, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.base.workers.REST_SECONDS", 0.01)
    again = threading.Event()
    faults = [fault]

    def work() -> None:
        if faults:
            raise faults.pop()
        again.set()

    with ticking("probe-clock", 0.01, work):
        assert again.wait(10)
    assert "probe-clock" in caplog.text


def test_nothing_runs_once_the_context_is_left() -> None:
    with pytest.raises(ZeroDivisionError), ticking("probe-clock", 60, lambda: None):
        raise ZeroDivisionError
    assert not any(thread.name == "probe-clock" for thread in threading.enumerate())
