"""Make the vectors of the wire formats: ``python -m tests.vectors.make``.

Run it with the first release only; what it wrote stays as it is from then on, and every later version must read it. It
is one message and one package out of the demo, with the recipient's key. The keys protect nothing.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
MESSAGE: Final = HERE / "cx1-message.json"
DIRECTORY: Final = HERE / "FEDERATION.zip"
PACKAGE: Final = HERE / "package.zip"
RECEIPT: Final = HERE / "receipt.dsse"
FILES: Final = (DIRECTORY, PACKAGE, RECEIPT)
_QUERY: Final = """
SELECT m.envelope, m.proof, m.digest, r.jws, r.proof FROM exchange_message m
JOIN exchange_outbox o ON o.message = m.id AND o.what = 'message'
JOIN exchange_receipt r ON r.message = m.id AND r.issuer = o.recipient AND r.kind = 'ACCEPTED'
WHERE m.type = 'search.query' AND o.recipient = 'XB' ORDER BY o.n LIMIT 1
"""


def message(folder: Path) -> dict[str, Any]:
    """XA's first query to XB: the posted body, the answer to it, and the key that opens it."""
    with closing(sqlite3.connect(folder / "xa" / "node.db")) as database:
        envelope, proof, digest, receipt, received = database.execute(_QUERY).fetchone()
    return {
        "recipient": "XB", "recipient_kem_key": (folder / "xb" / "keys" / "kem.pem").read_text(encoding="ascii"),
        "request": f'{{"envelope":{envelope.decode()},"proof":{proof.decode()}}}', "digest": digest,
        "answer": f'{{"proof":{received.decode()},"receipt":"{receipt}"}}',
    }  # fmt: skip


def main() -> None:
    """Run the demo in a folder of its own and keep what travelled."""
    with tempfile.TemporaryDirectory() as name:
        folder, told = Path(name) / "demo", Path(name) / "demo.json"
        demo = [sys.executable, "-m", "comity", "demo", "--once", "--profiles", "10", "--folder", str(folder)]
        subprocess.run([*demo, "--json", str(told)], check=True)
        kept = message(folder) | {"root_key": json.loads(told.read_text(encoding="utf-8"))["root_key"]}
        MESSAGE.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        for file in FILES:
            place = "secretariat" if file == DIRECTORY else "exchange"
            file.write_bytes((folder / place / file.name).read_bytes())


if __name__ == "__main__":
    main()
