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
    "dna-difference": {
        "equal": to_say("the same"),
        "wildcard": to_say("a value is unknown"),
        "contained": to_say("one allele lies in two"),
        "microvariant": to_say("a neighbouring value"),
        "mismatch": to_say("one allele differs"),
        "different": to_say("differs"),
    },
    "dna-sign": {
        "off_ladder": to_say("a value off the ladder"),
        "out_of_range": to_say("a value beyond all that a population lists"),
        "rare_allele": to_say("a value that no population lists"),
        "three_alleles": to_say("three values"),
        "homozygous": to_say("more homozygous loci than chance gives"),
        "sex": to_say("a sex marker that contradicts the rest"),
    },
    "dna-flag": {
        "contamination": to_say("Looks like contamination"),
        "duplicate": to_say("Shown by another specimen, too"),
    },
    "dna-finding": {
        "contamination": to_say("contamination"),
        "cleared": to_say("no contamination: the specimen comes in"),
        "same_person": to_say("the same person"),
        "twins": to_say("monozygotic twins"),
        "error": to_say("an error"),
    },
    "dna-format": {
        "auto": to_say("as the file says"),
        "cmf": to_say("CODIS CMF (XML)"),
        "csv": to_say("a table (CSV)"),
        "genemapper": to_say("a GeneMapper table"),
        "json": to_say("the node's own JSON"),
    },
}
