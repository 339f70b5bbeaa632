"""The verbs of access, and the room's only door: add people, sign in, act with proof, approve as one of several."""

from comity.access.service.acting import KeyIssuer as KeyIssuer
from comity.access.service.acting import act as act
from comity.access.service.acting import approvals as approvals
from comity.access.service.acting import approve as approve
from comity.access.service.acting import check_assertion as check_assertion
from comity.access.service.acting import find_assertion as find_assertion
from comity.access.service.entering import change_passphrase as change_passphrase
from comity.access.service.entering import enter as enter
from comity.access.service.people import DEFAULT_COST as DEFAULT_COST
from comity.access.service.people import SECURITY_ADMINS as SECURITY_ADMINS
from comity.access.service.people import add_person as add_person
from comity.access.service.people import deactivate as deactivate
from comity.access.service.people import find_person as find_person
from comity.access.service.people import people as people
from comity.access.service.people import qualified as qualified
from comity.access.service.people import qualify as qualify
