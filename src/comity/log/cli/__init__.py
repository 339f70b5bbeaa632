"""`comity log`: what this node did, whether the record is whole, and how to prove it to others."""

from comity.log.cli.commands import commands as commands
from comity.log.cli.reading import there as there
