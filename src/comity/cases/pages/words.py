"""What the codes of this room mean to a reader."""

from typing import Final

from comity.kit.web.pages import Words
from comity.kit.web.speech import to_say

WORDS: Final[Words] = {
    "case_state": {
        "open": to_say("open"),
        "erasure_asked": to_say("erasure asked for"),
        "erased": to_say("erased"),
    },
    "act": {
        "case.open": to_say("Open a case"),
        "case.admit": to_say("Let a person into a case"),
        "case.erase": to_say("Erase a case"),
    },
}
