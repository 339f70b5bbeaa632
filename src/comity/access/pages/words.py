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
        "token.issue": to_say("Issue an access token"),
        "duty.plan": to_say("Put a person on duty"),
        "duty.cancel": to_say("Call a shift off"),
        "duty.hand-over": to_say("Hand over"),
        "duty.take-over": to_say("Take over"),
        "duty.acknowledge": to_say("Acknowledge an alarm"),
    },
    "scope": {
        "case.read": to_say("Read the cases of which the person is a member"),
        "dna.read": to_say("Read DNA profiles"),
        "duty.read": to_say("Read the rota, hand-overs and alarms"),
        "evidence.read": to_say("Read evidence and take packages along"),
        "legal.read": to_say("Read the law, try questions out, see deadlines"),
        "log.read": to_say("Read the log and verify it"),
        "person.read": to_say("Read who may act on this node"),
        "search.read": to_say("Read searches and their answers"),
        "case.admit": to_say("Let people into cases"),
        "case.open": to_say("Open cases"),
        "dna.import": to_say("Take in DNA profiles"),
        "dna.import-population": to_say("Take in allele frequencies"),
        "dna.kinship": to_say("Search for relatives"),
        "dna.mixture": to_say("Search for contributors to mixtures"),
        "dna.weigh": to_say("Weigh DNA profiles"),
        "evidence.preview": to_say("See what a request for evidence would send"),
        "evidence.request": to_say("Ask partners for evidence"),
        "evidence.take-in": to_say("Take exhibits in"),
        "evidence.withdraw": to_say("Take proposals for evidence back"),
        "legal.agreement-end": to_say("Write endings of agreements"),
        "legal.agreement-extend": to_say("Write extensions of agreements"),
        "legal.agreement-new": to_say("Write agreements down"),
        "legal.agreement-revise": to_say("Write other terms of agreements"),
        "search.ask": to_say("Ask partners: searches"),
        "search.correct": to_say("Send corrected profiles"),
        "search.preview": to_say("See what a search would send"),
        "search.preview-request": to_say("See what asking for core data would send"),
        "search.request": to_say("Ask who a confirmed match is"),
        "search.withdraw": to_say("Take searches back"),
    },
}
