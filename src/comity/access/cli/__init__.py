"""`comity person`, `comity token`, `comity duty`: who may act, which programs for them, who answers for a desk when."""

from comity.access.cli.duty import duty_commands as duty_commands
from comity.access.cli.people import commands as commands
from comity.access.cli.tokens import token_commands as token_commands
