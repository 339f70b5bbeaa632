"""`comity person` and `comity token`: who may act on this node, and which programs for them."""

from comity.access.cli.people import commands as commands
from comity.access.cli.tokens import token_commands as token_commands
