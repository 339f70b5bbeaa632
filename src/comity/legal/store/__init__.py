"""The SQL of the law, by what it keeps: imported tables, decisions and permits (`law`), reviews and signed sets
(`sets`), proceedings with their steps, running clocks, quotas, agreements with partners. Never commits.
"""

from comity.legal.store import clocks as clocks
from comity.legal.store import proceedings as proceedings
from comity.legal.store import quotas as quotas
from comity.legal.store.agreements import StoredVersion as StoredVersion
from comity.legal.store.agreements import add_signature as add_signature
from comity.legal.store.agreements import add_version as add_version
from comity.legal.store.agreements import binding as binding
from comity.legal.store.agreements import legal_agreement as legal_agreement
from comity.legal.store.agreements import legal_signature as legal_signature
from comity.legal.store.agreements import set_version as set_version
from comity.legal.store.agreements import signatures as signatures
from comity.legal.store.agreements import versions as versions
from comity.legal.store.law import Stored as Stored
from comity.legal.store.law import add_decision as add_decision
from comity.legal.store.law import add_permit as add_permit
from comity.legal.store.law import add_table as add_table
from comity.legal.store.law import decision as decision
from comity.legal.store.law import decisions as decisions
from comity.legal.store.law import imported as imported
from comity.legal.store.law import legal_decision as legal_decision
from comity.legal.store.law import legal_permit as legal_permit
from comity.legal.store.law import legal_table as legal_table
from comity.legal.store.law import made_here as made_here
from comity.legal.store.law import permit_row as permit_row
from comity.legal.store.law import stored_tables as stored_tables
from comity.legal.store.law import use_permit as use_permit
from comity.legal.store.sets import IN_FORCE as IN_FORCE
from comity.legal.store.sets import add_review as add_review
from comity.legal.store.sets import add_set as add_set
from comity.legal.store.sets import find_set as find_set
from comity.legal.store.sets import head as head
from comity.legal.store.sets import knows_set as knows_set
from comity.legal.store.sets import legal_review as legal_review
from comity.legal.store.sets import legal_set as legal_set
from comity.legal.store.sets import misstored as misstored
from comity.legal.store.sets import reviews as reviews
from comity.legal.store.sets import sets as sets
