"""Rows of access: people, their keys, assertions and approvals (`people`); what signing in at a browser needs
(`screens`); access tokens (`tokens`); the duty desk (`duty`);
what people looked at last (`looks`); their saved searches (`saved`)."""

from comity.access.store import duty as duty
from comity.access.store import looks as looks
from comity.access.store import saved as saved
from comity.access.store import screens as screens
from comity.access.store import tokens as tokens
from comity.access.store.people import Lock as Lock
from comity.access.store.people import anybody as anybody
from comity.access.store.people import approvals as approvals
from comity.access.store.people import approvals_of as approvals_of
from comity.access.store.people import find_assertion as find_assertion
from comity.access.store.people import find_person as find_person
from comity.access.store.people import insert_approval as insert_approval
from comity.access.store.people import insert_assertion as insert_assertion
from comity.access.store.people import insert_person as insert_person
from comity.access.store.people import lock_of as lock_of
from comity.access.store.people import persons as persons
from comity.access.store.people import public_key as public_key
from comity.access.store.people import set_active as set_active
from comity.access.store.people import set_lock as set_lock
from comity.access.store.people import set_qualified as set_qualified
from comity.access.store.people import set_strangers as set_strangers
from comity.access.store.people import strangers as strangers
