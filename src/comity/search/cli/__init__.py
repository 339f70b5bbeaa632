"""`comity search`: the commands, and the words in which they tell what was found."""

from comity.search.cli.commands import commands as commands
from comity.search.cli.questions import There as There
