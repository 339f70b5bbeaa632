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
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

from numba import njit

Kernel = TypeVar("Kernel", bound=Callable[..., Any])

_MADE_OF: Final[dict[Any, str]] = {}
"""Of each kernel, the hash of all that its machine code was made of."""


def compiled(*signatures: str) -> Callable[[Kernel], Kernel]:
    """A function of numbers and arrays as machine code, for exactly these types of arguments.

    Each signature is numba's text, such as ``"int64(uint8[::1], int64)"``; without any, the types are taken from the
    first call, which only kernels called by other kernels should leave so. A compiled kernel lets other threads run
    (it holds no lock of Python's), checks no bounds, and divides as NumPy does.
    """
    compile_: Callable[..., Any] = partial(njit, nogil=True, error_model="numpy", boundscheck=False)

    def made(function: Kernel) -> Kernel:
        origin = _made_of(function)
        try:
            kernel = compile_(cache=True)(function)
            _bound(kernel, origin)
        except RuntimeError:  # no folder for the cache may be written
            kernel = compile_(cache=False)(function)
        _MADE_OF[kernel] = origin
        for signature in signatures:
            kernel.compile(signature)
        if signatures:
            kernel.disable_compile()
        done: Kernel = kernel
        return done

    return made


def _made_of(function: Callable[..., Any]) -> str:
    """A hash of the function's file, of the kernels that it calls, and of the numbers that it names."""
    file = Path(function.__code__.co_filename)
    seen = sha256(file.read_bytes() if file.exists() else function.__code__.co_code)
    for name in sorted(function.__code__.co_names):
        value = function.__globals__.get(name)
        if isinstance(value, (int, float, str)):
            seen.update(f"{name}={value!r};".encode())
        elif callable(value) and value in _MADE_OF:
            seen.update(f"{name}:{_MADE_OF[value]};".encode())
    return seen.hexdigest()


def _bound(kernel: Any, origin: str) -> None:
    """Have kept machine code used only where it was made of the same sources.

    numba itself looks at the date and the size of the one file that holds the function, and so would run a kernel that
    has an older one built into it.
    """
    kept = kernel._cache._cache_file
    kept._source_stamp = (*kept._source_stamp, origin)
