"""What the codes of this room mean to a reader."""

from typing import Final

from comity.kit.web.pages import Words
from comity.kit.web.speech import to_say

WORDS: Final[Words] = {
    "delivery": {
        "queued": to_say("about to be tried"),
        "waiting": to_say("waits, is tried again"),
        "held": to_say("held by its relay"),
        "rejected": to_say("rejected by the partner"),
        "non_delivery": to_say("not delivered"),
    },
    "act": {
        "exchange.thaw": to_say("Exchange with a partner again"),
    },
}
