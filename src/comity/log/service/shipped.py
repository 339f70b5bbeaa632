"""Files that come with this package: the checker of exports, and its instructions in four languages."""

import importlib.util
from functools import cache
from importlib import resources
from types import ModuleType
from typing import Final

VERIFIER: Final = "verify.py"
README: Final = {code: f"README.{code}.txt" for code in ("ar", "en", "es", "fr")}


@cache
def shipped(name: str) -> bytes:
    """The bytes of one file."""
    return (resources.files("comity.log") / "data" / name).read_bytes()


@cache
def load_verifier() -> ModuleType:
    """The checker as a module, so that the node holds its own exports to what their readers will find.

    It is one file that depends on nothing here, hence no part of the package's imports.
    """
    with resources.as_file(resources.files("comity.log") / "data" / VERIFIER) as path:
        spec = importlib.util.spec_from_file_location("comity_export_verify", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module
