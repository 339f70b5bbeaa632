"""What the codes of this room mean to a reader."""

from typing import Final

from comity.kit.web.pages import Words
from comity.kit.web.speech import to_say

WORDS: Final[Words] = {
    "log-field": {
        "actor": to_say("Who"),
        "subject": to_say("About whom or what"),
        "case": to_say("Case"),
        "payload": to_say("What was done"),
    },
    "act": {
        "log.open": to_say("Open sealed values of a log entry"),
    },
}
