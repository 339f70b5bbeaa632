"""`comity dna`: profiles (`commands`), statistics (`statistics`), relatives and mixtures (`ranking`), partners
(`partners`)."""

from comity.dna.cli.commands import Lister as Lister
from comity.dna.cli.commands import commands as commands
from comity.dna.cli.commands import there as there
