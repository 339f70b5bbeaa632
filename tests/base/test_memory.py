"""Memory of a long-lived process: one heap for all threads, as the C library itself counts its arenas, and what was
loaded left alone by the collector. In processes of their own."""

import subprocess
import sys

WORK = """
import ctypes, sys, threading
from comity.base.memory import one_heap
if sys.argv[1] == "one":
    one_heap()
together = threading.Barrier(8)
def work():
    together.wait()
    kept = [bytes(2000) for _ in range(500)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
ctypes.CDLL(None).malloc_stats()
"""


def arenas(which: str) -> int:
    done = subprocess.run([sys.executable, "-c", WORK, which], capture_output=True, text=True, check=True)
    return done.stderr.count("Arena")


def test_threads_take_memory_from_one_heap() -> None:
    assert arenas("one") == 1 < arenas("many")


LOADED = """
import gc
from comity.base.memory import spare_loaded
class Ring:
    def __init__(self): self.me = self
before, ring = len(gc.get_objects()), Ring()
del ring
spare_loaded()
assert gc.get_freeze_count() > before / 2 > len(gc.get_objects())
made = Ring()
assert any(one is made for one in gc.get_objects()), "what comes later is looked at"
del made
assert gc.collect() > 0
"""


def test_the_collector_leaves_alone_what_was_loaded() -> None:
    subprocess.run([sys.executable, "-c", LOADED], check=True)
