"""Memory in a process of many threads that runs for months: the C library's, and Python's collector."""

import contextlib
import ctypes
import gc
from typing import Final

_ARENA_MAX: Final = -8
"""``M_ARENA_MAX`` of glibc's ``mallopt(3)``."""


def one_heap() -> None:
    """Let all threads take memory from one heap; to be called before there are several threads.

    glibc gives each thread an arena of its own, up to eight a processor, and what a thread frees stays in its arena: a
    node that answers from sixteen threads grew for an hour by megabytes that nobody used. Python's threads take memory
    one at a time as it is. Nothing happens with a C library that has no arenas.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)


def spare_loaded() -> None:
    """Have the collector of cycles leave alone what lives by now; to be called once, when all is loaded.

    A whole round of it looks at every object there is: 0.1 s for a node's modules and tables, with all threads waiting,
    and a large import makes one for every ten thousand profiles. What was loaded lives as long as the process does.
    """
    gc.collect()
    gc.freeze()
