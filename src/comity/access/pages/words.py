"""What the codes of this room mean to a reader."""

from typing import Final

from comity.kit.web.pages import Words
from comity.kit.web.speech import to_say

WORDS: Final[Words] = {
    "role": {
        "officer": to_say("Officer"),
        "examiner": to_say("Examiner"),
        "approver": to_say("Approver"),
        "judge": to_say("Judge"),
        "lawyer": to_say("Lawyer"),
        "custodian": to_say("Evidence custodian"),
        "auditor": to_say("Auditor"),
        "security_admin": to_say("Security administrator"),
        "operator": to_say("Operator"),
    },
    "act": {
        "person.add": to_say("Add a person"),
        "person.link": to_say("Make a link for a person"),
        "person.recover": to_say("Let a person make a new passkey"),
        "person.qualify": to_say("Renew or end a qualification"),
        "person.deactivate": to_say("Let a person act no more"),
    },
}
