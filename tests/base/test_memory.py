"""One heap for all threads, as the C library itself counts its arenas; in processes of their own."""

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
