"""A node at a distance, which the command line reaches with ``--at`` and ``--token-file``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from comity.base.errors import BadInput
from comity.client.node import Node, connect
from comity.kit.shell import read_text

MOST: Final = 4096


def distant(address: str, token_file: Path | None) -> Node:
    """The node at `address`, asked with the token in the first line of a file that its owner alone reads."""
    if token_file is None:
        raise BadInput(
            "shell.token-file", "A node at a distance is asked with an access token", where="--at",
            todo="Name its file with --token-file or COMITY_TOKEN_FILE; see comity token issue.",
        )  # fmt: skip
    text = read_text(token_file, MOST)
    if token_file.stat().st_mode & 0o077:
        raise BadInput("shell.token-open", "Others of this machine may read the token", where=str(token_file),
                       todo="Take it from them: chmod 600; and if they may have, revoke it.")  # fmt: skip
    return connect(address, text.partition("\n")[0].strip())


def without_persons(command: Any) -> Any:
    """`command`, or every one of a group, without ``--as``: at a distance the access token says who acts."""
    for one in _commands(command):
        for option in one.params:
            if "--as" in option.opts:
                option.required, option.default, option.hidden, option.callback = False, "", True, _none
    return command


def _commands(command: Any) -> Iterator[Any]:
    yield command
    for one in getattr(command, "commands", {}).values():
        yield from _commands(one)


def _none(_context: Any, _option: Any, person: str | None) -> str:
    if person:
        raise BadInput("shell.far-person", "At a distance the access token says who acts", where="--as",
                       todo="Leave --as out.")  # fmt: skip
    return ""
