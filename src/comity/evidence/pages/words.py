"""What the codes of this room mean to a reader."""

from typing import Final

from comity.kit.web.pages import Words
from comity.kit.web.speech import to_say

WORDS: Final[Words] = {
    "evidence-standing": {
        "held": to_say("held here"),
        "offered": to_say("on offer"),
        "given": to_say("handed over"),
        "destroyed": to_say("destroyed with its case"),
    },
    "evidence-state": {
        "open": to_say("open"),
        "answered": to_say("answered"),
        "refused": to_say("refused"),
        "referred": to_say("referred to a lawyer"),
        "proposed": to_say("proposed, waits for approval"),
        "offered": to_say("sent, waits for the answer"),
        "accepted": to_say("accepted"),
        "lapsed": to_say("lapsed"),
        "withdrawn": to_say("withdrawn"),
        "received": to_say("received, waits for the answer"),
        "held": to_say("countersigned, custody is here"),
        "void": to_say("accepted too late"),
    },
    "evidence-event": {
        "collected": to_say("Collected"),
        "sealed": to_say("Sealed"),
        "accessed": to_say("Accessed"),
        "copied": to_say("Copied"),
        "derived": to_say("Derived"),
        "offered": to_say("Offered"),
        "accepted": to_say("Accepted"),
        "refused": to_say("Refused"),
        "returned": to_say("Returned"),
        "destroyed": to_say("Destroyed"),
    },
    "evidence-category": {
        "exhibit": to_say("Exhibit"),
        "laboratory_report": to_say("Laboratory report"),
    },
    "evidence-container": {
        "raw": to_say("the thing itself, such as a report or a raw image"),
        "ewf": to_say("an Expert Witness image (E01), whose media has a hash of its own"),
    },
    "evidence-sensitivity": {
        "normal": to_say("normal"),
        "sensitive": to_say("sensitive"),
        "highly_sensitive": to_say("highly sensitive"),
    },
    "evidence-use": {
        "information_only": to_say("Information only, no evidence before a court"),
        "evidence": to_say("Evidence"),
    },
    "act": {
        "evidence.offer": to_say("Offer items to a partner"),
        "evidence.release": to_say("Release a package to a partner"),
        "evidence.accept": to_say("Accept a package and its custody"),
        "evidence.paper": to_say("Print a custody record as a sealed paper"),
    },
}
"""States of requests, releases and parcels share one scheme: no word means two things there."""
