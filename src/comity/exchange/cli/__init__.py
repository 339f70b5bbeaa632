"""`comity federation`, `partners`, `log monitor`, `log timestamps`, `duty alarms`: whom it trusts, how they stand."""

from comity.exchange.cli.alarms import add_alarms as add_alarms
from comity.exchange.cli.epoch import epoch_command as epoch_command
from comity.exchange.cli.federation import commands as commands
from comity.exchange.cli.partners import monitor_command as monitor_command
from comity.exchange.cli.partners import partners_command as partners_command
from comity.exchange.cli.timestamps import timestamps_command as timestamps_command
from comity.exchange.cli.witness import witness_commands as witness_commands
