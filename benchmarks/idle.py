"""How much memory an idle node holds: `python -m benchmarks.idle [--profiles 20000] [--seconds 60]`.

Makes a training node with that many synthetic profiles through the public command line, runs it as a process of its
own, has it answer no one for `seconds` after it is ready, and prints one JSON line: profiles, rss_mb (resident set of
the process), threads, ready_s (from start to ready), seconds waited, load.
"""

import argparse
import contextlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

from comity.app.demo import population
from comity.app.demo.commands import Commands
from comity.app.demo.federation import Federation, free_ports
from comity.base.clock import monotonic

SEED = 20_261
PASSPHRASE = "benchmark passphrase"


def _prepare(federation: Federation, profiles: int) -> None:
    partner, officer = free_ports(2)
    federation.ports["XB"] = (partner, officer)
    federation.post.mkdir(parents=True)
    ports = ("--partner-port", str(partner), "--officer-port", str(officer))
    federation.ask("XB", "init", "--code", "XB", "--name", "Brevania", *ports, "--training", "--admin", "security-1")
    examiner = ("person", "add", "examiner-1", "--unit", "laboratory", "--role", "examiner")
    federation.ask("XB", *examiner, by="security-1")
    table = federation.post / "database.csv"
    table.write_text(population.generate(SEED, profiles), encoding="utf-8")
    federation.ask("XB", "dna", "import", str(table), by="examiner-1", seconds=600)


def _status(process: int) -> dict[str, str]:
    rows = Path(f"/proc/{process}/status").read_text(encoding="ascii").splitlines()
    return {name: value.strip() for name, _, value in (row.partition(":") for row in rows)}


def measure(folder: Path, profiles: int, seconds: float) -> dict[str, object]:
    """The figures of one idle node under `folder`."""
    federation = Federation(folder, Commands(PASSPHRASE))
    _prepare(federation, profiles)
    begun = monotonic()
    federation.start("XB")
    try:
        federation.wait_ready("XB")
        ready = monotonic() - begun
        with contextlib.suppress(subprocess.TimeoutExpired):
            federation.running["XB"].wait(seconds)  # it ends only if it fails
        found = _status(federation.running["XB"].pid)
    finally:
        federation.stop_all()
    rss = int(found["VmRSS"].split()[0]) / 1024
    return {"profiles": profiles, "rss_mb": round(rss, 1), "threads": int(found["Threads"]), "ready_s": round(ready, 2)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profiles", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), options.profiles, options.seconds)
    print(json.dumps(figures | {"seconds": options.seconds, "seed": SEED, "load": round(os.getloadavg()[0], 2)}))


if __name__ == "__main__":
    main()
