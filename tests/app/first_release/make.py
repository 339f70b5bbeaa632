"""Make the database of the first release that the upgrade test migrates: ``python -m tests.app.first_release.make``.

Run it with the first release only; what it wrote stays as it is from then on. It is the home of XA after the demo:
people, cases, questions, answers, an exhibit received, and the log of all of it. Its keys protect nothing.
"""

import json
import lzma
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
DATABASE: Final = HERE / "node.db.xz"
KEYS: Final = HERE / "keys.json"
COMITY: Final = (sys.executable, "-m", "comity")
EXPECTED: Final = HERE / "expected.json"


def keep(home: Path) -> None:
    """Keep a stopped node's database and keys, and what its log says of itself."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        connection = sqlite3.connect(home / "node.db")
        connection.execute("VACUUM INTO ?", (str(copy),))
        connection.close()
        DATABASE.write_bytes(lzma.compress(copy.read_bytes(), preset=9 | lzma.PRESET_EXTREME))
    keys = {path.name: path.read_text(encoding="ascii") for path in sorted((home / "keys").iterdir())}
    KEYS.write_text(json.dumps(keys, indent=1) + "\n", encoding="ascii")
    told = subprocess.run([*COMITY, "--home", str(home), "log", "verify", "--json"], check=True, capture_output=True)
    EXPECTED.write_text(json.dumps(json.loads(told.stdout), indent=1) + "\n", encoding="utf-8")
    print(f"{DATABASE.name}: {DATABASE.stat().st_size} bytes")


def main() -> None:
    """Run the demo in a folder of its own and keep its XA."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*COMITY, "demo", "--once", "--profiles", "10", "--folder", folder], check=True)
        keep(Path(folder) / "xa")


if __name__ == "__main__":
    main()
