"""What the codes of this room mean to a reader."""

from typing import Final

from comity.kit.web.pages import Words
from comity.kit.web.speech import to_say

WORDS: Final[Words] = {
    "relation": {
        "parent-child": to_say("parent and child"),
        "full-siblings": to_say("full siblings"),
        "half-siblings": to_say("half siblings"),
        "grandparent": to_say("grandparent and grandchild"),
        "avuncular": to_say("uncle or aunt and nephew or niece"),
    },
    "dna-format": {
        "auto": to_say("as the file says"),
        "cmf": to_say("CODIS CMF (XML)"),
        "csv": to_say("a table (CSV)"),
        "genemapper": to_say("a GeneMapper table"),
        "json": to_say("the node's own JSON"),
    },
}
