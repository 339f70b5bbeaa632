"""`comity legal` and `comity deadlines`: the commands, by what they are about."""

from comity.legal.cli.matters import deadlines_command as deadlines_command
from comity.legal.cli.root import commands as commands
