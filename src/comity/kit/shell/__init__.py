"""The command line: options that every command shares, output for people and for programs, exit codes.

Promises: data goes to stdout and everything else to stderr; with ``--json`` both are JSON, errors too, one object a
line; an error says what to do next and ends with the exit code of its branch; a passphrase or PIN comes from the
environment (COMITY_PASSPHRASE, COMITY_PIN), a file or a prompt, never from the arguments, which every user of the
machine can list; text that came from a partner cannot steer the terminal.
"""

from comity.kit.database.unit import Unit as Unit
from comity.kit.shell.ending import EXIT_CODES as EXIT_CODES
from comity.kit.shell.ending import INTERNAL as INTERNAL
from comity.kit.shell.ending import INTERRUPTED as INTERRUPTED
from comity.kit.shell.ending import fail as fail
from comity.kit.shell.ending import run as run
from comity.kit.shell.files import private as private
from comity.kit.shell.files import read_file as read_file
from comity.kit.shell.files import read_text as read_text
from comity.kit.shell.files import reading as reading
from comity.kit.shell.files import write_file as write_file
from comity.kit.shell.files import writing as writing
from comity.kit.shell.options import As as As
from comity.kit.shell.options import AsJson as AsJson
from comity.kit.shell.options import FromEnvironment as FromEnvironment
from comity.kit.shell.options import Language as Language
from comity.kit.shell.options import PassphraseFile as PassphraseFile
from comity.kit.shell.options import acting as acting
from comity.kit.shell.options import keep_passphrase as keep_passphrase
from comity.kit.shell.options import passphrase as passphrase
from comity.kit.shell.options import signed_in as signed_in
from comity.kit.shell.output import Progress as Progress
from comity.kit.shell.output import agreed as agreed
from comity.kit.shell.output import emit as emit
from comity.kit.shell.output import table as table
from comity.kit.shell.output import time_left as time_left
from comity.kit.shell.pins import PinFile as PinFile
from comity.kit.shell.pins import PinFromEnvironment as PinFromEnvironment
from comity.kit.shell.pins import keep_pin as keep_pin
from comity.kit.shell.pins import pin as pin
from comity.kit.vault.desk import Desk as Desk
