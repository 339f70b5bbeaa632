"""Compile numeric kernels to machine code, and keep what was compiled.

Whoever imports this module loads numba (a third of a second, 70 MB): only modules of kernels do, and those are loaded
when their first call is at hand, never by an ordinary command.

The machine code is kept beside the installed files; where those may not be written, in the cache folder of the user
whom the process runs as, or in the folder that ``NUMBA_CACHE_DIR`` names. Where none of the three may be written, a
kernel is compiled anew by every process: slower to start, never wrong. Files in there run as code: they must belong to
the node's user alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(*signatures: str) -> Callable[[Kernel], Kernel]:
    """A function of numbers and arrays as machine code, for exactly these types of arguments.

    Each signature is numba's text, such as ``"int64(uint8[::1], int64)"``; without any, the types are taken from the
    first call, which only kernels called by other kernels should leave so. A compiled kernel lets other threads run
    (it holds no lock of Python's), checks no bounds, and divides as NumPy does.
    """
    types = [*signatures] or None
    compile_: Callable[..., Any] = partial(njit, types, nogil=True, error_model="numpy", boundscheck=False)

    def made(function: Kernel) -> Kernel:
        try:
            kernel: Kernel = compile_(cache=True)(function)
        except RuntimeError:  # no folder for the cache may be written
            kernel = compile_(cache=False)(function)
        return kernel

    return made
