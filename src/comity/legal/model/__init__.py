"""The nouns of the law (`law`): questions, decisions, permits, instruments, dated tables, life cycles."""

from comity.legal.model.law import JUDICIAL_AUTHORISATION as JUDICIAL_AUTHORISATION
from comity.legal.model.law import Clause as Clause
from comity.legal.model.law import Condition as Condition
from comity.legal.model.law import DatedTable as DatedTable
from comity.legal.model.law import Deadline as Deadline
from comity.legal.model.law import Decision as Decision
from comity.legal.model.law import Declaration as Declaration
from comity.legal.model.law import Due as Due
from comity.legal.model.law import Finding as Finding
from comity.legal.model.law import ImportedTable as ImportedTable
from comity.legal.model.law import Instrument as Instrument
from comity.legal.model.law import Lifecycle as Lifecycle
from comity.legal.model.law import Offence as Offence
from comity.legal.model.law import Outcome as Outcome
from comity.legal.model.law import Participation as Participation
from comity.legal.model.law import Permit as Permit
from comity.legal.model.law import Question as Question
from comity.legal.model.law import Result as Result
from comity.legal.model.law import Row as Row
from comity.legal.model.law import Side as Side
from comity.legal.model.law import Tables as Tables
from comity.legal.model.law import Transition as Transition
from comity.legal.model.law import Use as Use
