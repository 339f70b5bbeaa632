"""The SQL of the law, by what it keeps: imported tables, decisions and permits (`law`). Never commits."""

from comity.legal.store.law import add_decision as add_decision
from comity.legal.store.law import add_permit as add_permit
from comity.legal.store.law import add_table as add_table
from comity.legal.store.law import decision as decision
from comity.legal.store.law import decisions as decisions
from comity.legal.store.law import digests as digests
from comity.legal.store.law import imported as imported
from comity.legal.store.law import legal_decision as legal_decision
from comity.legal.store.law import legal_permit as legal_permit
from comity.legal.store.law import legal_table as legal_table
from comity.legal.store.law import permit_row as permit_row
from comity.legal.store.law import table_bytes as table_bytes
from comity.legal.store.law import use_permit as use_permit
