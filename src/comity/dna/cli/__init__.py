"""`comity dna`: profiles (`commands`) and statistics (`statistics`)."""

from comity.dna.cli.commands import Lister as Lister
from comity.dna.cli.commands import commands as commands
from comity.dna.cli.commands import there as there
