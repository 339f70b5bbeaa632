"""`comity log`: what this node did, whether the record is whole, and how to prove it to others."""

from comity.log.cli.commands import commands as commands
