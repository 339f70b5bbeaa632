"""Kernels are compiled for written types, whether or not their machine code can be kept."""

import subprocess
import sys

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
