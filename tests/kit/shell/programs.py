"""Programs of one command, for the tests of the command line."""

from collections.abc import Callable

import typer

from comity.kit import shell


def app_that(act: Callable[[], None]) -> typer.Typer:
    """A program with one command, ``do [--json] [--times N]``."""
    app = typer.Typer()

    @app.callback()
    def root(
        from_environment: shell.FromEnvironment = None,
        passphrase_file: shell.PassphraseFile = None,
    ) -> None:
        shell.keep_passphrase(from_environment, passphrase_file)

    @app.command()
    def do(as_json: shell.AsJson = False, times: int = 1) -> None:
        for _ in range(times):
            act()

    return app


def failing(error: BaseException) -> typer.Typer:
    def act() -> None:
        raise error

    return app_that(act)
