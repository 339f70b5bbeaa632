"""Tell the story: set the federation up, then its four acts, then the proofs. Every step is a public command."""

import json
import shutil
import signal
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from comity.app.demo import acts, proofs, setting
from comity.app.demo.commands import Commands
from comity.app.demo.federation import NODES, PEOPLE, Federation
from comity.app.demo.told import Told
from comity.app.demo.transcript import Transcript
from comity.base.errors import ComityError, Conflict
from comity.kit.crypto.symmetric import random_bytes

WEIGHTS: Final = (8, 0.5, 8, 5, 1, 4, 3, 3, 5, 3, 0.4, 0.4, 0.7, 0.9, 0.3, 0.6, 0.9, 0.4, 0.7, 0.8, 0.4, 0.4, 0.4, 0.4)
"""The steps' usual shares of the time, measured in seconds on two quiet cores."""


@dataclass(frozen=True)
class Options:
    """How the story is told."""

    folder: Path
    once: bool
    json_file: Path | None
    stain: Path | None
    plant: bool
    profiles: int


def tell(options: Options) -> int:
    """Tell the whole story; 0 only if every step held. Nodes stay up until Ctrl-C unless `once`."""
    stain = setting.Stain.read(options.stain)
    _empty(options.folder)
    federation = Federation(options.folder, Commands(random_bytes(16).hex()))
    transcript = Transcript(WEIGHTS)
    told = Told(federation, transcript)
    try:
        code = _acts(told, stain, options)
        _write(options.json_file, told.result(transcript.seconds))
        if not options.once and code == 0:
            _stay(federation, transcript)
        return code
    finally:
        federation.stop_all()


def _acts(told: Told, stain: setting.Stain, options: Options) -> int:
    try:
        setting.prepare(told, stain, options.plant, options.profiles)
        acts.ask_abroad(told)
        if told.hit is None:
            told.transcript.fact("No hit abroad: the story of a confirmed hit cannot be told, and none is made up.")
        else:
            acts.confirm_and_release(told)
            acts.hand_over(told)
        proofs.prove(told)
    except ComityError as error:
        told.transcript.line("")
        told.transcript.line(f"The story stopped: {error}")
        told.failed = str(error)
        return 1
    told.transcript.line("")
    told.transcript.line(f"Every step held, in {told.transcript.seconds:.1f} s.")
    return 0 if told.held() else 1


def _empty(folder: Path) -> None:
    """Remove what an earlier demo left; nothing but a demo's own folder is ever emptied."""
    mark = folder / "COMITY-DEMO"
    if folder.exists() and any(folder.iterdir()) and not mark.exists():
        raise Conflict("demo.folder", f"{folder} holds something else than a demo", todo="Choose another --folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    mark.write_text("Made by `comity demo`; emptied by the next one.\n", encoding="utf-8")


def _write(path: Path | None, result: dict[str, Any]) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def _stay(federation: Federation, transcript: Transcript) -> None:
    """The nodes stay up for a look around until Ctrl-C."""
    transcript.chapter("The nodes stay up; look around, then press Ctrl-C")
    for node in NODES:
        transcript.fact(f"{node}  {federation.address(node)}/status   officer API: {federation.address(node)}/docs")
        for person in PEOPLE[node]:
            made = federation.ask(node, "person", "link", person, "--visit", by="security-1")
            transcript.fact(f"      as {person}: {made['link']}")
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    ended.wait()
    transcript.line("Stopping the nodes.")
