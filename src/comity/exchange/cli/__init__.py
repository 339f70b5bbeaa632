"""`comity federation`, `comity partners` and `comity log monitor`: whom this node trusts, and how they stand."""

from comity.exchange.cli.federation import commands as commands
from comity.exchange.cli.partners import monitor_command as monitor_command
from comity.exchange.cli.partners import partners_command as partners_command
