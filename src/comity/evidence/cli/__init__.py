"""`comity evidence`: take in, request, offer, release, accept, refuse, show, export; and `comity verify`."""

from comity.evidence.cli.commands import commands as commands
from comity.evidence.cli.looking import there as there
from comity.evidence.cli.verifying import verify_command as verify_command
