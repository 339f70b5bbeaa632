"""The verbs of the law, the room's only door: decide, permit, check; tables; life cycles; explain.

A verb of another room goes: `decide` -> (refuse, or) `permit` -> act -> `exchange.send`, which calls `check`. The
caller's own log record cites the decision's id and `rules_hash`, so that one act makes one entry. Permits are made
in `permits` and nowhere else, and every check believes the store, not the object that it was handed.
"""

from comity.legal.service.bases import bases as bases
from comity.legal.service.bases import listed_bases as listed_bases
from comity.legal.service.bases import listed_offence as listed_offence
from comity.legal.service.bases import offences as offences
from comity.legal.service.capacity import QUOTA_SETTERS as QUOTA_SETTERS
from comity.legal.service.capacity import drop_quota as drop_quota
from comity.legal.service.capacity import quota_subject as quota_subject
from comity.legal.service.capacity import quotas as quotas
from comity.legal.service.capacity import set_quota as set_quota
from comity.legal.service.capacity import spend as spend
from comity.legal.service.capacity import used_today as used_today
from comity.legal.service.comparing import diff_file as diff_file
from comity.legal.service.comparing import diff_sets as diff_sets
from comity.legal.service.deciding import READERS as READERS
from comity.legal.service.deciding import consider as consider
from comity.legal.service.deciding import decide as decide
from comity.legal.service.deciding import decisions as decisions
from comity.legal.service.deciding import find_decision as find_decision
from comity.legal.service.deciding import question_from as question_from
from comity.legal.service.deciding import read_question as read_question
from comity.legal.service.deciding import refuse_by_person as refuse_by_person
from comity.legal.service.explaining import explain as explain
from comity.legal.service.explaining import explain_html as explain_html
from comity.legal.service.explaining import words as words
from comity.legal.service.importing import IMPORTERS as IMPORTERS
from comity.legal.service.importing import import_depositary as import_depositary
from comity.legal.service.importing import import_table as import_table
from comity.legal.service.lifecycles import advance as advance
from comity.legal.service.lifecycles import deadlines as deadlines
from comity.legal.service.lifecycles import due as due
from comity.legal.service.lifecycles import lifecycle as lifecycle
from comity.legal.service.lifecycles import machines as machines
from comity.legal.service.permits import PERMIT_HOURS as PERMIT_HOURS
from comity.legal.service.permits import check as check
from comity.legal.service.permits import permit as permit
from comity.legal.service.proceedings import open_proceeding as open_proceeding
from comity.legal.service.proceedings import proceeding as proceeding
from comity.legal.service.proceedings import proceedings as proceedings
from comity.legal.service.proceedings import require_reviewed as require_reviewed
from comity.legal.service.proceedings import step_as_dict as step_as_dict
from comity.legal.service.proceedings import steps_of as steps_of
from comity.legal.service.proceedings import summary as summary
from comity.legal.service.registry import clocks_of as clocks_of
from comity.legal.service.registry import deadlines_of as deadlines_of
from comity.legal.service.registry import listed as listed
from comity.legal.service.registry import ringing as ringing
from comity.legal.service.registry import unwatch as unwatch
from comity.legal.service.registry import watch as watch
from comity.legal.service.shipped import SHIPPED_TABLES as SHIPPED_TABLES
from comity.legal.service.shipped import forms as forms
from comity.legal.service.shipped import shipped_file as shipped_file
from comity.legal.service.shipped import vocabulary as vocabulary
from comity.legal.service.signing import LAWYERS as LAWYERS
from comity.legal.service.signing import imported_tables as imported_tables
from comity.legal.service.signing import review as review
from comity.legal.service.signing import sign_set as sign_set
from comity.legal.service.signing import signed_sets as signed_sets
from comity.legal.service.stepping import MOVERS as MOVERS
from comity.legal.service.stepping import By as By
from comity.legal.service.stepping import due_steps as due_steps
from comity.legal.service.stepping import possible as possible
from comity.legal.service.stepping import step_subject as step_subject
from comity.legal.service.stepping import take_step as take_step
from comity.legal.service.tables import rules_hash as rules_hash
from comity.legal.service.tables import tables as tables
from comity.legal.service.tables import told_instrument as told_instrument
from comity.legal.service.timekeeping import escalate as escalate
from comity.legal.service.viewing import findings_of as findings_of
from comity.legal.service.viewing import matter_for as matter_for
