"""Who must have cosigned: a policy file (C2SP tlog-policy), in which partners' codes are known without a line.

witness w1 witness.example/w1+1a2b3c4d+BF... https://witness.example/
group both all w1 XB
quorum both
"""

import re
from typing import Final
from urllib.parse import urlsplit

from comity.base.errors import BadInput
from comity.exchange.model import Outsider, WitnessPolicy
from comity.kit.codec.notes import VerifierKey

MOST: Final = 64 * 1024
_NAME: Final = re.compile(r"(?=.*[a-z])[A-Za-z0-9._-]{1,16}")
"""A witness's name here; with a small letter in it, it is no node's code."""
_CODE: Final = re.compile(r"[A-Z][A-Z0-9-]{1,15}")


def parse_policy(text: str) -> WitnessPolicy:
    """The policy in a file; BadInput (``exchange.witness-policy``) for what is none.

    A name is defined before it is used, and used in one group at most; one quorum; a key and an address for each
    witness. A line about logs is left out of account: the policy is about this node's own.
    """
    outsiders: dict[str, Outsider] = {}
    groups: dict[str, tuple[int, tuple[str, ...]]] = {}
    quorums: list[str] = []
    for line in text.split("\n"):
        kind, *words = line.split("#")[0].split() or [""]
        if kind == "witness" and len(words) == 3 and words[0] not in {*outsiders, *groups, "none"}:
            outsiders[words[0]] = _outsider(*words)
        elif kind == "group" and len(words) >= 3 and words[0] not in {*outsiders, *groups, "none"}:
            groups[words[0]] = _group(words, {*outsiders, *groups}, groups)
        elif kind == "quorum" and len(words) == 1 and _known(words[0], {*outsiders, *groups, "none"}):
            quorums += words
        elif kind not in ("", "log"):
            raise _bad(f"the line {line[:80]!r} cannot be read")
    if len(quorums) != 1 or len({one.key for one in outsiders.values()}) != len(outsiders):
        raise _bad("one `quorum` line, and a key of its own for each witness, are needed")
    return WitnessPolicy(tuple(outsiders.values()), groups, quorums[0])


def _outsider(name: str, key: str, url: str) -> Outsider:
    try:
        VerifierKey.parse(key, cosigns=True)
        address = urlsplit(url)
        sound = address.scheme in ("http", "https") and bool(address.hostname) and address.port != 0
    except (BadInput, ValueError) as error:
        raise _bad(f"the witness {name[:16]} has no witness's key or no address") from error
    if not _NAME.fullmatch(name) or not sound or not url.isascii() or "@" in address.netloc:
        raise _bad(f"the witness {name[:16]!r} needs an http address, and a name of up to 16 with a small letter")
    return Outsider(name, key, url.rstrip("/"))


def _group(
    words: list[str], known: set[str], groups: dict[str, tuple[int, tuple[str, ...]]]
) -> tuple[int, tuple[str, ...]]:
    name, count, *members = words
    used = {one for _, others in groups.values() for one in others}
    if not all(_known(one, known) for one in members) or used & {*members} or len({*members}) != len(members):
        raise _bad(f"the group {name[:80]} has members unknown, twice or in another group")
    number = int(count) if count.isascii() and count.isdigit() and len(count) < 4 else 0
    most = {"any": 1, "all": len(members)}.get(count, number)
    if not 1 <= most <= len(members) or _CODE.fullmatch(name):
        raise _bad(f"the group {name[:80]} asks for too many or none, or is called as a node")
    return most, tuple(members)


def _known(name: str, known: set[str]) -> bool:
    return name in known or bool(_CODE.fullmatch(name))


def _bad(what: str) -> BadInput:
    return BadInput("exchange.witness-policy", f"No witness policy: {what}",
                    todo="Write it as docs/operate/witnesses.md shows.")  # fmt: skip
