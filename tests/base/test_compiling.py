"""Kernels are compiled for written types, whether or not their machine code can be kept."""

import os
import subprocess
import sys
from pathlib import Path

SHOWN = """
import numba
from comity.base.compiling import compiled

def total(values):
    found = 0
    for value in values:
        found += value
    return found

numba.config.CACHE_DIR = ""
kernel = compiled("int64(int64[::1])")(total)
import numpy
print(kernel(numpy.arange(5)), len(kernel.signatures))
"""


def test_a_kernel_whose_machine_code_can_be_kept_nowhere_is_compiled_all_the_same() -> None:
    # A function made of text has no file, so numba finds no folder for it.
    ran = subprocess.run([sys.executable, "-c", SHOWN], capture_output=True, text=True, check=True, timeout=120)
    assert ran.stdout.split() == ["10", "1"]


ASKED = """
import sys
from comity.app.program import main
try:
    main()
except SystemExit:
    print("numba" in sys.modules)
"""


def test_ordinary_commands_load_no_compiler() -> None:
    for words in (["dna", "import", "--help"], ["status", "--help"]):
        ran = subprocess.run(
            [sys.executable, "-c", ASKED, *words], capture_output=True, text=True, check=True, timeout=60
        )
        assert ran.stdout.split()[-1] == "False", words


CALLED = """
from comity.base.compiling import compiled

@compiled("int64()")
def inner():
    return 1
"""
CALLER = """
from called import inner
from comity.base.compiling import compiled

@compiled("int64()")
def outer():
    return inner()
"""


def test_a_kernel_is_compiled_anew_when_one_that_it_calls_has_changed(tmp_path: Path) -> None:
    (tmp_path / "caller.py").write_text(CALLER, encoding="utf-8")
    told = []
    for text in (CALLED, CALLED.replace("return 1", "return 2")):
        (tmp_path / "called.py").write_text(text, encoding="utf-8")
        os.utime(tmp_path / "called.py", (0, 0))  # of the same size and date, as in a package built to be reproducible
        run = [sys.executable, "-B", "-c", "import caller; print(caller.outer())"]
        ran = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)
        told.append(ran.stdout.strip())
    assert told == ["1", "2"]
