"""`comity legal`: the commands, by what they are about."""

from comity.legal.cli.commands import commands as commands
